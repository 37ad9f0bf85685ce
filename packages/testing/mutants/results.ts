import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import type { Result, Verdict } from './report.ts'

/** A long run can be played in pieces, also at the same time: each adds to what is known. Who wants to begin afresh deletes it. */
const address = new URL('../../../test-results/mutants.json', import.meta.url)

type Known = Record<string, Verdict>

const read = (): Known => (existsSync(address) ? (JSON.parse(readFileSync(address, 'utf8')) as Known) : {})

/** What is known of these mutants from this run and those before it. */
export function readResults(mutants: readonly Mutant[]): Result[] {
  const known = read()
  return mutants.map((mutant) => ({ mutant, verdict: known[mutant.id] ?? { kind: 'unsettled' } }))
}

export function noteResult({ mutant, verdict }: Result): void {
  mkdirSync(fileURLToPath(new URL('.', address)), { recursive: true })
  // In one step, so that nobody reads half of it.
  const draft = new URL(`mutants.json.${process.pid}`, address)
  writeFileSync(draft, `${JSON.stringify({ ...read(), [mutant.id]: verdict }, null, 2)}\n`)
  renameSync(draft, address)
}
