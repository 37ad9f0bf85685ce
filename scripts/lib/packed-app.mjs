import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'
import { runTool } from './run-tool.mjs'
import { readPackages } from './workspaces.mjs'

/** What the packages run on: the oldest Node that they promise, other runtimes (Node 24 is that of the lock file), a framework. */
const runtimes = ['node@20.20.2', 'node22@npm:node@22.23.3', 'bun@1.4.5', 'deno@2.9.6', 'next@16.4.6']
/** What an app brings along, in the versions of the lock file. */
const companions = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace-base',
  '@types/node',
  '@types/react',
  '@types/react-dom',
  'ioredis',
  'msw',
  'react',
  'react-dom',
]
const allowScripts = { node: true, node22: true, bun: true, deno: true, msw: false, sharp: false }

/**
 * Packs every package as it would be published.
 *
 * @param {string} folder where the tarballs go
 * @returns {Promise<string[]>} their paths
 */
export async function packAll(folder) {
  await runTool('npm', [
    'pack',
    '--silent',
    '--pack-destination',
    folder,
    ...readPackages().map((found) => found.folder),
  ])
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name))
}

/**
 * Makes an app of the packed packages, what they need and what they run on, with the code of `scripts/consumer`.
 *
 * @param {string} app an empty folder
 * @param {string[]} tarballs
 */
export async function installApp(app, tarballs) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const pinned = companions.map((name) => `${name}@${lock.packages[`node_modules/${name}`].version}`)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module', allowScripts }))
  const wanted = [...runtimes, ...pinned, ...tarballs]
  await runTool('npm', ['install', '--prefix', app, '--no-audit', '--no-fund', '--prefer-offline', ...wanted], app)
  cpSync(join(root, 'scripts', 'consumer'), app, { recursive: true })
}
