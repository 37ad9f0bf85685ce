import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const started: ChildProcess[] = []

afterEach(() => {
  for (const { pid } of started.splice(0)) if (isGroupAlive(pid)) process.kill(-pid!, 'SIGKILL')
})

describe.skipIf(process.platform === 'win32')('npm start prints the address to open, and leaves nothing behind', () => {
  test.each([
    ['Ctrl-C in a terminal, which every process gets', 'SIGINT', 'group'],
    ['SIGTERM for npm alone', 'SIGTERM', 'npm'],
    ['the terminal closed', 'SIGHUP', 'group'],
  ] as const)(
    'after %s',
    async (_, signal, receiver) => {
      const npm = start({ PORT: '0' })
      const url = await findUrl(npm)
      const { issuer } = (await (await fetch(`${url}/playground/config`)).json()) as { issuer: string }

      process.kill(receiver === 'group' ? -npm.pid! : npm.pid!, signal)

      await expect.poll(() => isGroupAlive(npm.pid), { timeout: 10_000 }).toBe(false)
      await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
      await expect(fetch(issuer)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    },
    30_000,
  )

  test('when the port is in use, which it says', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo

    const npm = start({ PORT: String(port) })
    const said = collect(npm)
    const [code] = (await once(npm, 'close')) as [number]
    other.close()

    expect(code).toBe(1)
    expect(said.text).toContain(`Port ${port} is in use by another program. Stop that program, or choose another`)
    expect(said.text).not.toContain('    at ')
    expect(isGroupAlive(npm.pid)).toBe(false)
  }, 30_000)
})

/** Detached, npm leads a process group of its own, as it does in a terminal. */
function start(env: Record<string, string>): ChildProcess {
  const npm = spawn('npm', ['start'], { cwd: root, env: { ...process.env, ...env }, detached: true })
  started.push(npm)
  return npm
}

function collect(child: ChildProcess): { text: string } {
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said.text += String(chunk)))
  return said
}

async function findUrl(npm: ChildProcess): Promise<string> {
  const said = collect(npm)
  const find = () => /http:\/\/localhost:\d+/.exec(said.text)?.[0]
  await expect.poll(find, { timeout: 20_000 }).toBeDefined()
  return find()!
}

function isGroupAlive(leader: number | undefined): boolean {
  try {
    return process.kill(-leader!, 0)
  } catch {
    return false
  }
}
