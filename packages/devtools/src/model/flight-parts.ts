import type { Flight } from './flights.ts'
import { text } from './names.ts'
import type { RecordModel } from './record-model.ts'

/** From cause to effect: a refresh with those that wanted the same generation meanwhile, what it did, and the end that its session came to. */
export function partsOf(model: RecordModel, flight: Flight): number[] {
  const { startedAt } = model.columns
  const { row, contentions, claims, requests, discards, commit } = flight
  const rivals = model.flights.rivals(flight).map((rival) => rival.row)
  return [row, ...rivals, ...contentions, ...claims, ...requests, ...discards, commit, sessionEndDuring(model, flight)]
    .filter((part) => part >= 0)
    .sort((a, b) => startedAt[a]! - startedAt[b]!)
}

/** The row that tells of the end of the flight's session, when that ended while the flight was there; else -1. */
export function sessionEndDuring(model: RecordModel, flight: Flight): number {
  const { startedAt, endedAt } = model.columns
  const session = model.sessions.all.get(text(model.columns.record(flight.row).attributes, 'session.id') ?? '')
  const end = model.columns.rowOf(session?.endRecord ?? null) ?? -1
  return startedAt[end]! >= startedAt[flight.row]! && startedAt[end]! <= endedAt[flight.row]! ? end : -1
}
