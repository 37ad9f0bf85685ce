import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Coverage,
  emptyCells,
  type Exploration,
  type Failure,
  reachableCells,
  unreachable,
} from '../src/explorer/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export function tellRuns({ runs, seed, decisions, failure }: Exploration, seconds: number): void {
  const sorted = decisions.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const pace = Math.round(runs / seconds).toLocaleString('en')
  console.log(
    `${runs.toLocaleString('en')} schedules of seed ${seed} in ${seconds.toFixed(1)} s (${pace} a second), ${median} decisions in the median: ` +
      (failure ? 'a promise was broken' : 'no promise was broken'),
  )
}

/** False where cells that can be filled are empty and that was asked about. */
export function tellCoverage(coverage: Coverage, isAsked: boolean): boolean {
  const all = reachableCells()
  const empty = emptyCells(coverage)
  console.log(`${all.length - empty.length} of ${all.length} cells covered`)
  if (!isAsked) return true
  for (const kind of ['overlap', 'answer', 'crash']) {
    const of = (cells: readonly string[]): number => cells.filter((cell) => cell.startsWith(`${kind}:`)).length
    console.log(`  ${kind.padEnd(8)} ${of(all) - of(empty)} of ${of(all)}`)
  }
  console.log('No schedule can fill:')
  for (const { cells, because } of unreachable) console.log(`  ${cells}: ${because}`)
  if (empty.length > 0) console.log(`Empty, and to be filled by more schedules:\n  ${empty.join('\n  ')}`)
  return empty.length === 0
}

/** Prints what broke and how to see it again, and writes its records where the playground finds them. */
export function tellFailure({ seed, path, violations, timeline, records }: Failure, isToOpen: boolean): void {
  const folder = join(root, 'test-results')
  const file = join(folder, `explorer-${seed}.json`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify({ v: 1, records }))
  console.log(`\n${timeline}\n`)
  for (const { promise, invariant, what } of violations) console.log(`Promise ${promise}, ${invariant}:\n  ${what}`)
  console.log(`\nReplay:  npm run explore -- --seed ${seed} --path ${path}`)
  console.log(`Records: ${relative(root, file)}`)
  // As the playground's page is given files of the repository.
  if (isToOpen) console.log(`Panel:   npm start, then open /?recording=${encodeURIComponent(`/@fs${file}`)}`)
}
