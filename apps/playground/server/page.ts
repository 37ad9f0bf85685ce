import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createServer, type ViteDevServer } from 'vite'
import type { Handler } from './http.ts'

export interface Page {
  readonly serve: Handler
  close(): Promise<void>
}

/**
 * The page, served from source by Vite on the app's own server. Vite starts with the first request. `hot`: an open page
 * follows edits of its sources.
 */
export function createPage(server: Server, appUrl: string, hot: boolean): Page {
  let vite: Promise<ViteDevServer> | undefined

  const start = () =>
    createServer({
      root: fileURLToPath(new URL('..', import.meta.url)),
      appType: 'spa',
      logLevel: 'warn',
      clearScreen: false,
      server: {
        middlewareMode: { server },
        allowedHosts: [new URL(appUrl).hostname],
        ...(hot ? { ws: { server } } : { ws: false, hmr: false, watch: null }),
      },
    })

  return {
    async serve(request, response) {
      vite ??= start()
      const { middlewares } = await vite
      middlewares(request, response)
    },
    async close() {
      await (await vite)?.close()
    },
  }
}
