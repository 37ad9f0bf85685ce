import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

export interface BundleOptions {
  readonly minify?: boolean
  /** Makes another version of a module: what it returns for a file's path and source is built in their place. */
  readonly edit?: (path: string, source: string) => string
}

const plain: BundleOptions = {}
const built = new Map<BundleOptions, Map<string, Promise<string>>>()

/** A page's script, with all that it imports, from a file of this folder. Built once for all tests with the same options. */
export function bundle(file: string, options = plain): Promise<string> {
  const files = built.get(options) ?? new Map<string, Promise<string>>()
  built.set(options, files)
  const code = files.get(file) ?? build(file, options)
  files.set(file, code)
  return code
}

async function build(file: string, { minify = false, edit = (_, source) => source }: BundleOptions): Promise<string> {
  const script = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
    plugins: [{ name: 'edit', transform: (source, path) => edit(path, source) }],
  })
  try {
    const { output } = await script.generate({ format: 'esm', minify, codeSplitting: false })
    return output[0].code
  } finally {
    await script.close()
  }
}
