import { fileURLToPath } from 'node:url'
import type { AuthServer } from '@authflight/testing'
import { type Served, serve } from '@authflight/testing/node'
import { rolldown } from 'rolldown'
import type { Client } from '../clients/clients.ts'
import { home } from '../clients/load.ts'
import { answerIn } from '../server.ts'

/**
 * Serves a page with one client in it, and the authorization server, on one origin: no client then pays for the questions that
 * a browser asks before it sends a request to another.
 */
export async function serveSite(server: AuthServer, client: Client): Promise<Served> {
  const script = await bundlePage(client, server.users[0]?.email ?? '')
  const page = `<!doctype html><meta charset="utf-8"><title>${client.name}</title><script type="module" src="/page.js"></script>`
  const files = new Map([
    ['/', () => new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })],
    ['/page.js', () => new Response(script, { headers: { 'content-type': 'text/javascript; charset=utf-8' } })],
    ['/favicon.ico', () => new Response(null, { status: 204 })],
  ])
  return serve({
    ...server,
    handle: async (request) => files.get(new URL(request.url).pathname)?.() ?? answerIn(server, request),
  })
}

async function bundlePage(client: Client, email: string): Promise<string> {
  const entry = fileURLToPath(new URL('page-entry.js', home))
  const words = [email, client.options].map((value) => JSON.stringify(value)).join(', ')
  const code = `
    import { create } from './${client.module}'
    import { startTab } from './src/tabs/page.ts'
    await startTab(create, ${words})`
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    resolve: { conditionNames: ['production', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false })
    return output[0].code
  } finally {
    await bundle.close()
  }
}
