import { describe, expect, test } from 'vitest'
import { ensureDebianPackages } from '../lib/debian-packages.mjs'

describe('ensureDebianPackages', () => {
  test('runs nothing when everything is there', async () => {
    const machine = machineWith({ installed: true })
    expect(await machine.ensure()).toEqual(new Map())
    expect(machine.commands).toEqual([])
  })

  test('refreshes the lists of packages and installs what is missing, all at once, as root', async () => {
    const machine = machineWith({})
    expect(await machine.ensure()).toEqual(new Map())
    expect(machine.commands).toEqual([
      'apt-get update',
      'apt-get install --yes --no-install-recommends chromium firefox-esr',
    ])
  })

  test.each(['chromium', 'firefox-esr'])(
    'runs nothing and names what is missing when AUTHFLIGHT_INSTALL is never: %s',
    async (name) => {
      const machine = machineWith({ env: { AUTHFLIGHT_INSTALL: 'never' } })
      expect((await machine.ensure()).get(name)).toMatch(new RegExp(`${name} is missing.*AUTHFLIGHT_INSTALL=never`))
      expect(machine.commands).toEqual([])
    },
  )

  test.each([
    ['chromium', 'CHROMIUM_PATH'],
    ['firefox-esr', 'FIREFOX_PATH'],
  ])('runs nothing when it is not root, and says where to name what is missing: %s', async (name, variable) => {
    const machine = machineWith({ isRoot: false })
    expect((await machine.ensure()).get(name)).toMatch(new RegExp(`needs root.*${variable}`))
    expect(machine.commands).toEqual([])
  })

  test('installs nothing in place of a program that is named and not there, but what else is missing', async () => {
    const machine = machineWith({ env: { CHROMIUM_PATH: '/nowhere' } })
    const missing = await machine.ensure()
    expect([...missing.keys()]).toEqual(['chromium'])
    expect(missing.get('chromium')).toMatch(/CHROMIUM_PATH names no program/)
    expect(machine.commands.at(-1)).toBe('apt-get install --yes --no-install-recommends firefox-esr')
  })

  test('runs nothing when all that is missing is named and not there', async () => {
    const machine = machineWith({ env: { CHROMIUM_PATH: '/nowhere', FIREFOX_PATH: '/nowhere' } })
    expect((await machine.ensure()).get('firefox-esr')).toMatch(/FIREFOX_PATH names no program/)
    expect(machine.commands).toEqual([])
  })

  test.each(['update', 'install'])('says which step of apt failed: %s', async (step) => {
    const machine = machineWith({ failing: step })
    expect((await machine.ensure()).get('chromium')).toContain(`\`apt-get ${step}\` failed`)
  })

  test('installs one by one where apt does not know them all, and names what it does not know', async () => {
    const machine = machineWith({ failing: 'chromium' })
    expect([...(await machine.ensure()).keys()]).toEqual(['chromium'])
    expect(machine.commands.slice(1).map((command) => command.replace(/.*recommends /, ''))).toEqual([
      'chromium firefox-esr',
      'chromium',
      'firefox-esr',
    ])
  })
})

function machineWith({ env = {}, isRoot = true, installed = false, failing = '' }) {
  const commands: string[] = []
  const present = new Set(installed ? ['chromium', 'firefox-esr'] : [])
  const run = async (command: string, words: string[]) => {
    commands.push([command, ...words].join(' '))
    if (words.includes(failing)) return false
    if (words[0] === 'install') for (const word of words) present.add(word)
    return true
  }
  const find = (name: string) => () => (present.has(name) ? `/usr/bin/${name}` : undefined)
  const wanted = {
    chromium: { purpose: 'a test', variable: 'CHROMIUM_PATH', find: find('chromium') },
    'firefox-esr': { purpose: 'a test', variable: 'FIREFOX_PATH', find: find('firefox-esr') },
  }
  return { commands, ensure: () => ensureDebianPackages({ env, isRoot, run }, wanted) }
}
