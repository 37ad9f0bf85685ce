import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { inChromium, travelInPage } from './browser-check.mjs'
import { Complaint } from './complaint.mjs'
import { toolEnvironment } from './node-packages.mjs'
import { root } from './root.mjs'

/**
 * Builds the app with Next.js, serves it, and travels in its page, which the server has rendered with the provider in it. Its `instrumentation.ts` is
 * the one that the README of @authflight/telemetry shows: what Next.js tells of the last request before its end must arrive.
 *
 * @param {string} app
 * @param {string} issuer
 */
export async function checkNextApp(app, issuer) {
  const example = join(root, 'packages', 'telemetry', 'examples', 'instrumentation.ts')
  copyFileSync(example, join(app, 'next', 'instrumentation.ts'))
  const receiver = await startReceiver()
  try {
    await buildAndVisit(app, issuer, receiver)
  } finally {
    await receiver.stop()
  }
}

/**
 * @param {string} app
 * @param {string} issuer
 * @param {Awaited<ReturnType<typeof startReceiver>>} receiver
 */
async function buildAndVisit(app, issuer, receiver) {
  const next = (/** @type {string[]} */ ...words) =>
    spawn('node', [join(app, 'node_modules', 'next', 'dist', 'bin', 'next'), ...words], {
      cwd: join(app, 'next'),
      env: {
        ...toolEnvironment(),
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        NEXT_MANUAL_SIG_HANDLE: 'true',
        NEXT_PUBLIC_ISSUER: issuer,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      },
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
    receiver.told.clear()
    await fetch(url)
    served.kill()
    await ended
    if (!receiver.told.has('shop: GET /')) {
      throw new Complaint(`The last request to Next.js has no span; what has: ${[...receiver.told].join(', ')}.`)
    }
    console.log('Next.js: its instrumentation.ts has sent the span of the last request.')
  } finally {
    served.kill()
    await ended
  }
}

/**
 * @typedef {{ resource: { attributes: { key: string, value: { stringValue?: string } }[] }, scopeSpans: { spans: { name: string }[] }[] }} OfResource
 *
 * Takes what is exported to it as JSON. `told`: the spans so far, each as its service and its name.
 */
async function startReceiver() {
  const told = /** @type {Set<string>} */ (new Set())
  /** @param {{ resourceSpans?: OfResource[] }} body */
  const take = ({ resourceSpans = [] }) => {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue
      for (const { name } of scopeSpans.flatMap(({ spans }) => spans)) told.add(`${service}: ${name}`)
    }
  }
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      take(/** @type {{ resourceSpans?: OfResource[] }} */ (body))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
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
