import { httpStatus, text } from './names.ts'
import type { RecordModel } from './record-model.ts'

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
  /** Answers 429. */
  readonly busy: number
}

export function countStats(model: RecordModel): Stats {
  const { columns, flights } = model
  const durations: number[] = []
  let waiters = 0
  let callers = 0
  let discards = 0
  let contentions = 0
  let busy = 0
  for (const flight of flights.all) {
    const { attributes, startedAt, endedAt } = columns.record(flight.row)
    if (endedAt !== undefined) durations.push(endedAt - startedAt)
    waiters += flights.waiterCount(flight)
    callers += flights.callerCount(flight)
    if (text(attributes, 'refresh.outcome') === 'discarded') discards++
    contentions += flight.contentions.length
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
    busy,
  }
}

/** Nearest rank. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
