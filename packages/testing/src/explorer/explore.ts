import type { AuthRecord } from '@authflight/client'
import fc from 'fast-check'
import { cover, type Coverage } from './coverage.ts'
import { judge, type Violation } from './invariants/index.ts'
import { play } from './play.ts'
import { type Schedule, schedules } from './schedule.ts'
import { drawTimeline } from './timeline.ts'

export interface ExploreOptions {
  /** How many schedules. Default 1,000. */
  readonly runs?: number
  /** The same seed gives the same schedules. Default: another each time. */
  readonly seed?: number
  /** Where in the schedules of the seed a failure was, as it names it: replays that one alone. */
  readonly path?: string
  /** Milliseconds that may be spent on making a failing schedule smaller. Default 30,000. */
  readonly shrinkFor?: number
}

/** A schedule that broke a promise, made as small as time allowed. */
export interface Failure {
  readonly seed: number
  /** With the seed it names the schedule. */
  readonly path: string
  readonly schedule: Schedule
  readonly violations: readonly Violation[]
  /** For people. Holds no secret. */
  readonly timeline: string
  /** What the flight recorder said, of each operation its last record. */
  readonly records: readonly AuthRecord[]
}

export interface Exploration {
  readonly seed: number
  readonly runs: number
  readonly failure: Failure | null
  readonly coverage: Coverage
  /** Decisions of each run, without those that bring it to its end. */
  readonly decisions: readonly number[]
}

/** Plays so many schedules and holds every promise against each; stops at the first that breaks one, and makes it smaller. */
export async function explore(options: ExploreOptions = {}): Promise<Exploration> {
  const { runs = 1_000, path, shrinkFor = 30_000 } = options
  const coverage: Coverage = new Map()
  const decisions: number[] = []
  async function isKept(schedule: Schedule): Promise<boolean> {
    const run = await play(schedule)
    cover(coverage, run.history)
    decisions.push(run.decisions)
    return judge(run.history).length === 0
  }
  const property = fc.asyncProperty(schedules, isKept)
  const given = options.seed === undefined ? {} : { seed: options.seed }

  if (path) {
    const [schedule] = fc.sample(schedules, { numRuns: 1, path, ...given })
    if (!schedule) throw new Error(`There is no schedule at the path ${path}.`)
    const seed = options.seed ?? 0
    const failure = (await quietly(() => isKept(schedule))) ? null : await tellFailure(schedule, seed, path)
    return { seed, runs: 1, coverage, decisions, failure }
  }
  // First without shrinking, so that the time for it counts from the failure on.
  const found = await quietly(() => fc.check(property, { numRuns: runs, endOnFailure: true, ...given }))
  const { seed } = found
  const counted = { seed, runs: decisions.length, coverage, decisions: [...decisions] }
  if (!found.failed || found.counterexamplePath === null || !found.counterexample) return { ...counted, failure: null }
  const smallest = await quietly(() =>
    fc.check(property, {
      numRuns: runs,
      seed,
      path: found.counterexamplePath ?? '',
      interruptAfterTimeLimit: shrinkFor,
    }),
  )
  const [schedule] = smallest.counterexample ?? found.counterexample ?? []
  if (!schedule) throw found.errorInstance
  return {
    ...counted,
    failure: await tellFailure(schedule, seed, smallest.counterexamplePath ?? found.counterexamplePath),
  }
}

async function tellFailure(schedule: Schedule, seed: number, path: string): Promise<Failure> {
  const { history } = await quietly(() => play(schedule))
  const records = [...new Map(history.records.map(({ record }) => [record.id, record])).values()]
  return { seed, path, schedule, violations: judge(history), timeline: drawTimeline(history), records }
}

/** Errors are made by the thousand here and shown to nobody, and what a store that fails is warned of is no news. */
async function quietly<R>(act: () => Promise<R>): Promise<R> {
  const { warn } = console
  const { stackTraceLimit } = Error
  console.warn = () => {}
  Error.stackTraceLimit = 0
  try {
    return await act()
  } finally {
    console.warn = warn
    Error.stackTraceLimit = stackTraceLimit
  }
}
