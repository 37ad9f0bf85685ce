import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { onTestFinished } from 'vitest'
import { createServer, defaultClientConditions, type ViteDevServer } from 'vite'

const root = fileURLToPath(new URL('hot-app', import.meta.url))

export interface HotServer {
  readonly url: string
  /** Sends a file's next version, as if it had been saved. The file itself stays as it is. */
  save(file: string): { readonly version: string }
}

/** A real Vite development server with hot updates. Gone when the test ends. */
export async function startHotServer(): Promise<HotServer> {
  const versions = new Map<string, number>()
  const listener = createHttpServer()
  const server: ViteDevServer = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    cacheDir: fileURLToPath(new URL('../node_modules/.vite-hot', import.meta.url)),
    plugins: [
      {
        name: 'edited-files',
        enforce: 'pre',
        transform: {
          filter: { id: /\.tsx$/ },
          handler: (code, id) => edit(code, versions.get(id) ?? 0),
        },
      },
      react(),
    ],
    resolve: { conditions: ['@authflight/source', ...defaultClientConditions] },
    server: {
      middlewareMode: true,
      hmr: { server: listener },
      fs: { allow: [fileURLToPath(new URL('../../..', import.meta.url))] },
    },
  })
  listener.on('request', server.middlewares)
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    await server.close()
    listener.closeAllConnections()
    listener.close()
  })
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`,
    save(file) {
      const path = `${root}/${file}`
      const version = (versions.get(path) ?? 0) + 1
      versions.set(path, version)
      server.watcher.emit('change', path)
      return { version: `version-${version}` }
    },
  }
}

/** Another text; and in every fifth version another list of hooks, for which React mounts the component anew. */
function edit(code: string, version: number): string {
  const edited = code.replace('version-0', `version-${version}`)
  return version % 5 === 4
    ? edited.replace(/(\nexport function App.*\n)/, "\nimport { useState } from 'react'\n$1  useState(0)\n")
    : edited
}
