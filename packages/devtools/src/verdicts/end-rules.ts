import type { AuthRecord } from '@authflight/client'
import { capitalise, formatDuration } from '../model/format.ts'
import { number, text } from '../model/names.ts'
import { pagePoints } from '../model/page-points.ts'
import { answerOf, type EndCase, fateOf, find, ledTo, metBy, seenGone } from './end-case.ts'
import { isGood, recordAt, step } from './facts.ts'
import { ownRetry, refusal, reuseByCode, reuseElsewhere } from './reuse-rules.ts'
import { successorOf } from './successor.ts'
import type { Finding } from './verdict.ts'

type EndRule = (scene: EndCase) => Finding | null

/** Nobody presses a button so soon after something failed; milliseconds. */
const reflex = 250
/** A page that was away for less did not sleep; milliseconds. */
const nap = 60_000

const isByHand = ({ attributes }: AuthRecord) => text(attributes, 'session_end.reason') === 'user'

const elsewhere = ['The records of the other tab. Open the panel there too.']

/** Somebody signed out; a refresh that was under way found its session gone. */
function signedOutDuringRefresh(scene: EndCase): Finding | null {
  const { reason, flights, ends, who, at } = scene
  if (reason !== 'user' && reason !== 'other_tab') return null
  const overtaken = flights.find(
    ({ outcome, startedAt, endedAt }) => outcome === 'discarded' && startedAt <= at && at <= endedAt,
  )
  const end = ends.find(isByHand)
  if (overtaken === undefined || (end === undefined && reason === 'user')) return null
  const where = end === undefined ? 'another tab, which told nothing here,' : scene.tab(end)
  const revoked = overtaken.discard && text(overtaken.discard.attributes, 'discard.revocation')
  const fate = revoked === 'done' ? 'its new tokens were discarded and revoked' : fateOf(overtaken)
  const sentence = `${who} signed out in ${where} while ${overtaken.name} was under way. ${capitalise(fate)}.`
  const steps = [
    step(overtaken.record, `${scene.tab(overtaken.record)}: ${overtaken.name} began`),
    metBy(scene, overtaken, 'the session gone'),
  ]
  return find(scene, 'signed_out_during_refresh', sentence, steps, end === undefined ? elsewhere : [])
}

/** A sign-out within a reflex of a failure: code did that, not a hand. */
function appErrorHandling(scene: EndCase): Finding | null {
  const { reason, ends, flights } = scene
  const end = ends.find(isByHand)
  if (reason !== 'user' || end === undefined) return null
  const failure = flights.findLast(
    ({ outcome, endedAt, record }) => outcome === 'failed' && record.tab === end.tab && endedAt <= end.startedAt,
  )
  if (failure === undefined || end.startedAt - failure.endedAt > reflex) return null
  const after = formatDuration(end.startedAt - failure.endedAt)
  const error = (failure.error ?? 'an error').replaceAll('_', ' ')
  const sentence = `${scene.opening}, ${after} after ${failure.name} failed (${error}). The client had kept the session: most likely the app's error handling signed out.`
  return find(scene, 'app_error_handling', sentence, [
    step(
      failure.record,
      `${scene.tab(failure.record)}: ${failure.name} failed (${error}); the session was kept`,
      'ended',
    ),
  ])
}

function signedOutHere(scene: EndCase): Finding | null {
  const end = scene.ends.find(isByHand)
  if (scene.reason !== 'user' || end === undefined) return null
  const others = scene.ends.filter(({ tab }) => tab !== end.tab).map((record) => scene.tab(record))
  const followed = others.length === 0 ? '' : ` ${[...new Set(others)].join(', ')} followed.`
  return find(scene, 'signed_out_here', `${scene.opening.replace('was signed out', 'signed out')}.${followed}`, [])
}

function signedOutElsewhere(scene: EndCase): Finding | null {
  if (scene.reason !== 'other_tab') return null
  const sentence = `${scene.opening}: somebody signed out in another tab, which told nothing here.`
  return find(scene, 'signed_out_elsewhere', sentence, [], elsewhere)
}

function replaced(scene: EndCase): Finding | null {
  const { reason, flights, who } = scene
  if (reason !== 'replaced') return null
  const overtaken = flights.findLast(
    ({ discard }) => discard && text(discard.attributes, 'discard.reason') === 'replaced',
  )
  const next = successorOf(scene)
  const where = next === undefined ? '' : ` in ${scene.tab(next)}`
  const during = overtaken === undefined ? '' : ` ${capitalise(overtaken.name)} was under way; ${fateOf(overtaken)}.`
  const steps = [
    overtaken && step(overtaken.record, `${scene.tab(overtaken.record)}: ${overtaken.name} began`),
    overtaken && metBy(scene, overtaken, 'another session'),
    next && step(next, `${scene.tab(next)} stored the session that took its place`),
  ]
  const sentence = `Another sign-in took the place of ${who}${where}.${during}`
  return find(scene, 'replaced', sentence, steps, next === undefined ? elsewhere : [])
}

/** A store that failed before it was found empty was not cleared by a hand, unless it was good meanwhile. */
function storageUnavailable(scene: EndCase): Finding | null {
  const { flights, session, at } = scene
  const failure = flights.findLast(({ error, endedAt }) => error === 'storage_error' && endedAt <= at)
  if (scene.reason !== 'storage_cleared' || failure === undefined) return null
  const isLater = (time: number) => time > failure.endedAt && time <= at
  const wasGood =
    session.generations.some(({ from, toldAt }) => isLater(from) || isLater(toldAt)) ||
    flights.some((flight) => isGood(flight) && isLater(flight.endedAt))
  if (wasGood) return null
  const sentence = `${scene.opening}: the browser's storage failed (${failure.name}), and the stored session was gone.`
  return find(scene, 'storage_unavailable', sentence, [
    step(failure.record, `${scene.tab(failure.record)}: ${failure.name} met a failing store`, 'ended'),
  ])
}

function storageCleared(scene: EndCase): Finding | null {
  const { reason, session, model } = scene
  if (reason !== 'storage_cleared') return null
  const stored = session.generations.at(-1)
  const record = recordAt(model, stored?.record)
  const sentence = `${scene.opening}: the stored session had been removed, and not by a sign-out. Site data was cleared, or other code deleted it.`
  return find(scene, 'storage_cleared', sentence, [
    record && step(record, `${scene.tab(record)}: generation ${stored?.revision} was stored`),
    seenGone(scene),
  ])
}

/** Tokens that are bound to a key (RFC 9449) end with it. No server had a say, whatever the refresh that found out says. */
function keyLost(scene: EndCase): Finding | null {
  if (scene.reason !== 'key_lost') return null
  const met = scene.flights.findLast(({ outcome, startedAt }) => outcome === 'rejected' && startedAt <= scene.at)
  const sentence = `${scene.opening}: the key of its tokens was gone from the store. No server was asked.`
  return find(scene, 'key_lost', sentence, [
    met && ledTo(scene, met.record, `${scene.tab(met.record)}: ${met.name} found no key`),
  ])
}

/** Known to be over: by the lifetime that the server told, or by its code. */
function expired(scene: EndCase): Finding | null {
  const { reason, told, at } = scene
  const diedAt = told?.diesAt ?? Infinity
  if (reason !== 'expired' && !(reason === 'rejected' && diedAt <= at)) return null
  const jumped = diedAt > at ? findClockJump(scene) : undefined
  if (jumped !== undefined) {
    const sentence = `${scene.opening}: by this device's clock the session had expired, and shortly before, that clock was moved or the machine slept.`
    return find(scene, 'clock', sentence, [step(jumped, `${scene.tab(jumped)}: the clock jumped`)])
  }
  const since = diedAt <= at ? ` Its refresh token had been dead for ${formatDuration(at - diedAt)}.` : ''
  return find(scene, 'expired', `${scene.opening}: the session had expired.${since}${answer(scene)}`, [
    diedAt <= at ? told!.step : null,
    ...refusal(scene),
  ])
}

/** Forward, on the device that ended it; and neither a server nor the time that went by says that it was over anyway. */
function findClockJump({ model, at, ends, rejected, session }: EndCase): AuthRecord | undefined {
  if (rejected !== undefined || (session.generations.at(-1)?.expiresAt ?? Infinity) <= at) return undefined
  return pagePoints(model, at - 120_000, at).findLast(
    ({ name, tab, attributes }) =>
      name === 'authflight.record.clock_jump' &&
      ends.some((end) => end.tab === tab) &&
      (number(attributes, 'clock.jump') ?? 0) > 0,
  )
}

function revoked(scene: EndCase): Finding | null {
  if (scene.reason !== 'revoked') return null
  const sentence = `${scene.opening}: the server revoked the session.${answer(scene)}`
  return find(scene, 'revoked', sentence, refusal(scene))
}

/** The page was frozen or in the back-forward cache for longer than a nap, and the first refresh after it was refused. */
function asleep(scene: EndCase): Finding | null {
  const { rejected, reason, model, flights, session, told } = scene
  // What the server told of its lifetime has been weighed: by that it had not expired.
  if (reason !== 'rejected' || rejected === undefined || told !== undefined) return null
  const { record, startedAt } = rejected
  const states = pagePoints(model, -Infinity, startedAt).filter(
    ({ name, tab }) => name === 'authflight.record.page_state' && tab === record.tab,
  )
  const kinds = states.map(({ attributes }) => text(attributes, 'page.state'))
  // A page that was only shown before was not away; one that comes back from the cache may tell so twice.
  const woke = kinds.findLastIndex((kind, at) => /^(frozen|hidden) (resumed|bfcache)$/.test(`${kinds[at - 1]} ${kind}`))
  if (woke < 0) return null
  const [slept, awake] = [states[woke - 1]!.startedAt, states[woke]!.startedAt]
  const isServed =
    flights.some((flight) => isGood(flight) && flight.startedAt < startedAt && flight.endedAt > awake - nap) ||
    session.generations.some(({ from }) => from > awake - nap && from < startedAt)
  if (awake - slept <= nap || isServed) return null
  const sentence = `${scene.opening}: the page had been away for ${formatDuration(awake - slept)}, and after that the server no longer accepted the session. It does not say why; most likely it expired meanwhile.`
  const steps = [woke - 1, woke].map((at) => step(states[at]!, `${scene.tab(record)}: ${kinds[at]}`))
  return find(scene, 'asleep', sentence, [...steps, ...refusal(scene)], ['How long the refresh token lives.'])
}

function noReasonGiven(scene: EndCase): Finding | null {
  const { rejected, reason, told } = scene
  if (reason !== 'rejected') return null
  const why =
    told === undefined
      ? 'expired, revoked or used elsewhere.'
      : 'revoked or used elsewhere; the lifetime that it had told was not over.'
  const sentence = `${scene.opening}: the server no longer accepts this session and does not say why: ${why}${answer(scene)}`
  const unheard =
    told === undefined
      ? 'How long the refresh token lives, and what other clients did with it.'
      : 'What other clients did with the refresh token.'
  const missing = rejected === undefined ? 'The refresh that was refused.' : unheard
  return find(scene, 'no_reason_given', sentence, [told?.step, ...refusal(scene)], [missing])
}

function unknown(scene: EndCase): Finding {
  const [steps, what] =
    scene.ends.length === 0
      ? [[seenGone(scene)], 'The end itself: only that the session was gone.']
      : [[], 'Why it ended: the client did not know.']
  const missing = scene.flights.length === 0 ? [what, 'Any refresh of this session.'] : [what]
  return find(scene, 'unknown', `${scene.opening}. Why was not recorded.`, steps, missing)
}

/** First match wins. What is certain comes before what is likely. */
export const endRules: readonly EndRule[] = [
  signedOutDuringRefresh,
  appErrorHandling,
  signedOutHere,
  signedOutElsewhere,
  replaced,
  storageUnavailable,
  storageCleared,
  keyLost,
  reuseElsewhere,
  reuseByCode,
  ownRetry,
  expired,
  revoked,
  asleep,
  noReasonGiven,
  unknown,
]

/** What the server said when it refused, to follow a sentence. */
function answer({ rejected }: EndCase): string {
  return rejected === undefined ? '' : ` ${answerOf(rejected)}`
}
