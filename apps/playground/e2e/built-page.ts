import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import type { Page } from '../server/page.ts'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/**
 * The page as one bundle of a development build, in memory: a tab that opens it asks for five files and not for three hundred, and keeps them. Beside it
 * stands `/support.html`, a page of the same origin without a client.
 */
export async function buildPage(): Promise<Page> {
  const output = (await build({
    root: fileURLToPath(new URL('..', import.meta.url)),
    mode: 'development',
    logLevel: 'warn',
    // The panel is empty in a production build.
    define: { 'process.env.NODE_ENV': '"development"' },
    build: {
      write: false,
      minify: true,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ['index.html', 'e2e/support.html'].map((file) => fileURLToPath(new URL(`../${file}`, import.meta.url))),
      },
    },
  })) as Rolldown.RolldownOutput
  const files = new Map(
    output.output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]),
  )
  const find = (path: string) => files.get(path === '/' ? '/index.html' : path) ?? files.get(`/e2e${path}`)
  return {
    serve(_request, response, url) {
      const content = find(url.pathname)
      if (content === undefined) return void response.writeHead(404).end()
      const type = types[url.pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
      response.writeHead(200, {
        'content-type': url.pathname === '/' ? types['html'] : type,
        'cache-control': url.pathname.startsWith('/assets/') ? 'max-age=3600, immutable' : 'no-store',
      })
      response.end(content)
    },
    close: async () => {},
  }
}
