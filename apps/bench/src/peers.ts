import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { satisfiesLock } from '../../../scripts/lib/node-packages.mjs'
import { runTool } from '../../../scripts/lib/run-tool.mjs'
import { home } from './clients/load.ts'

const folder = fileURLToPath(new URL('peers/', home))

/**
 * Installs the peers where they are missing or are not what their lock file asks for. They have one of their own, so that nobody
 * who works on the packages needs them.
 *
 * @throws {Complaint} where npm cannot; it says why above.
 */
export function ensurePeers(): void {
  const installed = `${folder}node_modules/.package-lock.json`
  if (existsSync(installed) && satisfiesLock(readJson(`${folder}package-lock.json`), readJson(installed))) return
  console.log('Installing the peers, in apps/bench/peers:')
  // Under the Node of the lock file: an older one is refused, in silence, some of the versions that are measured here.
  runTool('npm', ['ci', '--no-fund', '--no-audit'], folder)
}

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof satisfiesLock>[0]
