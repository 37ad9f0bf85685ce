import { fileURLToPath } from 'node:url'

export default {
  // The packages are installed in the folder above.
  turbopack: { root: fileURLToPath(new URL('..', import.meta.url)) },
  // It is built once.
  experimental: { turbopackFileSystemCacheForBuild: false },
}
