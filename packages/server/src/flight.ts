import type { Operation } from '@authflight/client/telemetry'
import { afterLoss, rest, restBefore } from '@authflight/client/presentation'
import type { Ask } from './answer.ts'
import { createLandings, discard } from './landing.ts'
import { failure, outcomeOf, pauseAfter } from './outcome.ts'
import type { Parts } from './parts.ts'
import { presentOnce } from './presenting.ts'
import { type Landed, takeRight } from './right.ts'

export interface Takeoff {
  readonly token: string
  /** Null where the engine is this process's own and the app named none. */
  readonly session: string | null
  readonly ask: Ask
  /** The access token is dead: presenting again after a lost answer can make nothing worse. */
  readonly nothingToLose: boolean
  /** Whether somebody in this process still waits to be given the outcome. */
  readonly isAwaited: () => boolean
  /** When the patience of the last of them ends, on the monotonic clock; long ago where nobody waits. */
  readonly awaitedUntil: () => number
  /** Whether the session was ended here meanwhile: who asked for the outcome discards it. */
  readonly isEnded: () => boolean
}

export interface Flown extends Landed {
  /** Requests that carried the token. */
  readonly attempts: number
}

type Answered = ReturnType<typeof outcomeOf>

/** How often a right is asked for anew that ran out before anything was sent. */
const mostTries = 3

/** One flight, from asking for the right to present to the outcome for everybody. */
export async function fly(parts: Parts, takeoff: Takeoff, operation: Operation): Promise<Flown> {
  const { token, session, ask, nothingToLose, isAwaited, awaitedUntil, isEnded } = takeoff
  const locker = await parts.keyring.lockerOf(token, session).catch(() => null)
  if (!locker) return { outcome: withoutCrypto(), via: 'waited', attempts: 0 }
  operation.set({ 'authflight.session.id': locker.display })
  const holder = parts.realm.secret()
  const landings = createLandings(parts, { token, locker, holder, operation, isAwaited, isEnded })
  const { clock, random } = parts.realm
  let attempts = 0
  let isOrphan = false
  /** What is told where asking a server once more that contends with itself comes to nothing. */
  let contended: Answered | null = null

  for (let tries = 0; tries < mostTries; tries += 1) {
    const right = await takeRight(parts, locker, operation, { holder, nothingToLose, isAwaited, isOrphan })
    if (right.kind === 'landed') {
      // The right stands still, and is given back.
      if (contended && right.outcome.kind === 'failed')
        return { ...(await landings.land(contended, isOrphan)), attempts }
      if (right.outcome.kind === 'discarded') discard(parts, operation, null)
      return { ...right, attempts }
    }
    isOrphan = right.orphan
    const presented = await presentOnce(parts, { token, ask, until: right.until }, operation)
    if (presented.kind === 'superseded') continue
    attempts += presented.attempts
    const verdict = isOrphan ? afterLoss(presented.verdict) : presented.verdict
    const outcome = outcomeOf(verdict, token, pauseAfter(right.takes, random()))
    const pause = contended ? null : restBefore(verdict, random())
    if (pause !== null && clock.monotonic() + pause < Math.min(awaitedUntil(), right.until)) {
      contended = outcome
      await rest(clock, pause)
      if (isAwaited()) continue
    }
    if (right.isAlone) return { outcome, via: 'presented', attempts }
    // What was not looked at now was perhaps consumed before.
    const landed = await landings.land(outcome, verdict.kind === 'unknown' || (isOrphan && verdict.kind === 'unspent'))
    if (presented.late) landings.follow(presented.late)
    return { ...landed, attempts }
  }
  const landed = await landings.land(contended ?? neverSent(), isOrphan)
  return { ...landed, attempts }
}

const withoutCrypto = () =>
  failure(
    'unsupported',
    '_OTHER',
    'Names and seals could not be made from the token: this runtime lacks Web Crypto, or it failed.',
    1_000,
  )

const neverSent = () =>
  failure(
    'timeout',
    'timeout',
    'The right to present this token ran out before it was sent, three times over. Look for what holds up this process.',
    1_000,
  )
