import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { inChromium, travelInPage } from './browser-check.mjs'
import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'

/**
 * Builds the app with Next.js, serves it, and travels in its page, which the server has rendered with the provider in it.
 *
 * @param {string} app
 * @param {string} issuer
 */
export async function checkNextApp(app, issuer) {
  const next = (/** @type {string[]} */ ...words) =>
    spawn('node', [join(app, 'node_modules', 'next', 'dist', 'bin', 'next'), ...words], {
      cwd: join(app, 'next'),
      env: { ...toolEnvironment(), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NEXT_PUBLIC_ISSUER: issuer },
      stdio: ['ignore', 'pipe', 'inherit'],
    })

  const built = next('build')
  built.stdout.pipe(process.stdout)
  const [code] = await once(built, 'close')
  if (code !== 0) throw new Complaint('`next build` failed.')

  const served = next('start', '--hostname', '127.0.0.1', '--port', '0')
  const ended = once(served, 'close')
  try {
    const url = await readAddress(served.stdout)
    const html = await (await fetch(url)).text()
    if (!html.includes('A moment') || html.includes('Sign in')) {
      throw new Complaint('The server of Next.js renders something else than the provider that is restoring.')
    }
    await inChromium(url, travelInPage)
    console.log('Next.js: rendered, hydrated, signed in, refreshed, signed out.')
  } finally {
    served.kill()
    await ended
  }
}

/**
 * @param {import('node:stream').Readable} output of `next start`
 * @returns {Promise<string>} where it listens
 */
async function readAddress(output) {
  let said = ''
  // It goes on speaking, so the stream must stay.
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    said += chunk
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? []
    if (url) return url
  }
  throw new Complaint(`\`next start\` ended before it listened:\n${said}`)
}
