import type { AuthRecord } from '@authflight/client'
import { errorType, httpStatus, number, text, tones, type Tone } from './names.ts'
import { capitalise, formatClock, formatCount, formatDuration, plural } from './format.ts'
import type { Flight } from './flights.ts'
import { sessionEndDuring } from './flight-parts.ts'
import { generationChange, lastStatus } from './generations.ts'
import type { RecordModel } from './record-model.ts'
import { accountAt, type Names, plainNames } from './whose.ts'
import { instantLabel, nameOf, outcomeAt, reads } from './words.ts'

export interface Relation {
  readonly label: string
  readonly record: string
}

/** One record in plain words: what the detail pane shows and a screen reader is told. */
export interface Description {
  readonly title: string
  readonly tone: Tone
  readonly outcome: string
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly relations: readonly Relation[]
  readonly traceId: string
  /** Everything recorded, keys as recorded. */
  readonly attributes: readonly (readonly [key: string, value: string])[]
  /** One sentence for the live region. */
  readonly spoken: string
}

/** More numbers nobody follows; and of many only the nearest are known. */
const mostSpoken = 4

type Fact = readonly [label: string, value: string | number | null | undefined]

export function describe(model: RecordModel, row: number, names: Names = plainNames(model)): Description {
  const record = model.columns.record(row)
  const flight = model.flightOf(row)
  const title = titleOf(model, row)
  const outcome = outcomeAt(model, row)
  const account = accountAt(model, row, names)
  const where = model.labels.client(record.tab, record.client)
  const rows: Fact[] = [
    ['Outcome', outcome === '' ? null : reads(outcome)],
    ...(record.name === 'authflight.refresh' && flight !== undefined
      ? flightFacts(model, flight, record)
      : ownFacts(record)),
    ['Duration', durationOf(model, row)],
    ['Started', formatClock(record.startedAt)],
    ['Account', account || null],
    ['In', where + (model.localTabs.has(record.tab) ? ' (this tab)' : '')],
  ]
  const facts = rows.flatMap(([label, value]) =>
    value === null || value === undefined ? [] : [[label, String(value)] as const],
  )
  const isFlight = flight?.row === row
  const waiters = isFlight ? model.flights.waiterCount(flight) : 0
  const rivals = isFlight ? model.flights.rivals(flight).map((rival) => `#${rival.number}`) : []
  return {
    title,
    tone: tones[model.columns.tone[row]!]!,
    outcome,
    facts,
    relations: relationsOf(model, row, flight),
    traceId: record.traceId,
    attributes: Object.entries(record.attributes).map(([key, value]) => [key, String(value)] as const),
    spoken: [
      title,
      model.lanes.groups.length > 1 && account,
      where,
      outcome && reads(outcome),
      durationOf(model, row),
      waiters > 0 && plural(waiters, 'waiter'),
      rivals.length > 0 &&
        `wanted the same generation as ${rivals.length > mostSpoken ? `more than ${mostSpoken} refreshes` : `refresh ${rivals.join(' and ')}`}`,
    ]
      .filter(Boolean)
      .join(', '),
  }
}

/** `Refresh #4`, `POST token 200 of #4`, `TOKEN_REFRESHED`. */
export function titleOf(model: RecordModel, row: number): string {
  const record = model.columns.record(row)
  const flight = model.flightOf(row)
  if (record.name === 'authflight.refresh') return `Refresh #${flight?.number ?? '?'}`
  const isInstant = record.kind === 'point' && record.name !== 'authflight.record.waits'
  const name = isInstant ? instantLabel(record, model.labels.tabLetter(record.tab)) : capitalise(nameOf(record))
  return flight === undefined || isInstant ? capitalise(name) : `${name} of #${flight.number}`
}

function flightFacts(model: RecordModel, flight: Flight, record: AuthRecord): Fact[] {
  const { attributes } = record
  const discard = flight.discards.at(-1)
  const reason = discard === undefined ? undefined : model.columns.record(discard).attributes
  const attempts = number(attributes, 'refresh.attempt_count')
  return [
    ['Reason', reason && maybeReads(text(reason, 'discard.reason'))],
    ['Revocation', reason && maybeReads(text(reason, 'discard.revocation'))],
    ['Error', maybeReads(errorType(attributes))],
    ['Trigger', maybeReads(text(attributes, 'refresh.trigger'))],
    ['Generation', generationChange(model, flight)],
    ['HTTP', lastStatus(model, flight)],
    ['Attempts', attempts === undefined ? null : formatCount(attempts)],
    ['Waiters', formatCount(model.flights.waiterCount(flight))],
  ]
}

function ownFacts(record: AuthRecord): Fact[] {
  const { attributes } = record
  const seconds = (key: string) => {
    const value = number(attributes, key)
    return value === undefined ? null : formatDuration(value * 1000)
  }
  const server = attributes['server.address']
  return [
    ['Error', maybeReads(errorType(attributes))],
    ['HTTP', httpStatus(attributes)],
    [
      'Server',
      typeof server === 'string'
        ? `${server}${attributes['server.port'] ? `:${attributes['server.port']}` : ''}`
        : null,
    ],
    ['Kind', maybeReads(text(attributes, 'contention.kind'))],
    ['Scope', text(attributes, 'contention.scope')],
    ['Revocation', maybeReads(text(attributes, 'discard.revocation'))],
    ['Reason', maybeReads(text(attributes, 'session_end.reason'))],
    ['Generation', number(attributes, 'session.revision')],
    ['Lifetime left', seconds('token.expires_in')],
    ['Refresh token lives', seconds('token.refresh_expires_in')],
    ['Waits', number(attributes, 'wait.count')?.toLocaleString('en-US')],
    ['Median wait', seconds('wait.p50')],
    ['Longest wait', seconds('wait.max')],
  ]
}

function relationsOf(model: RecordModel, row: number, flight: Flight | undefined): Relation[] {
  const relations: Relation[] = []
  const add = (label: string, related: number | undefined) => {
    if (related === undefined || related < 0 || related === row) return
    relations.push({ label: `${label}: ${titleOf(model, related)}`, record: model.columns.record(related).id })
  }
  const record = model.columns.record(row)
  if (flight !== undefined && flight.row !== row) add('Part of', flight.row)
  for (const link of record.links) {
    const linked = model.columns.rowOf(link.id)
    // A flight links to its waiters; their number says more than a list of them.
    if (linked === undefined || flight?.waits.includes(linked) !== true) add('Linked to', linked)
  }
  if (flight?.row === row) {
    for (const request of flight.requests) add('Sent', request)
    for (const contention of flight.contentions) add('Contention', contention)
    for (const discard of flight.discards) add('Discard', discard)
    for (const rival of model.flights.rivals(flight)) add('Wanted the same generation', rival.row)
    add('Committed', flight.commit)
    add('Meanwhile', sessionEndDuring(model, flight))
    for (const aggregate of flight.aggregates) add('Beyond the first 32', aggregate)
  }
  return dedupe(relations)
}

function dedupe(relations: readonly Relation[]): Relation[] {
  return [...new Map(relations.toReversed().map((relation) => [relation.record, relation])).values()].toReversed()
}

function durationOf(model: RecordModel, row: number): string | null {
  const record = model.columns.record(row)
  if (record.kind === 'point') return null
  const end = model.columns.endedAt[row]!
  return end === Infinity ? 'still open' : formatDuration(end - record.startedAt)
}

function maybeReads(value: string | undefined): string | undefined {
  return value === undefined ? undefined : reads(value)
}
