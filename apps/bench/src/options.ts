import { parseArgs } from 'node:util'
import { Complaint } from '../../../scripts/lib/complaint.mjs'

export const measureNames = ['fresh', 'storm', 'telemetry', 'sizes', 'panel', 'tabs', 'processes'] as const
export type MeasureName = (typeof measureNames)[number]

export interface Options {
  readonly only: readonly MeasureName[]
  /** Rounds of simultaneous expiry in two tabs. */
  readonly rounds: number
  readonly check: boolean
  readonly writeDocs: boolean
}

const usage = `npm run bench -- [--only fresh,storm,telemetry,sizes,panel,tabs,processes] [--rounds 100] [--check] [--write-docs]
  --only        measure these and no others
  --rounds      rounds of simultaneous expiry in two tabs; default 100, with --check 1,000
  --check       end with code 1 where a bar is broken
  --write-docs  put the tables of this run into docs/benchmarks.md`

/** @throws {Complaint} with how it is used. */
export function readOptions(words: readonly string[]): Options {
  const { only, rounds, check, writeDocs } = parse(words)
  const names = only?.split(',') ?? measureNames
  if (!names.every(isMeasure)) fail(`--only takes ${measureNames.join(', ')}, with commas in between.`)
  if (writeDocs && only !== undefined) fail('--write-docs takes whole runs only: leave out --only.')
  const count = rounds === undefined ? (check ? 1_000 : 100) : Number(rounds)
  if (!Number.isInteger(count) || count < 1) fail('--rounds takes a number above 0.')
  return { only: names.filter(isMeasure), rounds: count, check, writeDocs }
}

function parse(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        check: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
      },
    })
    return { ...values, writeDocs: values['write-docs'] }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

const isMeasure = (name: string): name is MeasureName => (measureNames as readonly string[]).includes(name)

function fail(problem: string): never {
  throw new Complaint(`${problem}\n\n${usage}`)
}
