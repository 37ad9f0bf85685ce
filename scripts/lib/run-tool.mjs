import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { root } from './root.mjs'
import { runVisibly } from './run-visibly.mjs'

/**
 * Runs a tool of the lock file, or npm, in sight of the user.
 *
 * @param {string} tool
 * @param {string[]} words
 * @param {string} folder where to run it; by default the root
 * @throws {Complaint} when it fails
 */
export function runTool(tool, words, folder = root) {
  const { error, status } = runVisibly(tool, words, { cwd: folder, env: toolEnvironment() })
  if (error) throw error
  if (status !== 0) throw new Complaint(`\`${[tool, ...words].join(' ')}\` failed.`)
}
