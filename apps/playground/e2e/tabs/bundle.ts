import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

export interface BundleOptions {
  readonly minify?: boolean
  /** Makes another version of a module: what it returns for a file's path and source is built in their place. */
  readonly edit?: (path: string, source: string) => string
}

/** A page's script, with all that it imports, from a file of this folder. */
export async function bundle(
  file: string,
  { minify = false, edit = (_, source) => source }: BundleOptions = {},
): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
    plugins: [{ name: 'edit', transform: (source, path) => edit(path, source) }],
  })
  try {
    const { output } = await build.generate({ format: 'esm', minify, codeSplitting: false })
    return output[0].code
  } finally {
    await build.close()
  }
}
