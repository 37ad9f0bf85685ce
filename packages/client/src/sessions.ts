import type { Context } from '@opentelemetry/api'
import type { Accounts } from './accounts.ts'
import type { CallOptions } from './call-options.ts'
import { type Leave, settleWithin } from './clock.ts'
import {
  AuthApiError,
  AuthClientDisposedError,
  type AuthError,
  AuthRefreshDiscardedError,
  AuthRetryableFetchError,
  type SessionResult,
} from './errors.ts'
import type { Events } from './events.ts'
import { goneBefore, leftBecause, pageIsLeft } from './failures.ts'
import { asStale, type Mirror, whyLeft } from './mirror.ts'
import type { Outcome, Parts } from './parts.ts'
import type { CountIn, Refresher } from './refresh.ts'
import { isAlive, isFresh, isNew } from './schedule.ts'
import type { Session } from './session.ts'
import { type Held, mayWrite, type SlotRecord, toSession } from './slot.ts'
import type { StoreWatch } from './store-watch.ts'
import { asStorageError } from './storage/fault.ts'
import type { RefreshTrigger } from './telemetry/attributes.ts'
import { callerOf } from './telemetry/calls.ts'

export interface SessionsParts extends Pick<
  Parts,
  'callerClock' | 'telemetry' | 'changed' | 'patience' | 'isDisposed'
> {
  readonly events: Events
  readonly mirror: Mirror
  readonly refresher: Refresher
  readonly accounts: Accounts
  /** Resolves when the slot was read. */
  readonly ready: Promise<unknown>
  /** The error of a caller who has gone before. */
  readonly whyUnready: (by: Leave) => AuthError
  /** The page is left: no refresh is begun. */
  readonly isLeft: () => boolean
  /** Follows the store; what it says is current goes without another read. */
  readonly watch: Pick<StoreWatch, 'isCurrent' | 'lookNow'>
}

/** What one caller wants. */
interface Wish {
  readonly trigger: RefreshTrigger
  readonly caller: Context
  readonly refused: Session | null
  readonly signal: AbortSignal | undefined
  /** When its patience is over, on the monotonic clock. */
  readonly deadline: number
  /** The session held when it asked; null: that was not known yet, or none. */
  readonly begun: Session | null
  /** Who share its promise while the store is being read; null: it has a wish of its own. */
  readonly crowd: Crowd | null
}

/** How many beside the first have asked the same before it is known what that comes to. */
interface Crowd {
  size: number
}

interface Cohort {
  readonly promise: Promise<SessionResult>
  /** Counts one more in, if it may. */
  readonly isOpenTo: (trigger: RefreshTrigger) => boolean
}

/** What a caller of one account asks. */
export interface Sessions {
  /**
   * Gets a caller the session it asked for: good enough for its trigger, and never another one's. `refused`: the session that
   * a server answered 401 to; wanted is a newer revision of the same, unless a refresh has just brought this one, and it is not marked
   * as dead. `since`: when it began to wait, on the monotonic clock; default now.
   */
  obtain(trigger: RefreshTrigger, call?: CallOptions, refused?: Session | null, since?: number): Promise<SessionResult>
}

export function createSessions(parts: SessionsParts): Sessions {
  const {
    callerClock: clock,
    telemetry,
    events,
    mirror,
    refresher,
    accounts,
    changed,
    ready,
    whyUnready,
    watch,
    isLeft,
    isDisposed,
    patience,
  } = parts

  /** A storm is one promise for many callers: what is made for each of them is what it costs. */
  let cohort: Cohort | null = null
  /** Those who wait for the same read of the store. */
  let readers: { readonly known: Promise<unknown>; readonly cohort: Cohort } | null = null
  let isReady = false
  void ready.then(() => (isReady = true))

  function obtain(
    trigger: RefreshTrigger,
    call?: CallOptions,
    refused: Session | null = null,
    since = clock.monotonic(),
  ): Promise<SessionResult> {
    const isPlain = call === undefined && refused === null
    if (isPlain && cohort?.isOpenTo(trigger)) return cohort.promise
    const known = isReady && watch.isCurrent && !refused ? null : look(refused)
    if (isPlain && readers?.known === known && readers?.cohort.isOpenTo(trigger)) return readers.cohort.promise
    // Captured before the first await: in browsers it is lost there.
    const caller = callerOf(telemetry, call)
    const deadline = since + patience
    const crowd = isPlain ? { size: 0 } : null
    const wish = { trigger, caller, refused, begun: mirror.session, crowd, signal: call?.signal, deadline }
    if (!known) return attempt(wish, 0)
    const promise = whenKnown(known, wish)
    if (crowd) readers = { known, cohort: gather(promise, mirror.session, trigger, () => (crowd.size += 1) > 0) }
    return promise
  }

  /** A read that begins later than this. A token that was refused may have been renewed elsewhere a moment ago. */
  function look(refused: Session | null): Promise<unknown> {
    if (isReady) return watch.lookNow()
    return watch.isCurrent && !refused ? ready : ready.then(watch.lookNow)
  }

  async function whenKnown(known: Promise<unknown>, wish: Wish): Promise<SessionResult> {
    const started = await settleWithin(known, clock, wish.deadline - clock.monotonic(), wish.signal)
    if (isDisposed()) return disposedResult()
    if (started.by === 'value') return attempt(wish, 0)
    const error = whyUnready(started.by)
    return mirror.held ? keep(mirror.held, error, wish.trigger) : { data: { session: null }, error }
  }

  /** A promise and a few small objects for each caller, no more: there may be a hundred thousand of them. */
  function attempt(wish: Wish, adoptions: number): Promise<SessionResult> {
    const { trigger, refused, signal } = wish
    const { held, session } = mirror
    const begun = wish.begun ?? session
    // Bound to the session it began with, whatever is in its place meanwhile.
    if (begun && session?.sessionId !== begun.sessionId) return Promise.resolve(overtaken(trigger))
    if (!held || !session || isEnough(held, begun ?? session, trigger, refused, adoptions))
      return Promise.resolve(mirror.result)
    // Nothing is begun for whom it is too late, and nobody asks for ever.
    const isLate = adoptions > 2 || (adoptions > 0 && clock.monotonic() >= wish.deadline)
    const gone = isLate ? leftBecause('timeout') : goneBefore(signal)
    if (gone) return Promise.resolve(keep(held, gone, trigger))
    if (held.slot.tokens.refresh === null && mayWrite(held.slot)) return withoutRefresh(wish, adoptions, held)
    // The answer may never be heard, and the token would be spent.
    if (isLeft() && !refresher.flies(held.slot)) return Promise.resolve(keep(held, pageIsLeft(), trigger))
    let isOver = false
    let countIn: CountIn | null = null
    const promise = new Promise<SessionResult>((resolve) => {
      countIn = refresher.join(held.key, held.slot, wish, (settled) => {
        isOver = true
        if (isDisposed()) resolve(disposedResult())
        else if (settled.by !== 'value') resolve(keep(held, leftBecause(settled.by), trigger))
        // What another party committed may be dead by now as well, and so may what this caller had: it is refreshed in its turn.
        else if (
          'slot' in settled.value &&
          (settled.value.kind === 'adopted' ||
            settled.value.slot.revision <= held.slot.revision ||
            (trigger === 'expiry' && hasSlept(settled.value.slot)))
        )
          resolve(attempt({ ...wish, begun }, adoptions + 1))
        else resolve(tell(held, settled.value, trigger))
      })
    })
    // Each of the crowd waits as well, and the first of them have a wait of their own.
    for (let left = wish.crowd?.size ?? 0; left > 0 && !isOver; left -= 1)
      if (!countIn?.()) countIn = refresher.join(held.key, held.slot, wish, () => {})
    if (countIn && wish.crowd && adoptions === 0) cohort = gather(promise, session, trigger, countIn)
    return promise
  }

  /** Callers who ask the same within a hundredth of their patience, 100 ms at most, about the same session. */
  function gather(
    promise: Promise<SessionResult>,
    about: Session | null,
    trigger: RefreshTrigger,
    countIn: CountIn,
  ): Cohort {
    const until = clock.monotonic() + Math.min(patience / 100, 100)
    return {
      promise,
      isOpenTo: (asked) => asked === trigger && mirror.session === about && clock.monotonic() < until && countIn(),
    }
  }

  function isEnough(
    { slot }: Held,
    begun: Session,
    trigger: RefreshTrigger,
    refused: Session | null,
    adoptions: number,
  ): boolean {
    if (refused) {
      if (refused.sessionId !== begun.sessionId || slot.revision > refused.revision) return true
      // Whatever refuses what a refresh has just brought, refuses the next one too, also where another tab has brought it. What is under
      // way already is waited for, and a sign-in may bring a token that was old before.
      return !refused.stale && slot.revision > 1 && isNew(slot.tokens, clock.now()) && !refresher.flies(slot)
    }
    if (trigger === 'expiry') return isFresh(slot.tokens, clock.now())
    // The flight it joined may have been begun before the session that it had.
    if (adoptions > 0) return slot.revision > begun.revision
    // A handler that refreshes in answer to a refresh would never end.
    return trigger === 'forced' && events.isHandling(begun.sessionId, slot.revision)
  }

  /** Dead, though it lives for longer than its flight was waited for: the device slept meanwhile, or its clock was moved. */
  const hasSlept = ({ tokens }: SlotRecord): boolean =>
    (tokens.lifetime ?? 0) > patience && !isAlive(tokens, clock.now())

  function tell(held: Held, outcome: Outcome, trigger: RefreshTrigger): SessionResult {
    switch (outcome.kind) {
      case 'discarded':
        return { data: { session: mirror.session }, error: new AuthRefreshDiscardedError(outcome.reason) }
      case 'rejected':
        return { data: { session: mirror.session }, error: outcome.error }
      case 'failed':
        return keep(held, outcome.error, trigger)
      default:
        return mirror.held?.slot.sessionId === outcome.slot.sessionId ? mirror.result : overtaken(trigger)
    }
  }

  /** The session as it is. An access token that is still good is no error for a caller who did not insist. */
  function keep(held: Held, error: AuthError | null, trigger: RefreshTrigger): SessionResult {
    const { session } = mirror
    const { slot } = mirror.held ?? held
    const alive = trigger !== 'unauthorized' && isAlive(slot.tokens, clock.now())
    if (alive) return { data: { session }, error: trigger === 'forced' ? error : null }
    // Who looks sees what callers are told, once: also where what they waited for has not ended yet.
    if (error instanceof AuthRetryableFetchError && mirror.snapshot.status === 'signed-in')
      mirror.fail({ error, retryAt: error.retryAt })
    return { data: { session: session && asStale(session) }, error }
  }

  /** What a caller is told whose session was left: what its account holds now, never another one's. */
  function overtaken(trigger: RefreshTrigger): SessionResult {
    const { session, result } = mirror
    const reason = whyLeft(mirror)
    // Somebody signed out elsewhere, and this caller asked no more than who is there.
    if (reason === 'signed_out' && trigger === 'expiry') return result
    return { data: { session }, error: new AuthRefreshDiscardedError(reason) }
  }

  /** A session that nothing can renew ends when its access token is dead. */
  async function withoutRefresh(wish: Wish, adoptions: number, held: Held): Promise<SessionResult> {
    if (!wish.refused && isAlive(held.slot.tokens, clock.now())) return mirror.result
    const left = (): number => wish.deadline - clock.monotonic()
    try {
      const expired = await settleWithin(accounts.expire(held), clock, left(), wish.signal)
      if (isDisposed()) return disposedResult()
      if (expired.by !== 'value') return keep(held, leftBecause(expired.by), 'unauthorized')
      if (!expired.value) {
        await settleWithin(watch.lookNow(), clock, left(), wish.signal)
        if (isDisposed()) return disposedResult()
        return attempt({ ...wish, begun: wish.begun ?? toSession(held.slot) }, adoptions + 1)
      }
    } catch (fault) {
      return keep(held, asStorageError(fault), 'unauthorized')
    }
    changed({ kind: 'ended', key: held.key, slot: held.slot, reason: 'expired', source: 'own' })
    const error = new AuthApiError('session_ended', 'The session has expired. Sign in again.', 401)
    return { data: { session: mirror.session }, error }
  }

  return { obtain }
}

/** What a caller hears who was still waiting: that nobody is signed in would send a user to log in. */
export const disposedResult = (): SessionResult => ({ data: { session: null }, error: new AuthClientDisposedError() })
