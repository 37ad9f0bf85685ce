import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** A page's script, with all that it imports, from a file of this folder. */
export async function bundle(file: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
  })
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false })
    return output[0].code
  } finally {
    await build.close()
  }
}
