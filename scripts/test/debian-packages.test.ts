import { describe, expect, test } from 'vitest'
import { ensureDebianPackages } from '../lib/debian-packages.mjs'

describe('ensureDebianPackages', () => {
  test('runs nothing when everything is there', () => {
    const machine = machineWith({ installed: true })
    expect(machine.ensure()).toEqual(new Map())
    expect(machine.commands).toEqual([])
  })

  test('refreshes the lists of packages and installs what is missing, as root', () => {
    const machine = machineWith({})
    expect(machine.ensure()).toEqual(new Map())
    expect(machine.commands).toEqual(['apt-get update', 'apt-get install --yes --no-install-recommends chromium'])
  })

  test('runs nothing and names what is missing when AUTHFLIGHT_INSTALL is never', () => {
    const machine = machineWith({ env: { AUTHFLIGHT_INSTALL: 'never' } })
    expect(machine.ensure().get('chromium')).toMatch(/chromium is missing.*AUTHFLIGHT_INSTALL=never/)
    expect(machine.commands).toEqual([])
  })

  test('runs nothing and names what is missing when it is not root', () => {
    const machine = machineWith({ isRoot: false })
    expect(machine.ensure().get('chromium')).toMatch(/needs root/)
    expect(machine.commands).toEqual([])
  })

  test('runs nothing for a CHROMIUM_PATH that leads nowhere', () => {
    const machine = machineWith({ env: { CHROMIUM_PATH: '/nowhere' } })
    expect(machine.ensure().get('chromium')).toMatch(/CHROMIUM_PATH names no program/)
    expect(machine.commands).toEqual([])
  })

  test.each(['update', 'install'])('says which step of apt failed: %s', (step) => {
    const machine = machineWith({ failing: step })
    expect(machine.ensure().get('chromium')).toContain(`\`apt-get ${step}\` failed`)
  })
})

function machineWith({ env = {}, isRoot = true, installed = false, failing = '' }) {
  const commands: string[] = []
  let present = installed
  const run = (command: string, words: string[]) => {
    commands.push([command, ...words].join(' '))
    if (words[0] === failing) return false
    if (words[0] === 'install') present = true
    return true
  }
  const wanted = { chromium: { purpose: 'a test', find: () => (present ? '/usr/bin/chromium' : undefined) } }
  return { commands, ensure: () => ensureDebianPackages(wanted, { env, isRoot, run }) }
}
