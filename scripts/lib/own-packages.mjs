import { isInstalled } from './node-packages.mjs'
import { runTool } from './run-tool.mjs'

/**
 * Installs the packages of a folder that has a lock file of its own, because they do not mix with the others in one install or
 * few need them, when they are missing or are not what that lock file asks for.
 *
 * @param {string} folder its path
 * @throws {import('./complaint.mjs').Complaint} when npm cannot; it says why above
 */
export async function ensureOwnPackages(folder) {
  if (isInstalled(folder)) return
  console.log(`Installing the packages of ${folder}:`)
  // Under the Node of the lock file: an older one is refused, in silence, some of the versions.
  await runTool('npm', ['ci', '--no-fund', '--no-audit'], folder)
}
