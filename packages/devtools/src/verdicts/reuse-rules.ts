import { number } from '../model/names.ts'
import { answerOf, type EndCase, find, ledTo } from './end-case.ts'
import { type FlightFacts, isLost, step } from './facts.ts'
import type { Finding, Step } from './verdict.ts'

/**
 * Two clients presented one token, and the server took the second for a thief:
 *
 * ```
 *  A   [POST gen 7 ─── 200]  7 → 8
 *  B        [POST gen 7 ──────── 400]  signed out
 * ```
 */
export function reuseElsewhere(scene: EndCase): Finding | null {
  const second = scene.flights.find((flight) => isRefused(scene, flight) && winnerOver(scene, flight) !== undefined)
  if (second === undefined) return null
  const first = winnerOver(scene, second)!
  const [winner, loser] = [first, second].map(({ record }) => placeOf(scene, record)) as [string, string]
  const who = winner === loser ? 'another client in it' : winner
  const sentence = `${scene.opening}: ${loser} presented generation ${second.revision} again after ${who} had rotated it. ${answerOf(second)}${claimNote(first, second)}`
  return find(scene, 'reuse_elsewhere', sentence, [
    present(scene, first),
    step(first.record, `${winner}: ${first.name} brought generation ${madeBy(scene, first)}`, 'ended'),
    present(scene, second),
    ledTo(scene, second.record, `${loser}: ${second.name} was refused`),
  ])
}

/** The server named it a reuse, and only one presentation is on record. */
export function reuseByCode(scene: EndCase): Finding | null {
  if (scene.reason !== 'reuse') return null
  const sentence = `${scene.opening}: the server says that a used refresh token came again. Who used it first was not recorded here.`
  return find(scene, 'reuse', sentence, refusal(scene), ['The records of the client that used the token first.'])
}

/** The answer to a rotation never came, and the only way on was to present the same token again. */
export function ownRetry(scene: EndCase): Finding | null {
  const { reason, rejected, at } = scene
  const lost = scene.flights.findLast(
    (flight) => flight !== rejected && isLost(flight) && isSameToken(flight, rejected) && flight.startedAt <= at,
  )
  const isNamed = reason === 'lost_answer' || (reason === 'rejected' && rejected?.orphan)
  // An own failure before proves nothing: only the client knows that its claim on this very token was left without an answer.
  if (!isNamed) return null
  const again =
    rejected === undefined
      ? 'The token was presented again'
      : `${placeOf(scene, rejected.record)} presented generation ${rejected.revision ?? '?'} again`
  const before =
    lost === undefined
      ? 'an earlier refresh, of a client that was gone, got no answer'
      : `the answer to ${lost.name} was lost (${howLost(lost)})`
  const sentence = `${scene.opening}: ${before}. ${again} when nothing else was left to try, and the server refused it: it had most likely rotated it the first time.`
  const missing =
    lost === undefined ? ['The refresh whose answer was lost: its tab was closed or reloaded before.'] : []
  return find(
    scene,
    'own_retry',
    sentence,
    [
      lost && present(scene, lost),
      lost && step(lost.record, `${placeOf(scene, lost.record)}: no answer came (${howLost(lost)})`, 'ended'),
      ...refusal(scene),
    ],
    missing,
  )
}

/** The refresh whose refusal ended the session, and what the server said to it. */
export function refusal(scene: EndCase): Step[] {
  const { rejected } = scene
  if (rejected === undefined) return []
  const { record, request } = rejected
  const said = ledTo(scene, request ?? record, `${placeOf(scene, record)}: ${answerOf(rejected)}`)
  return [present(scene, rejected), said]
}

function present(scene: EndCase, { record, request, revision, name }: FlightFacts): Step {
  return step(request ?? record, `${placeOf(scene, record)}: ${name} presented generation ${revision ?? '?'}`)
}

function howLost({ error, status, outcome }: FlightFacts): string {
  if (outcome === 'open') return 'its tab was closed or reloaded'
  return `${(error ?? 'unknown').replaceAll('_', ' ')}${status === undefined ? '' : `, HTTP ${status}`}`
}

/** Refused by the server, as far as is known, at or before the end. */
function isRefused({ at }: EndCase, { outcome, request, startedAt }: FlightFacts): boolean {
  return outcome === 'rejected' && request !== null && startedAt <= at
}

/** Who rotated the very token that this flight presented, before this one was refused. */
function winnerOver(scene: EndCase, loser: FlightFacts): FlightFacts | undefined {
  return scene.flights.find(
    (flight) =>
      flight !== loser &&
      flight.outcome === 'rotated' &&
      isSameToken(flight, loser) &&
      flight.request !== null &&
      flight.request.startedAt < loser.endedAt &&
      madeBy(scene, flight) !== loser.revision,
  )
}

function isSameToken(a: FlightFacts, b: FlightFacts | undefined): boolean {
  return b !== undefined && a.revision !== undefined && a.revision === b.revision
}

function madeBy({ model }: EndCase, { flight, revision }: FlightFacts): number | undefined {
  const commit = flight.commit < 0 ? undefined : model.columns.record(flight.commit).attributes
  return (commit && number(commit, 'session.revision')) ?? (revision === undefined ? undefined : revision + 1)
}

/** Says nothing where a claim is missing: its record may have gone to make room, and spans have none. */
function claimNote(first: FlightFacts, second: FlightFacts): string {
  return first.claim !== null && second.claim !== null ? ' Each held a claim: they do not share a store.' : ''
}

function placeOf({ model, tab }: EndCase, record: { tab: string; client: string }): string {
  const place = model.labels.client(record.tab, record.client)
  const [own] = place.split(' · ')
  return own === undefined ? place : place.replace(own, tab(record as Parameters<EndCase['tab']>[0]))
}
