import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { collect, expectGone, isGroupAlive, startNpm } from './npm-start.ts'

describe.skipIf(process.platform === 'win32')('npm start prints the address to open, and leaves nothing behind', () => {
  test.each([
    ['Ctrl-C in a terminal, which every process gets', 'SIGINT', 'group'],
    ['SIGTERM for npm alone', 'SIGTERM', 'npm'],
    ['the terminal closed', 'SIGHUP', 'group'],
  ] as const)(
    'after %s',
    async (_, signal, receiver) => {
      const npm = startNpm({ PORT: '0' })
      const url = await findUrl(npm)
      const { issuer } = (await (await fetch(`${url}/playground/config`)).json()) as { issuer: string }

      process.kill(receiver === 'group' ? -npm.pid! : npm.pid!, signal)

      await expectGone(npm, [url, issuer])
    },
    30_000,
  )

  test('when the port is in use, which it says', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo

    const npm = startNpm({ PORT: String(port) })
    const said = collect(npm)
    const [code] = (await once(npm, 'close')) as [number]
    other.close()

    expect(code).toBe(1)
    expect(said.text).toContain(`Port ${port} is in use by another program. Stop that program, or choose another`)
    expect(said.text).not.toContain('    at ')
    expect(isGroupAlive(npm.pid)).toBe(false)
  }, 30_000)
})

async function findUrl(npm: ChildProcess): Promise<string> {
  const said = collect(npm)
  const find = () => /http:\/\/localhost:\d+/.exec(said.text)?.[0]
  await expect.poll(find, { timeout: 20_000 }).toBeDefined()
  return find()!
}
