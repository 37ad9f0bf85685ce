import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'

/**
 * Runs a program and hands on all that it says, as it says it. It gets no input.
 *
 * @param {string} program
 * @param {string[]} words
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, say: (chunk: Buffer) => void, priority?: number }} options `priority`: as `os.setPriority` takes
 *   it; by default that of this process
 * @returns {Promise<number | NodeJS.Signals>} its exit code, or the signal that ended it
 * @throws {Error} when there is no such program
 */
export async function runAloud(program, words, { cwd, env = process.env, say, priority }) {
  const child = spawn(program, words, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', say)
  if (priority !== undefined && child.pid !== undefined) setPriority(child.pid, priority)
  const [code, signal] = await once(child, 'close')
  return signal ?? code
}
