import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createServer, type ViteDevServer } from 'vite'

/** The page, served from source by Vite as part of the app's own server. */
export function createPage(server: Server, appUrl: string): Promise<ViteDevServer> {
  return createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    appType: 'spa',
    logLevel: 'warn',
    clearScreen: false,
    server: {
      middlewareMode: { server },
      ws: { server },
      allowedHosts: [new URL(appUrl).hostname],
    },
  })
}
