import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Runs `npm start` with these words behind it. Detached, npm leads a process group of its own, as it does in a terminal. */
export function startNpm(env: Record<string, string>, words: readonly string[] = []): ChildProcess {
  const npm = spawn('npm', ['start', '--', ...words], { cwd: root, env: { ...process.env, ...env }, detached: true })
  onTestFinished(() => {
    if (isGroupAlive(npm.pid)) process.kill(-npm.pid!, 'SIGKILL')
  })
  return npm
}

/** All that it says from now on. */
export function collect(child: ChildProcess): { text: string } {
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said.text += String(chunk)))
  return said
}

export function isGroupAlive(leader: number | undefined): boolean {
  try {
    return process.kill(-leader!, 0)
  } catch {
    return false
  }
}

/** Waits until nothing of it is alive, and nobody answers at these addresses. */
export async function expectGone(npm: ChildProcess, addresses: readonly string[]): Promise<void> {
  await expect.poll(() => isGroupAlive(npm.pid), { timeout: 10_000 }).toBe(false)
  for (const address of addresses)
    await expect(fetch(address)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
}
