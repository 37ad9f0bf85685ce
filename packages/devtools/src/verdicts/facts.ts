import type { AuthRecord } from '@authflight/client'
import type { Flight } from '../model/flights.ts'
import { errorType, httpStatus, number, text } from '../model/names.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Generation, SessionHistory } from '../model/sessions.ts'
import { search } from '../model/track.ts'
import type { Step } from './verdict.ts'

/** All that the rules ask about a flight. */
export interface FlightFacts {
  readonly flight: Flight
  readonly record: AuthRecord
  /** `Refresh #4`. */
  readonly name: string
  readonly session: string
  /** The generation it presented, `undefined` where that was not told. */
  readonly revision: number | undefined
  /** `open` while it is under way. */
  readonly outcome: string
  readonly error: string | undefined
  /** Requests that carried the token, recorded or not; `undefined` where that was not told. */
  readonly attempts: number | undefined
  /** The last request that carried the token; `null` where none left, as far as was recorded. */
  readonly request: AuthRecord | null
  readonly status: number | undefined
  /** The OAuth error that the server named. */
  readonly code: string | undefined
  readonly discard: AuthRecord | null
  /** The note that made it the only presenter in its store. */
  readonly claim: AuthRecord | null
  /** It took over the claim of somebody who had gone without an outcome. */
  readonly orphan: AuthRecord | null
  readonly startedAt: number
  /** `Infinity` while it is under way. */
  readonly endedAt: number
}

export function recordAt({ columns }: RecordModel, id: string | null | undefined): AuthRecord | undefined {
  return columns.records[columns.rowOf(id ?? null) ?? -1]
}

export function readFlight(model: RecordModel, flight: Flight): FlightFacts {
  const { columns } = model
  const record = columns.record(flight.row)
  const { attributes } = record
  const last = (rows: readonly number[]) => (rows.length === 0 ? null : columns.record(rows.at(-1)!))
  const request = last(flight.requests)
  const orphan = flight.contentions
    .map((row) => columns.record(row))
    .find((contention) => text(contention.attributes, 'contention.kind') === 'claim_orphaned')
  return {
    flight,
    record,
    name: `refresh #${flight.number}`,
    session: text(attributes, 'session.id') ?? '',
    revision: number(attributes, 'session.revision'),
    outcome: text(attributes, 'refresh.outcome') ?? 'open',
    error: errorType(attributes),
    attempts: number(attributes, 'refresh.attempt_count'),
    request,
    status: httpStatus(request?.attributes ?? {}),
    code: text(request?.attributes ?? {}, 'oauth.error'),
    discard: last(flight.discards),
    claim: last(flight.claims),
    orphan: orphan ?? null,
    startedAt: record.startedAt,
    endedAt: columns.endedAt[flight.row]!,
  }
}

/** The flights of a session, oldest first. */
export function flightsOf(model: RecordModel, session: SessionHistory): FlightFacts[] {
  return session.flights.map((flight) => readFlight(model, flight)).sort((a, b) => a.startedAt - b.startedAt)
}

/** The first generation that the session of a flight had after a time. */
export function generationAfter(model: RecordModel, { session }: FlightFacts, at: number): Generation | undefined {
  const generations = model.sessions.all.get(session)?.generations ?? []
  return generations[search(0, generations.length, (index) => generations[index]!.from > at)]
}

/** It brought a token, or took one over. */
export const isGood = ({ outcome }: FlightFacts): boolean => ['rotated', 'renewed', 'adopted'].includes(outcome)

/** Whether its token may have reached the server, and what came of it was not heard. */
export function isLost({ outcome, error, request }: FlightFacts): boolean {
  const silent = ['network', 'timeout', 'server_error', 'malformed_response', 'offline']
  return request !== null && (outcome === 'open' || (outcome === 'failed' && silent.includes(error ?? '')))
}

/** Only the client knows that nothing was sent: a request of which there is no record may have been. */
export const mayBeSent = ({ request, attempts }: FlightFacts): boolean => request !== null || attempts !== 0

/** A step at the time of its record; at its end where `ended`. */
export function step(record: AuthRecord, text: string, ended?: 'ended'): Step {
  return { record: record.id, at: ended ? (record.endedAt ?? record.startedAt) : record.startedAt, text }
}

/** In order of time, one for each record and text, the missing left out. */
export function sequence(steps: readonly (Step | null | undefined)[]): Step[] {
  const present = steps.filter((each) => !!each)
  const distinct = new Map(present.map((each) => [`${each.record} ${each.text}`, each]))
  return [...distinct.values()].sort((a, b) => a.at - b.at)
}
