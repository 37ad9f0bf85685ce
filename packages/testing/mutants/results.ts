import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Mutant } from './mutant.ts'
import type { Result, Verdict } from './report.ts'

/**
 * What came of each mutant, kept with the code: an id is of the line that is changed, so that one stands as long as its line does. A long run
 * can be played in pieces: each adds to what is known, and whoever plays one again begins with the test that has caught it. Who wants to begin
 * afresh deletes it.
 */
const address = new URL('results.json', import.meta.url)

type Known = Record<string, Verdict>

const read = (): Known => (existsSync(address) ? (JSON.parse(readFileSync(address, 'utf8')) as Known) : {})

function write(known: Known): void {
  const sorted = Object.fromEntries(Object.entries(known).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  // In one step, so that nobody reads half of it.
  const draft = new URL(`results.json.${process.pid}`, address)
  writeFileSync(draft, `${JSON.stringify(sorted, null, 2)}\n`)
  renameSync(draft, address)
}

/** What is known of these mutants from this run and those before it. */
export function readResults(mutants: readonly Mutant[]): Result[] {
  const known = read()
  return mutants.map((mutant) => ({ mutant, verdict: known[mutant.id] ?? { kind: 'unsettled' } }))
}

/** Who has let one pass that others catch does not make that unknown. */
export function noteResult({ mutant, verdict }: Result): void {
  if (verdict.kind !== 'unsettled') write({ ...read(), [mutant.id]: verdict })
}

/** Forgets what came of any but these: their lines are others now. */
export function keepOnly(mutants: readonly Mutant[]): void {
  const ids = new Set(mutants.map(({ id }) => id))
  write(Object.fromEntries(Object.entries(read()).filter(([id]) => ids.has(id))))
}
