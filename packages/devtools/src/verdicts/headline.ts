import { plural } from '../model/format.ts'
import type { RecordModel } from '../model/record-model.ts'
import { type Names, plainNames } from '../model/whose.ts'
import { type FlightFacts, isGood, readFlight, recordAt } from './facts.ts'
import { praise } from './good.ts'
import { judge } from './judge.ts'
import type { Verdict } from './verdict.ts'

/** What the panel says first. */
export interface Headline {
  readonly tone: Verdict['tone'] | 'open' | 'idle'
  readonly sentence: string
  /** The record it is about. */
  readonly record: string | null
  /** What is behind it; `null` while nothing has happened, or something is under way. */
  readonly verdict: Verdict | null
  /** Incidents at about the same time that it does not tell of. */
  readonly others: number
}

/** Milliseconds for which a lost session is news beside what others do. */
const news = 30_000
const gravity: readonly Verdict['tone'][] = ['bad', 'warning', 'notice', 'good']

/** The newest thing that happened; of several at about one time the gravest that no newer refresh has mended. */
export function composeHeadline(model: RecordModel, names: Names = plainNames(model)): Headline {
  const newest = model.flights.all.at(-1)
  const flight = newest && readFlight(model, newest)
  const together = gravestFirst(judge(model, names, 20, news))
  const verdict = together.find((each) => flight === undefined || !isOvertaken(model, each, flight))
  const others = together.filter((each) => each !== verdict && each.tone !== 'notice').length
  if (verdict !== undefined) return tell(verdict, others)
  if (flight?.outcome === 'open') return tellOpen(model, flight)
  if (flight !== undefined && isGood(flight)) return tell(praise(model, names, flight), others)
  const sentence = model.sessions.all.size > 0 ? 'Signed in; no refresh recorded yet.' : 'Nothing recorded yet.'
  return { tone: 'idle', sentence, record: null, verdict: null, others: 0 }
}

/** Of verdicts, newest first, those on what happened at about the time of the newest: the gravest first. */
export function gravestFirst(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts
    .filter(({ at }) => verdicts[0]!.at - at < news)
    .sort((a, b) => gravity.indexOf(a.tone) - gravity.indexOf(b.tone))
}

/**
 * A refresh that comes after it either mends that very account or comes long after. A lost session is mended only in the tab that lost it, by a later
 * sign-in too: others may have kept it. None mends a clock.
 */
function isOvertaken(model: RecordModel, verdict: Verdict, flight: FlightFacts): boolean {
  const { at, tone, cause, session, record } = verdict
  const later = (flight.endedAt === Infinity ? flight.startedAt : flight.endedAt) - at
  if (later <= 0 || (flight.outcome !== 'open' && !isGood(flight))) return false
  const accountOf = (id: string) => model.sessions.all.get(id)?.account ?? id
  const isSame = accountOf(flight.session) === accountOf(session)
  const isThere = recordAt(model, record)?.tab === flight.record.tab
  const isNew = (model.sessions.all.get(flight.session)?.generations[0]?.from ?? 0) > at
  const isMended = tone === 'bad' ? isThere && (isSame || isNew) : tone === 'notice' || isSame
  return (isMended && cause !== 'clock') || later > news
}

function tell(verdict: Verdict, others: number): Headline {
  const { tone, sentence, record } = verdict
  return { tone, sentence, record, verdict, others }
}

function tellOpen(model: RecordModel, { flight, record, endedAt }: FlightFacts): Headline {
  const waiters = model.flights.waiterCount(flight)
  const waiting = waiters === 0 ? '' : `; ${plural(waiters, 'caller')} ${waiters === 1 ? 'waits' : 'wait'}`
  const isOpen = endedAt === Infinity
  const sentence = `Refresh #${flight.number} ${isOpen ? `is under way${waiting}` : 'was cut off with its tab'}.`
  return { tone: isOpen ? 'open' : 'idle', sentence, record: record.id, verdict: null, others: 0 }
}
