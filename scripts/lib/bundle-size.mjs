import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { root } from './root.mjs'

const entry = `${root}/entry.js`

/**
 * Bundles and minifies a module as an app for browsers would, and measures it gzipped, with all that it loads later. What an
 * app has already does not count: the OpenTelemetry API and React.
 *
 * @param {string} code the text of the module; it imports as if it stood in the root of the repository
 * @param {(text: string) => string} [rewrite] what to do with each file's text before it is measured
 * @returns {Promise<number>} kB, of 1,000 bytes
 * @throws when an import cannot be resolved: what is missing must not pass for small
 */
export async function measureBundle(code, rewrite) {
  return weigh(await bundle(code), rewrite)
}

/**
 * The same without what is loaded later, by `import()`: what is there when it opens.
 *
 * @param {string} code
 * @returns {Promise<number>} kB, of 1,000 bytes
 */
export async function measureOpened(code) {
  const files = new Map((await bundle(code)).map((file) => [file.fileName, file]))
  const opened = new Set([...files.values()].filter((file) => file.type === 'chunk' && file.isEntry))
  // A set that grows while it is walked: what the entry imports, what that imports, and so on.
  for (const file of opened) {
    for (const name of file.type === 'chunk' ? file.imports : []) {
      const imported = files.get(name)
      if (imported) opened.add(imported)
    }
  }
  return weigh([...opened])
}

/**
 * @param {(import('rolldown').OutputChunk | import('rolldown').OutputAsset)[]} files
 * @param {(text: string) => string} [rewrite]
 */
function weigh(files, rewrite = (text) => text) {
  const weights = files.map((file) => gzipSync(file.type === 'chunk' ? rewrite(file.code) : file.source).length)
  return weights.reduce((sum, weight) => sum + weight, 0) / 1000
}

/** @param {string} code */
async function bundle(code) {
  const made = await rolldown({
    input: entry,
    platform: 'browser',
    external: [/^@opentelemetry\/api$/, /^react($|\/)/, /^react-dom($|\/)/],
    // An app's bundler puts this word in.
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
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
    // Annotations are for who bundles a library. What an app's build gives to browsers, Vite's for one, has none.
    const { output } = await made.generate({ format: 'esm', minify: true, comments: { annotation: false } })
    return output
  } finally {
    await made.close()
  }
}
