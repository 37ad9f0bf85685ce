import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, preview } from 'vite'
import { inChromium, travelInPage } from './browser-check.mjs'
import { Complaint } from './complaint.mjs'

/** What stands in every build that holds the panel: a class of its first sentence. */
const panel = 'af-headline'

/**
 * Builds the app for production with Vite, holds it to have nothing of the panel that it does not ask for, and travels in its page and in
 * its worker.
 *
 * @param {string} app
 * @param {string} issuer
 * @param {(url: string) => Promise<string>} authorize
 */
export async function checkViteApp(app, issuer, authorize) {
  const outDir = await bundle(app, 'index.html', issuer)
  if (holdsPanel(outDir)) throw new Complaint('A production build that does not ask for the panel has it all the same.')
  if (!holdsPanel(await bundle(app, 'asked.html', issuer))) {
    throw new Complaint(`A build that asks for the panel has no "${panel}": look for it by another name.`)
  }

  const shown = await preview({
    configFile: false,
    root: join(app, 'vite'),
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  })
  const address = shown.httpServer.address()
  const port = typeof address === 'object' ? address?.port : undefined
  try {
    await inChromium(`http://127.0.0.1:${port}/`, async (page) => {
      await travelInPage(page)
      await page.exposeFunction('authorize', authorize)
      const heard = await page.evaluate(() => /** @type {any} */ (globalThis).travelInWorker())
      console.log(`Vite: signed in, refreshed, signed out. In a worker: ${heard}`)
    })
  } finally {
    await shown.close()
  }
}

/**
 * @param {string} app
 * @param {string} page
 * @param {string} issuer
 * @returns {Promise<string>} the folder of what was built
 */
async function bundle(app, page, issuer) {
  const root = join(app, 'vite')
  const outDir = join(root, `built-${page}`)
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NEXT_PUBLIC_ISSUER': JSON.stringify(issuer) },
    build: { outDir, rolldownOptions: { input: join(root, page) } },
    worker: { format: 'es' },
  })
  return outDir
}

/** @param {string} folder */
const holdsPanel = (folder) =>
  globSync('**/*.js', { cwd: folder }).some((name) => readFileSync(join(folder, name), 'utf8').includes(panel))
