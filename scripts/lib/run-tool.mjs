import { spawnSync } from 'node:child_process'
import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { root } from './root.mjs'

/**
 * Runs a tool of the lock file, or npm, in sight of the user.
 *
 * @param {string} tool
 * @param {string[]} words
 * @param {string} folder where to run it; by default the root
 * @throws {Complaint} when it fails
 */
export function runTool(tool, words, folder = root) {
  const line = [tool, ...words].join(' ')
  console.log(`$ ${line}`)
  const { error, status } = spawnSync(tool, words, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: toolEnvironment(),
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) throw new Complaint(`\`${line}\` failed.`)
}
