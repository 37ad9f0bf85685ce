import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Runs a program and hands on all that it says, as it says it. It gets no input.
 *
 * @param {string} program
 * @param {string[]} words
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, say: (chunk: Buffer) => void }} options
 * @returns {Promise<number | NodeJS.Signals>} its exit code, or the signal that ended it
 * @throws {Error} when there is no such program
 */
export async function runAloud(program, words, { cwd, env = process.env, say }) {
  const child = spawn(program, words, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', say)
  const [code, signal] = await once(child, 'close')
  return signal ?? code
}
