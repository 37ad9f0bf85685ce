import { findClockTrouble } from '../model/clock-trouble.ts'
import { isByCaller } from '../model/flights.ts'
import { formatDuration, plural } from '../model/format.ts'
import { reads } from '../model/words.ts'
import { text } from '../model/names.ts'
import { pagePoints } from '../model/page-points.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Names } from '../model/whose.ts'
import { type FlightFacts, generationAfter, mayBeSent, recordAt, sequence, step } from './facts.ts'
import { goodSteps } from './good.ts'
import type { Cause, Finding, Step } from './verdict.ts'

/** Refreshes of one client that went wrong the same way, one after the other; or one that went well by a wrong clock. */
export interface FlightCase {
  readonly model: RecordModel
  readonly names: Names
  /** Oldest first, at least one. */
  readonly flights: readonly FlightFacts[]
  readonly last: FlightFacts
  /** `Refresh #4`, or `3 refreshes, #4 to #6,`. */
  readonly subject: string
  readonly who: string
  /** The session has ended. */
  readonly isOver: boolean
}

export function openFlightCase(model: RecordModel, names: Names, flights: readonly FlightFacts[]): FlightCase {
  const [first, last] = [flights[0]!, flights.at(-1)!]
  const numbers = [first, last].map(({ flight }) => `#${flight.number}`)
  const subject =
    flights.length === 1
      ? `Refresh ${numbers[0]}`
      : `${plural(flights.length, 'refresh', 'es')}, ${numbers.join(' to ')},`
  const { account = null, endedAt = null } = model.sessions.all.get(last.session) ?? {}
  return { model, names, flights, last, subject, who: names.account(last.session, account), isOver: endedAt !== null }
}

type FlightRule = (scene: FlightCase) => Finding | null

const discards: Readonly<Record<string, readonly [Cause, string]>> = {
  signed_out: ['signed_out_during_refresh', 'signed out'],
  replaced: ['replaced', 'another sign-in took the place of the session'],
  cleared: ['storage_cleared', 'the stored session was removed'],
}

/** It went well, and shows that the device's clock was wrong. */
function wrongClock({ model, names, last, subject, isOver }: FlightCase): Finding | null {
  const trouble = findClockTrouble(model, last.record)
  if (trouble === null) return null
  const { generation, left, jump } = trouble
  const { revision, expiresAt, toldAt } = generation
  const when = formatDuration(Math.abs(left))
  const what =
    left < 0
      ? `was still good to this device’s clock ${when} after its time: the clock had been set back`
      : `was dead to this device’s clock ${when} before its time: the clock was moved, or the machine slept`
  const sentence = `Generation ${revision} ${what}. ${subject} put it right${isOver ? '' : ', and nobody was signed out'}.`
  const told = recordAt(model, generation.record)
  const steps = goodSteps(names, last, [
    told &&
      step(told, `${names.tab(told.tab)}: generation ${revision} was good for ${formatDuration(expiresAt - toldAt)}`),
    jump && step(jump, `${names.tab(jump.tab)}: it was seen that the clock had jumped`),
  ])
  return { cause: 'clock', sentence, steps }
}

function discarded(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  if (last.outcome !== 'discarded') return null
  const reason = text(last.discard?.attributes ?? {}, 'discard.reason')
  const [cause, why] = own(discards, reason) ?? ['unknown', 'the session had changed']
  const sentence = `${subject} ${mayBeSent(last) ? 'was discarded' : 'sent nothing'}: ${why} while it was under way.`
  return finding(scene, cause, sentence, last.discard === null ? ['Why it was discarded.'] : [])
}

function rejectedWithoutEnd(scene: FlightCase): Finding | null {
  const { last, subject, who } = scene
  if (last.outcome !== 'rejected') return null
  const cause = last.error === 'key_lost' ? last.error : 'no_reason_given'
  const what = isUnasked(last) ? 'sent nothing' : 'was rejected by the server'
  const sentence = `${subject} ${what}${because(last)}. That ${who} was signed out by it is not recorded.`
  return finding(scene, cause, sentence, ['The end of the session.'])
}

function offline(scene: FlightCase): Finding | null {
  const { last, subject, model, names } = scene
  const heard = pagePoints(model, -Infinity, last.endedAt).findLast(
    ({ name, tab }) => name === 'authflight.record.network' && tab === last.record.tab,
  )
  const went = heard && text(heard.attributes, 'network.state') === 'offline' ? heard : undefined
  if (last.error !== 'offline' && !(last.error === 'network' && went)) return null
  // Only what was due anyway is tried as soon as the network is back; a token that is good waits for its time.
  const next = isByCaller(last.record) ? 'refresh tries again' : 'try comes with the network'
  return finding(
    scene,
    'offline',
    `${subject} failed: this device was offline.`,
    [],
    `; the next ${next}`,
    went && step(went, `${names.tab(went.tab)} went offline`),
  )
}

/** Sent, and no answer to be had: the server may have rotated the token. */
function answerLost(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  if (!mayBeSent(last) || last.error !== 'network') return null
  const sentence = `The answer to ${subject.replace('R', 'r')} never came: the network broke after the token was sent, or the server could not be reached. Whether it rotated is unknown.`
  return finding(scene, 'answer_lost', sentence)
}

function unknownOutcome(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  if (last.error !== '_OTHER' || mayBeSent(last)) return null
  const sentence = `${subject} sent nothing: an earlier answer was lost, and asking again could end the session.`
  return finding(scene, 'answer_lost', sentence, [], ' while the access token lives')
}

/** An OAuth error that the client knows no meaning of (RFC 6749, 5.2). */
function refused(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  if (last.outcome !== 'failed' || last.error !== 'malformed_response' || last.code === undefined) return null
  const what = last.code === '_OTHER' ? 'with an error of its own' : `with ${last.code}`
  const sentence = `${subject} failed: the server answered ${what} (HTTP ${last.status ?? '?'}), which does not end a session.`
  return finding(scene, 'failed', sentence)
}

/** An answer that no authorization server gives. Other than a redirect or a 403 it may be a web server's that knows no such address. */
function blocked(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  const { error, status } = last
  const isRedirect = error === 'redirect'
  if (!isRedirect && (error !== 'malformed_response' || status === undefined)) return null
  const what = isRedirect ? 'a redirect' : `HTTP ${status} that is none of an authorization server's`
  const or = isRedirect || status === 403 ? '' : '; or the address of the token endpoint is wrong'
  const sentence = `${subject} was ${or && 'most likely '}answered by something in between: ${what}, as from a proxy, a firewall or a sign-in page of the network${or}.`
  return finding(scene, 'blocked', sentence)
}

const told = ({ status, startedAt, endedAt }: FlightFacts): Readonly<Record<string, readonly [Cause, string]>> => ({
  rate_limited: ['rate_limited', 'the server asked to come later (HTTP 429)'],
  server_error: ['server_error', `the server answered ${status === undefined ? 'with an error' : `HTTP ${status}`}`],
  timeout: ['timeout', `no answer within ${formatDuration(endedAt - startedAt)}`],
  network: ['offline', 'the server could not be reached, and nothing was sent'],
  invalid_client: ['configuration', 'the server does not accept this client (invalid_client)'],
  invalid_scope: ['configuration', 'the server does not grant these scopes (invalid_scope)'],
  invalid_dpop_proof: ['configuration', 'the server does not accept the DPoP proof: check clock and set-up'],
  interaction_required: ['failed', 'the server wants to ask the user first (interaction_required)'],
  storage_error: ['storage_unavailable', "the browser's storage failed"],
})

function failed(scene: FlightCase): Finding | null {
  const { last, subject } = scene
  if (last.outcome !== 'failed') return null
  const known = own(told(last), last.error)
  const [cause, what] = known ?? ['failed', last.error === undefined ? 'why was not recorded' : reads(last.error)]
  const missing = known === undefined ? ['What went wrong.'] : []
  return finding(scene, cause, `${subject} failed: ${what}.`, missing)
}

/** Not what every object has: the key comes from records. */
function own<Value>(table: Readonly<Record<string, Value>>, key = ''): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

/** First match wins. */
export const flightRules: readonly FlightRule[] = [
  wrongClock,
  discarded,
  rejectedWithoutEnd,
  offline,
  answerLost,
  unknownOutcome,
  refused,
  blocked,
  failed,
]

/** Of a failure it tells that the account stays signed in, and how, unless the session has ended since. */
function finding(
  { model, names, flights, last, isOver, who }: FlightCase,
  cause: Cause,
  sentence: string,
  missing: readonly string[] = [],
  how = '',
  before?: Step,
): Finding {
  const kept = last.outcome === 'failed' && !isOver ? ` ${who} stays signed in${how}.` : ''
  const steps = flights.slice(-4).flatMap((flight) => {
    const where = names.tab(flight.record.tab)
    const sent = flight.request && step(flight.request, `${where}: the token was sent${retrying(flight)}`)
    return [
      sent,
      step(
        flight.record,
        `${where}: ${flight.name} ${reads(isUnasked(flight) ? 'sent_nothing' : flight.outcome)}${because(flight)}`,
        'ended',
      ),
    ]
  })
  const pause = flights.length > 1 ? nextTry(model, flights) : null
  const unseen = flights.some(({ request, attempts }) => request === null && attempts) ? ['The request.'] : []
  return {
    cause,
    sentence: sentence + kept,
    steps: sequence([before, ...steps, pause]),
    missing: [...missing, ...unseen],
  }
}

/** A session may end without a server: with its key, or as another client has told. */
const isUnasked = (flight: FlightFacts) =>
  flight.outcome !== 'failed' && (flight.error === 'key_lost' || !mayBeSent(flight))

function retrying({ attempts = 1 }: FlightFacts): string {
  return attempts > 1 ? ` (${attempts} times)` : ''
}

/** The refresh that made it good, if one did. */
function nextTry(model: RecordModel, flights: readonly FlightFacts[]): Step | undefined {
  const last = flights.at(-1)!
  const next = generationAfter(model, last, last.endedAt)
  const record = recordAt(model, next?.record)
  return record && step(record, `generation ${next!.revision} was committed`)
}

function because({ error, status }: FlightFacts): string {
  const known = [error && reads(error), status && `HTTP ${status}`].filter(Boolean)
  return known.length === 0 ? '' : `: ${known.join(', ')}`
}
