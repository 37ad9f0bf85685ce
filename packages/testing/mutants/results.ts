import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import type { Result } from './report.ts'

/** A long run can be played in pieces: each adds to what is known. Who wants to begin afresh deletes it. */
const address = new URL('../../../test-results/mutants.json', import.meta.url)

/** What is known of these mutants from this run and those before it. */
export function readResults(mutants: readonly Mutant[]): Result[] {
  if (!existsSync(address)) return []
  const known = JSON.parse(readFileSync(address, 'utf8')) as { readonly [id: string]: Result['caught'] }
  return mutants.flatMap((mutant) => {
    const caught = known[mutant.id]
    return caught === undefined ? [] : [{ mutant, caught }]
  })
}

export function writeResults(results: readonly Result[]): void {
  mkdirSync(fileURLToPath(new URL('.', address)), { recursive: true })
  const known = Object.fromEntries(results.map(({ mutant, caught }) => [mutant.id, caught]))
  writeFileSync(address, `${JSON.stringify(known, null, 2)}\n`)
}
