// `npm run explore:mutants`: puts mistakes into the client and the server, one at a time, and tells which ones neither the explorer nor a test notices.
import { parseArgs } from 'node:util'
import { allMutants } from './catalogue.ts'
import { equivalent } from './equivalent.ts'
import { explore } from './explorer.ts'
import type { Mutant } from './mutant.ts'
import { keepOnly, noteResult, readResults } from './results.ts'
import { complain, drawScore, drawTable, tell, type Verdict } from './report.ts'
import { placeOf } from './sources.ts'
import { openUnitTests } from './unit-tests.ts'

const { values } = parseArgs({
  options: {
    file: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    tests: { type: 'string', multiple: true, default: [] },
    unsettled: { type: 'boolean', default: false },
    limit: { type: 'string', default: 'Infinity' },
    by: { type: 'string', multiple: true, default: ['explorer', 'tests'] },
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '2026' },
    workers: { type: 'string', default: '1' },
  },
})
const [runs, seed, workers] = [Number(values.runs), Number(values.seed), Number(values.workers)]
const limit = Number(values.limit)
if (![runs, seed, workers].every((number) => Number.isInteger(number)) || !(limit > 0)) {
  console.error(
    '--runs, --seed, --workers and --limit take whole numbers, for example: npm run explore:mutants -- --workers 2',
  )
  process.exit(2)
}

const mutants = allMutants()
/** How each was caught that has been. */
const caught = new Map(
  readResults(mutants).flatMap(({ mutant, verdict }) => (verdict.kind === 'caught' ? [[mutant.id, verdict.how]] : [])),
)
const chosen = mutants
  .filter(({ id, file }) => (values.only?.includes(id) ?? true) && (values.file?.includes(file) ?? true))
  .filter(({ id }) => !values.unsettled || !caught.has(id))
  .slice(0, limit)
if (chosen.length === 0) {
  console.error('No mutant is called so. Leave out --only, --file and --unsettled to play them all.')
  process.exit(2)
}

keepOnly(mutants)

/** Who has passed all that there is has survived; after less it is not settled. */
const passed: Verdict = {
  kind:
    values.by.includes('explorer') && values.by.includes('tests') && values.tests.length === 0
      ? 'survived'
      : 'unsettled',
}

/** One lane: what nobody has caught, the next one may. */
function openLane() {
  const unitTests = openUnitTests(values.tests)
  return {
    async play(mutant: Mutant | null): Promise<Verdict> {
      // It plays clients in pages.
      const isPlayed = values.by.includes('explorer') && (!mutant || placeOf(mutant.file).in === 'client')
      const broken = isPlayed ? await explore({ mutant, runs, seed }) : null
      if (broken !== null) return { kind: 'caught', by: 'explorer', how: broken }
      const failed = values.by.includes('tests')
        ? await unitTests.run(mutant, caught.get(mutant?.id ?? '') ?? null)
        : null
      return failed === null ? passed : { kind: 'caught', by: 'unit tests', how: failed }
    },
    close: unitTests.close,
  }
}

const queue = [...chosen]
let done = 0

async function work(): Promise<void> {
  const lane = openLane()
  try {
    const fault = await lane.play(null)
    if (fault.kind === 'caught')
      throw new Error(`Without any mutant there is a fault, found by ${fault.by}: ${fault.how}. Mend that first.`)
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const result = { mutant, verdict: await lane.play(mutant) }
      noteResult(result)
      console.log(`${String((done += 1)).padStart(4)} of ${chosen.length}  ${tell(result)}`)
    }
  } finally {
    lane.close()
  }
}

await Promise.all(Array.from({ length: workers }, work))

const results = readResults(mutants)
console.log(`\n${drawTable(results)}\n\n${drawScore(results, equivalent)}`)
const complaints = complain(results, equivalent)
for (const sentence of complaints) console.error(sentence)
if (complaints.length > 0) process.exitCode = 1
