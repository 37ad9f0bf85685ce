import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs the packages of a folder that has a lock file of its own, where they are missing: they do not mix with the others in one install.
 *
 * @param folder its path
 * @param witness the package that shows that all are there
 */
export function installPackages(folder: string, witness: string): void {
  if (existsSync(join(folder, 'node_modules', witness))) return
  const { status } = spawnSync('npm', ['ci'], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0)
    throw new Error(`The packages of ${folder} could not be installed. Run \`npm ci\` there to see why.`)
}
