import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname

/** Installs the third line where it is missing: it does not mix with the second in one install, so it has a lock file of its own. */
export default function install(): void {
  if (existsSync(join(folder, 'node_modules', '@opentelemetry', 'sdk-trace'))) return
  const { status } = spawnSync('npm', ['ci'], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0)
    throw new Error(`The packages of ${folder} could not be installed. Run \`npm ci\` there to see why.`)
}
