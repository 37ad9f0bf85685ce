import { number, outcomeTone, text, errorType, httpStatus } from './names.ts'
import { formatDuration, plural } from './format.ts'
import type { Flight } from './flights.ts'
import type { RecordModel } from './record-model.ts'
import type { Generation, SessionHistory } from './sessions.ts'
import { reads } from './words.ts'

/** What the panel says first: a plain fact about the newest thing that happened. */
export interface Headline {
  readonly tone: 'good' | 'bad' | 'notice' | 'open' | 'idle'
  readonly sentence: string
  /** The record it is about. */
  readonly record: string | null
}

export function composeHeadline(model: RecordModel): Headline {
  const flight = model.flights.all.at(-1)
  const ended = [...model.sessions.all.values()].reduce<SessionHistory | null>(laterEnd, null)
  if (ended !== null && (flight === undefined || isNews(model, ended, flight))) return describeEnd(model, ended, flight)
  if (flight !== undefined) return describeFlight(model, flight)
  const sentence = model.sessions.all.size > 0 ? 'Signed in; no refresh recorded yet.' : 'Nothing recorded yet.'
  return { tone: 'idle', sentence, record: null }
}

function laterEnd(a: SessionHistory | null, b: SessionHistory): SessionHistory | null {
  return (b.endedAt ?? -Infinity) > (a?.endedAt ?? -Infinity) ? b : a
}

const wanted = ['user', 'other_tab']

/** A sign-out is told once the flight is over, since that may be discarded by it; a loss at once. */
function isNews(model: RecordModel, session: SessionHistory, flight: Flight): boolean {
  const { startedAt, endedAt = Infinity } = model.columns.record(flight.row)
  const isWanted = session.endReason === null || wanted.includes(session.endReason)
  return session.endedAt! >= (isWanted ? endedAt : startedAt)
}

function describeEnd(model: RecordModel, session: SessionHistory, flight: Flight | undefined): Headline {
  const row = session.endRecord === null ? undefined : model.columns.rowOf(session.endRecord)
  const where = row === undefined ? '' : ` in ${model.labels.tab(model.columns.record(row).tab)}`
  if (session.endReason === null || wanted.includes(session.endReason))
    return { tone: 'idle', sentence: `Signed out${where}.`, record: session.endRecord }
  const cause =
    flight !== undefined && endedBy(model, session, flight)
      ? ` Refresh #${flight.number} was rejected${because(model, flight)}.`
      : ''
  const sentence = `The session ended${where}: ${reads(session.endReason)}.${cause}`
  return { tone: 'bad', sentence, record: session.endRecord }
}

/** The flight was rejected for this session, and the session ended while it was there. */
function endedBy(model: RecordModel, session: SessionHistory, flight: Flight): boolean {
  const { attributes, startedAt } = model.columns.record(flight.row)
  const isItsOwn = text(attributes, 'session.id') === session.id && text(attributes, 'refresh.outcome') === 'rejected'
  return isItsOwn && session.endedAt! >= startedAt
}

function describeFlight(model: RecordModel, flight: Flight): Headline {
  const record = model.columns.record(flight.row)
  const waiters = model.flights.waiterCount(flight)
  const name = `Refresh #${flight.number}`
  if (record.endedAt === undefined) {
    const waiting = waiters === 0 ? '' : `; ${plural(waiters, 'caller')} ${waiters === 1 ? 'waits' : 'wait'}`
    return { tone: 'open', sentence: `${name} is under way${waiting}.`, record: record.id }
  }
  const tone = outcomeTone(text(record.attributes, 'refresh.outcome'))
  const took = formatDuration(record.endedAt - record.startedAt)
  switch (tone) {
    case 'good':
      return {
        tone: 'good',
        sentence: `${served(name, model.flights.callerCount(flight))} in ${took}${change(model, flight)}.`,
        record: record.id,
      }
    case 'adopted':
      return { tone: 'good', sentence: `${name} took over what ${adoptedFrom(model, flight)}`, record: record.id }
    case 'discarded':
      return { tone: 'notice', sentence: `${name} was discarded: ${discardReason(model, flight)}.`, record: record.id }
    case 'rejected':
      return {
        tone: 'bad',
        sentence: `${name} was rejected by the server${because(model, flight)}.`,
        record: record.id,
      }
    default:
      return { tone: 'bad', sentence: `${name} failed after ${took}${because(model, flight)}.`, record: record.id }
  }
}

function served(name: string, callers: number): string {
  return callers < 2 ? `${name} brought a new token` : `1 refresh served ${plural(callers, 'caller')}`
}

/** Who had committed the generation that an adopting flight took over. */
function adoptedFrom(model: RecordModel, flight: Flight): string {
  const generation = adoptedGeneration(model, flight)
  const row = generation === null ? undefined : model.columns.rowOf(generation.record)
  const committed = row !== undefined && model.columns.record(row).name === 'authflight.record.committed'
  const who = committed ? model.labels.tab(model.columns.record(row).tab) : 'another client'
  return `${who} had committed${change(model, flight)}.`
}

/** The newest generation of its session when the flight ended; `null` where that is the one it began with. */
function adoptedGeneration(model: RecordModel, flight: Flight): Generation | null {
  const { attributes, endedAt = Infinity } = model.columns.record(flight.row)
  const session = model.sessions.all.get(text(attributes, 'session.id') ?? '')
  const generation = session?.generations.findLast(({ from }) => from <= endedAt)
  return generation !== undefined && generation.revision > (number(attributes, 'session.revision') ?? 0)
    ? generation
    : null
}

function change(model: RecordModel, flight: Flight): string {
  const generations = generationChange(model, flight)
  return generations === null ? '' : `: generation ${generations}`
}

/** `7 → 8`, or `7` where nothing new was committed; `null` where no revision was told. */
export function generationChange(model: RecordModel, flight: Flight): string | null {
  const used = number(model.columns.record(flight.row).attributes, 'session.revision')
  if (used === undefined) return null
  const made = newRevision(model, flight)
  return made === undefined ? String(used) : `${used} → ${made}`
}

function newRevision(model: RecordModel, flight: Flight): number | undefined {
  if (flight.commit >= 0) return number(model.columns.record(flight.commit).attributes, 'session.revision')
  const outcome = text(model.columns.record(flight.row).attributes, 'refresh.outcome')
  return outcome === 'adopted' ? adoptedGeneration(model, flight)?.revision : undefined
}

const discardSentences: Readonly<Record<string, string>> = {
  signed_out: 'signed out while it was under way',
  replaced: 'another sign-in replaced the session while it was under way',
  cleared: 'the stored session was removed while it was under way',
}

function discardReason(model: RecordModel, flight: Flight): string {
  const discard = flight.discards.at(-1)
  const reason = discard === undefined ? undefined : text(model.columns.record(discard).attributes, 'discard.reason')
  return discardSentences[reason ?? ''] ?? 'the session had changed while it was under way'
}

function because(model: RecordModel, flight: Flight): string {
  const error = errorType(model.columns.record(flight.row).attributes)
  const status = lastStatus(model, flight)
  const parts = [error === undefined ? null : reads(error), status === null ? null : `HTTP ${status}`]
  const known = parts.filter((part) => part !== null)
  return known.length === 0 ? '' : `: ${known.join(', ')}`
}

/** What the server answered last, as an HTTP status. */
export function lastStatus(model: RecordModel, flight: Flight): number | null {
  const request = flight.requests.at(-1)
  return request === undefined ? null : (httpStatus(model.columns.record(request).attributes) ?? null)
}
