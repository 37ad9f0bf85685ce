import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { root } from './root.mjs'

/**
 * Runs a tool of the lock file, or npm. Its command line and all that it says are shown when it is done, so that tools side by side do not
 * talk into each other.
 *
 * @param {string} tool
 * @param {string[]} words
 * @param {string} folder where to run it; by default the root
 * @throws {Complaint} when it fails
 */
export async function runTool(tool, words, folder = root) {
  const line = [tool, ...words].join(' ')
  const child = spawn(tool, words, {
    cwd: folder,
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  /** @type {Buffer[]} */
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void said.push(chunk))
  const [code, signal] = await once(child, 'close')
  console.log(`$ ${line}\n${Buffer.concat(said).toString().trimEnd()}`)
  if (code !== 0) throw new Complaint(`\`${line}\` failed: it ended with ${signal ?? code}.`)
}
