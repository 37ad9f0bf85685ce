import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { root } from './root.mjs'

const entry = `${root}/entry.js`

/**
 * Bundles and minifies a module as an app for browsers would, and measures it gzipped. What an app has already does
 * not count: the OpenTelemetry API and React.
 *
 * @param {string} code the text of the module; it imports as if it stood in the root of the repository
 * @returns {Promise<number>} kB, of 1,000 bytes
 * @throws when an import cannot be resolved: what is missing must not pass for small
 */
export async function measureBundle(code) {
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    external: [/^@opentelemetry\/api$/, /^react($|\/)/, /^react-dom($|\/)/],
    resolve: { conditionNames: ['production', 'browser', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
    onLog(_level, { code: problem, message }) {
      if (problem === 'UNRESOLVED_IMPORT') throw new Error(message)
    },
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    return (
      output.reduce((sum, file) => sum + gzipSync(file.type === 'chunk' ? file.code : file.source).length, 0) / 1000
    )
  } finally {
    await bundle.close()
  }
}
