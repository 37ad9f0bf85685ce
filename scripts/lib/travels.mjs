import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Complaint } from './complaint.mjs'
import { checkNextApp } from './next-app.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { listRuntimes } from './runtimes.mjs'
import { checkViteApp } from './vite-app.mjs'

/**
 * Signs in, refreshes and signs out against the packed authorization server, wherever the packages promise to run.
 *
 * @param {string} app with the packages installed
 * @throws {Complaint} that says where it did not work
 */
export async function travelEverywhere(app) {
  /** @param {string} entry */
  const load = (entry) => import(pathToFileURL(join(app, 'node_modules', '@authflight', 'testing', 'dist', entry)).href)
  const { createAuthServer } = await load('index.js')
  const { serve } = await load('node.js')
  const server = createAuthServer()
  const { url, close } = await serve(server)

  /**
   * @param {string} where
   * @param {number} expected token requests that refresh
   * @param {() => Promise<void>} travel
   */
  async function check(where, expected, travel) {
    const begun = performance.now()
    server.reset()
    await travel()
    const refreshes = server.count('refresh_token')
    if (refreshes !== expected) throw new Complaint(`${where}: ${refreshes} refreshes instead of ${expected}.`)
    if (server.liveSessions.length > 0) throw new Complaint(`${where}: the server still has the session.`)
    console.log(`${where}: ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  }

  try {
    for (const [name, program, ...words] of listRuntimes(app)) {
      await check(name, 1, () => run(program, [...words, 'on-a-runtime.mjs', url], app))
    }
    await check('Vite', 2, () => checkViteApp(app, url, (address) => server.authorize(address)))
    await check('Next.js', 1, () => checkNextApp(app, url))
  } finally {
    await close()
  }
}

/**
 * @param {string} program
 * @param {string[]} words
 * @param {string} cwd
 */
async function run(program, words, cwd) {
  const child = spawn(program, words, { cwd, env: toolEnvironment(), stdio: 'inherit', timeout: 60_000 })
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Complaint(`\`${[program, ...words].join(' ')}\` ended with ${signal ?? code}.`)
}
