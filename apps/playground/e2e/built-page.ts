import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'
import type { Page } from '../server/page.ts'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/** React as it is shipped: its development build notes where each element was made, which is a third of what a tab takes from a small machine. */
const shippedReact: Plugin = {
  name: 'shipped-react',
  enforce: 'pre',
  config: () => ({ oxc: { jsx: { development: false } } }),
  transform: {
    filter: { id: /node_modules\/(?:react|react-dom|scheduler)\// },
    handler: (code) => code.replaceAll('process.env.NODE_ENV', '"production"'),
  },
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
    plugins: [shippedReact],
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
