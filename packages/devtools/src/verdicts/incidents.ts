import type { RecordModel } from '../model/record-model.ts'
import type { SessionHistory } from '../model/sessions.ts'
import { type FlightFacts, generationAfter, readFlight } from './facts.ts'

/** Something to be explained: a session that ended, refreshes that brought nothing, or one that shows that the clock was wrong. */
export type Incident =
  | { readonly kind: 'end'; readonly at: number; readonly session: SessionHistory }
  | { readonly kind: 'flights'; readonly at: number; readonly flights: readonly FlightFacts[] }

/** Failures further apart are two incidents; milliseconds. */
const apart = 120_000

/** The newest incidents, newest first: at most so many ends, and about as many failures. Flights that a session's end explains are part of that. */
export function findIncidents(model: RecordModel, most: number): Incident[] {
  const ends = [...model.sessions.all.values()]
    .filter((session) => session.endedAt !== null)
    .map((session): Incident => ({ kind: 'end', at: session.endedAt!, session }))
  // Apart, so that no trouble of others crowds out who lost a session.
  return [...ends.sort(byTime).slice(0, most), ...findFailures(model, most)].sort(byTime)
}

const byTime = (a: Incident, b: Incident) => b.at - a.at

function findFailures(model: RecordModel, most: number): Incident[] {
  /** Each from its newest on. */
  const groups: FlightFacts[][] = []
  for (let index = model.problems.length - 1; index >= 0 && groups.length <= most; index--) {
    const flight = model.flightOf(model.problems[index]!)
    if (flight === undefined || flight.row !== model.problems[index]) continue
    const facts = readFlight(model, flight)
    if (isExplained(model, facts)) continue
    // Others may fail in between.
    const group = groups.findLast((group) => isSameTrouble(model, facts, group.at(-1)!))
    if (group === undefined) groups.push([facts])
    else group.push(facts)
  }
  return groups.map((group) => ({ kind: 'flights', at: group[0]!.endedAt, flights: group.toReversed() }))
}

/** The end of its session tells of it. */
function isExplained(model: RecordModel, { outcome, session }: FlightFacts): boolean {
  return ['discarded', 'rejected'].includes(outcome) && Boolean(model.sessions.all.get(session)?.endedAt)
}

function isSameTrouble(model: RecordModel, earlier: FlightFacts, later: FlightFacts): boolean {
  const isSame =
    (['session', 'outcome', 'error', 'code'] as const).every((key) => earlier[key] === later[key]) &&
    earlier.record.tab === later.record.tab &&
    earlier.outcome === 'failed' &&
    later.startedAt - earlier.endedAt < apart
  return isSame && (generationAfter(model, later, earlier.endedAt)?.from ?? Infinity) >= later.startedAt
}
