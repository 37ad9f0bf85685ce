import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { listCodeBlocks } from '../../../../scripts/lib/code-blocks.mjs'

const root = new URL('../../../../', import.meta.url)
const src = new URL('../../src/', import.meta.url).pathname

/** A page of this repository. */
export const readPage = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')

/** The first block of TypeScript that a page shows. */
export async function firstBlock(path: string): Promise<string> {
  const [first] = listCodeBlocks(await readPage(path))
  expect(first).toBeDefined()
  return first?.code ?? ''
}

/** Runs what a page shows, as a module of its own over the sources, and gives what that exports. */
export async function runCode(code: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'authflight-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'page.ts')
  const overSources = swap(code, [
    [/(?<=from )'@authflight\/client'/, `'${src}index.ts'`],
    [/(?<=from )'@authflight\/client\/oauth'/, `'${src}providers/oauth.ts'`],
  ])
  await writeFile(file, overSources)
  return import(file)
}

/** Puts others in the place of these; each of them must be there. */
export function swap(code: string, pairs: readonly [RegExp, string][]): string {
  for (const [from] of pairs) expect(code).toMatch(from)
  return pairs.reduce((text, [from, to]) => text.replace(from, to), code)
}
