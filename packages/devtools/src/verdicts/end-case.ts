import type { AuthRecord } from '@authflight/client'
import { formatClock } from '../model/format.ts'
import { number, text } from '../model/names.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Names } from '../model/whose.ts'
import { reads } from '../model/words.ts'
import type { SessionHistory } from '../model/sessions.ts'
import { flightsOf, type FlightFacts, isGood, mayBeSent, recordAt, sequence, step } from './facts.ts'
import type { Cause, Finding, Step } from './verdict.ts'

/** A session that ended, with all that was recorded of it. */
export interface EndCase {
  readonly model: RecordModel
  readonly session: SessionHistory
  /** What the client that ended it knew; `null` where nobody told. */
  readonly reason: string | null
  /** What clients recorded of its end, the one that knew most first. */
  readonly ends: readonly AuthRecord[]
  /** The first record that shows it gone, whoever ended it. */
  readonly gone: AuthRecord | undefined
  /** Epoch milliseconds. */
  readonly at: number
  readonly flights: readonly FlightFacts[]
  /** The flight whose rejection ended it. One that had sent nothing was refused by no server: it found the session gone. */
  readonly rejected: FlightFacts | undefined
  /** How long the last refresh token was to live, where the server told. */
  readonly told: { readonly step: Step; readonly diesAt: number } | undefined
  /** Who, such as `alice`. */
  readonly who: string
  /** `alice was signed out in Tab B at 12:00:03.412`. */
  readonly opening: string
  tab(record: AuthRecord): string
}

export function openEndCase(model: RecordModel, names: Names, session: SessionHistory): EndCase {
  const found = session.ends.map((id) => recordAt(model, id)).filter((record) => record !== undefined)
  const told = found.sort((a, b) => a.startedAt - b.startedAt)
  const knower = told.find((record) => record.id === session.endRecord)
  const ends = knower === undefined ? told : [...new Set([knower, ...told])]
  const at = session.endedAt ?? ends[0]?.startedAt ?? 0
  const flights = flightsOf(model, session)
  const rejected = flights.findLast(
    (flight) => flight.outcome === 'rejected' && mayBeSent(flight) && flight.startedAt <= at,
  )
  const who = names.account(session.id, session.account)
  const where = ends[0] === undefined ? '' : ` in ${names.tab(ends[0].tab)}`
  return {
    model,
    session,
    reason: session.endReason,
    ends,
    gone: recordAt(model, session.goneRecord),
    at,
    flights,
    rejected,
    told: toldLifetime(model, names, session, flights, rejected?.revision, at),
    who,
    opening: `${who} was signed out${where} at ${formatClock(at)}`,
    tab: (record) => names.tab(record.tab),
  }
}

/** The stored generation that was presented tells; spans of a server have none, and the refresh that brought the last one does. */
function toldLifetime(
  model: RecordModel,
  names: Names,
  { generations, byRevision }: SessionHistory,
  flights: readonly FlightFacts[],
  presented: number | undefined,
  at: number,
): EndCase['told'] {
  // What came after the end is of others, who had it in another store.
  const stored = byRevision.get(presented ?? -1) ?? generations.findLast(({ from }) => from <= at)
  const good = stored === undefined ? flights.findLast((flight) => isGood(flight) && flight.endedAt <= at) : undefined
  const record = good?.record ?? recordAt(model, stored?.record)
  if (record === undefined) return undefined
  const lifetime = number(record.attributes, 'token.refresh_expires_in') ?? Infinity
  const diesAt = good === undefined ? stored!.refreshExpiresAt : good.endedAt + lifetime * 1000
  if (diesAt === Infinity) return undefined
  const told = `${names.tab(record.tab)}: the server said how long the refresh token lives`
  return { step: step(record, told, 'ended'), diesAt }
}

/** The finding with the session's end among its steps: what was under way may end after it. */
export function find(
  scene: EndCase,
  cause: Cause,
  sentence: string,
  steps: readonly (Step | null | undefined)[],
  missing: readonly string[] = [],
): Finding {
  const followers = scene.ends.map((end, index) => {
    const first = index === 0 ? 'ended the session' : 'followed'
    return step(end, `${scene.tab(end)} ${first}: ${reads(text(end.attributes, 'session_end.reason') ?? 'no reason')}`)
  })
  return { cause, sentence, steps: sequence([...steps, ...followers]), missing }
}

/** What led to the end: the flight that met it ends a moment after its session. */
export function ledTo({ at }: EndCase, record: AuthRecord, text: string): Step {
  const met = step(record, text, 'ended')
  return { ...met, at: Math.min(met.at, at) }
}

export function seenGone(scene: EndCase): Step | undefined {
  const { gone, tab } = scene
  return gone && ledTo(scene, gone, `${tab(gone)} saw that the session was gone`)
}

/** What became of a refresh whose session was gone. */
export const fateOf = (flight: FlightFacts) =>
  mayBeSent(flight) ? 'its result was discarded' : 'nothing had been sent'

/** What met that in place of the session. Without a status no answer is known of. */
export function metBy(scene: EndCase, flight: FlightFacts, what: string): Step | null {
  const { discard, record, status } = flight
  const found = `the ${status === undefined ? 'refresh' : 'answer'} found ${what}`
  const when = mayBeSent(flight) ? '' : ' before it sent anything'
  return discard && step(discard, `${scene.tab(record)}: ${found}${when}`, 'ended')
}

/** What the server said to a flight, in half a sentence. */
export function answerOf({ code, status }: FlightFacts): string {
  if (code !== undefined) return `The server answered ${code}${status === undefined ? '' : ` (${status})`}.`
  return status === undefined ? 'What the server answered was not recorded.' : `The server answered ${status}.`
}
