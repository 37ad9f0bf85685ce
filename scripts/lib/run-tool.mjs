import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { root } from './root.mjs'
import { runAloud } from './run-aloud.mjs'

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
  /** @type {Buffer[]} */
  const said = []
  const end = await runAloud(tool, words, {
    cwd: folder,
    env: toolEnvironment(),
    say: (chunk) => void said.push(chunk),
  })
  console.log(`$ ${line}\n${Buffer.concat(said).toString().trimEnd()}`)
  if (end !== 0) throw new Complaint(`\`${line}\` failed: it ended with ${end}.`)
}
