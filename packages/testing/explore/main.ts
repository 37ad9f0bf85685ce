// `npm run explore`: plays schedules until one breaks a promise or there are no more, and tells what came of it.
import { parseArgs } from 'node:util'
import { explore } from '../src/explorer/index.ts'
import { tellCoverage, tellFailure, tellRuns } from './report.ts'
import { exploreWith } from './workers.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    workers: { type: 'string', default: '1' },
    coverage: { type: 'boolean', default: false },
    open: { type: 'boolean', default: false },
  },
})
const [runs, workers] = [Number(values.runs), Number(values.workers)]
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (![runs, workers, seed].every((number) => Number.isInteger(number))) {
  console.error(
    '--runs, --seed and --workers take whole numbers, for example: npm run explore -- --runs 10000 --workers 2',
  )
  process.exit(2)
}

const began = performance.now()
// A failure is replayed as it was found: alone.
const exploration =
  values.path === undefined
    ? await exploreWith(workers, runs, seed)
    : await explore({ runs: 1, seed, path: values.path })
tellRuns(exploration, (performance.now() - began) / 1_000)
const isCovered = tellCoverage(exploration.coverage, values.coverage)
if (exploration.failure) tellFailure(exploration.failure, values.open)
if (exploration.failure || !isCovered) process.exitCode = 1
