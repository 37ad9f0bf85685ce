import { httpStatus, text } from './names.ts'
import type { RecordModel } from './record-model.ts'
import { outcomeAt } from './words.ts'

export interface Stats {
  readonly flights: number
  readonly waiters: number
  /** Callers who were served by somebody else's flight, 0 to 1; `null` while nobody called. */
  readonly shared: number | null
  /** Milliseconds from decision to everyone can go, of ended flights; `null` while none has ended. */
  readonly p50: number | null
  readonly p95: number | null
  readonly discards: number
  readonly contentions: number
  /** How often each outcome, each reason of a discard and each kind of contention came, most first. */
  readonly outcomes: Tally
  readonly discardReasons: Tally
  readonly contentionKinds: Tally
  /** Milliseconds of every ended flight, sorted. */
  readonly durations: Float64Array
  /** When each flight began, epoch milliseconds, in order. */
  readonly starts: Float64Array
  /** Answers 429. */
  readonly busy: number
}

export type Tally = readonly (readonly [value: string, count: number])[]

export function countStats(model: RecordModel): Stats {
  const { columns, flights } = model
  const durations: number[] = []
  let waiters = 0
  let callers = 0
  let discards = 0
  let contentions = 0
  let busy = 0
  const outcomes = new Map<string, number>()
  const discardReasons = new Map<string, number>()
  const contentionKinds = new Map<string, number>()
  for (const flight of flights.all) {
    const { startedAt, endedAt } = columns.record(flight.row)
    if (endedAt !== undefined) durations.push(endedAt - startedAt)
    waiters += flights.waiterCount(flight)
    callers += flights.callerCount(flight)
    const outcome = outcomeAt(model, flight.row)
    if (outcome === 'discarded') discards++
    contentions += flight.contentions.length
    count(outcomes, outcome)
    for (const row of flight.discards) count(discardReasons, text(columns.record(row).attributes, 'discard.reason'))
    for (const row of flight.contentions)
      count(contentionKinds, text(columns.record(row).attributes, 'contention.kind'))
    for (const request of flight.requests) if (httpStatus(columns.record(request).attributes) === 429) busy++
  }
  const sorted = Float64Array.from(durations).sort()
  return {
    flights: flights.all.length,
    waiters,
    shared: callers === 0 ? null : waiters / callers,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    discards,
    contentions,
    outcomes: mostFirst(outcomes),
    discardReasons: mostFirst(discardReasons),
    contentionKinds: mostFirst(contentionKinds),
    durations: sorted,
    starts: Float64Array.from(flights.all, (flight) => columns.startedAt[flight.row]!),
    busy,
  }
}

function count(tally: Map<string, number>, value = 'unknown'): void {
  tally.set(value, (tally.get(value) ?? 0) + 1)
}

function mostFirst(tally: ReadonlyMap<string, number>): Tally {
  return [...tally].sort((a, b) => b[1] - a[1])
}

/** Nearest rank. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
