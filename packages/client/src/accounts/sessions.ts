import type { Context } from '@opentelemetry/api'
import type { Accounts } from './accounts.ts'
import type { CallOptions } from '../base/call-options.ts'
import { type Leave, type Settled, settleWithin } from '../realm/clock.ts'
import { type Crowd, gather } from './crowd.ts'
import { AuthApiError, type AuthError, type SessionResult } from '../base/errors.ts'
import type { Events } from './events.ts'
import { goneBefore, leftBecause, nothingRenews, pageIsLeft } from '../refresh/failures.ts'
import type { Mirror } from './mirror.ts'
import type { Outcome, Parts } from '../slot/parts.ts'
import type { CountIn, Refresher } from '../refresh/refresh.ts'
import { createReplies, disposedResult } from './replies.ts'
import { isAlive, isFresh, isNew } from '../base/schedule.ts'
import type { Session } from '../base/session.ts'
import { type Held, mayWrite, type SlotRecord, toSession } from '../slot/slot.ts'
import type { StoreWatch } from './store-watch.ts'
import { asStorageError } from '../storage/fault.ts'
import type { RefreshTrigger } from '../telemetry/attributes.ts'
import { callerOf } from '../telemetry/calls.ts'

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
  /** Who may share its promise; null: nobody, it wants something of its own. */
  readonly crowd: Crowd | null
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

  const replies = createReplies(mirror, clock)
  /** Those who have joined a flight last. */
  let flying: Crowd | null = null
  /** Those who wait for the same read of the store. */
  let reading: { readonly known: Promise<unknown>; readonly caller: Context; readonly crowd: Crowd } | null = null
  let isReady = false
  let firstLook: Promise<unknown> | null = null
  void ready.then(() => (isReady = true))

  function obtain(
    trigger: RefreshTrigger,
    call?: CallOptions,
    refused: Session | null = null,
    since = clock.monotonic(),
  ): Promise<SessionResult> {
    const isPlain = call === undefined && refused === null
    const { session: begun } = mirror
    const aboard = isPlain && flying?.share(trigger, begun, since)
    if (aboard) return aboard
    // Asked here as well: a handler that does not wait for its call has returned when the store is read.
    if (isAnswering(trigger)) return mirror.answer
    const known = isReady && watch.isCurrent && !refused ? null : look(refused)
    // Captured before the first await: in browsers it is lost there.
    const caller = callerOf(telemetry, call)
    const isBeside = isPlain && reading?.known === known && reading?.caller === caller
    const beside = isBeside && reading?.crowd.share(trigger, begun, since)
    if (beside) return beside
    const crowd = isPlain ? gather(trigger, begun, since, Math.min(patience / 100, 100)) : null
    const wish = { trigger, caller, refused, signal: call?.signal, deadline: since + patience, begun, crowd }
    const promise = known ? whenKnown(known, wish) : attempt(wish, 0)
    if (!crowd) return promise
    crowd.wait(promise)
    if (known) reading = { known, caller, crowd }
    // What is over is not kept for the next storm.
    void promise.then(() => {
      if (flying === crowd) flying = null
      if (reading?.crowd === crowd) reading = null
    })
    return promise
  }

  /** A handler that refreshes in answer to a refresh would never end. */
  function isAnswering(trigger: RefreshTrigger): boolean {
    const slot = mirror.held?.slot
    return trigger === 'forced' && !!slot && events.isHandling(slot.display.session, slot.revision)
  }

  /** A read that begins later than this. A token that was refused may have been renewed elsewhere a moment ago. */
  function look(refused: Session | null): Promise<unknown> {
    if (isReady) return watch.lookNow()
    return watch.isCurrent && !refused ? ready : (firstLook ??= ready.then(watch.lookNow))
  }

  async function whenKnown(known: Promise<unknown>, wish: Wish): Promise<SessionResult> {
    const started = await settleWithin(known, clock, wish.deadline - clock.monotonic(), wish.signal)
    if (isDisposed()) return disposedResult()
    if (started.by === 'value') return attempt(wish, 0)
    const error = whyUnready(started.by)
    if (wish.begun && replies.isOvertaken(wish.begun.sessionId, started.by)) return replies.overtaken(wish.trigger)
    return mirror.held ? replies.keep(mirror.held, error, wish.trigger) : { data: { session: null }, error }
  }

  /** A promise and a few small objects for each caller, no more: there may be a hundred thousand of them. */
  function attempt(wish: Wish, adoptions: number): Promise<SessionResult> {
    const { trigger, refused, signal } = wish
    const { held, session } = mirror
    const begun = wish.begun ?? session
    // Bound to the session it began with, whatever is in its place meanwhile.
    if (begun && session?.sessionId !== begun.sessionId) return Promise.resolve(replies.overtaken(trigger))
    if (!held || !session || isEnough(held, begun ?? session, trigger, refused, adoptions))
      return Promise.resolve(mirror.result)
    // Nothing is begun for whom it is too late, and nobody asks for ever.
    const isLate = adoptions > 2 || (adoptions > 0 && clock.monotonic() >= wish.deadline)
    const gone = isLate ? leftBecause('timeout') : goneBefore(signal)
    if (gone) return Promise.resolve(replies.keep(held, gone, trigger))
    if (held.slot.tokens.refresh === null && mayWrite(held.slot)) return withoutRefresh(wish, adoptions, held)
    // The answer may never be heard, and the token would be spent.
    if (isLeft() && !refresher.flies(held.slot)) return Promise.resolve(replies.keep(held, pageIsLeft(), trigger))
    let isOver = false
    let countIn: CountIn | null = null
    const join = (told: (settled: Settled<Outcome>) => void): CountIn | null =>
      refresher.join(held.key, held.slot, wish, told)
    const promise = new Promise<SessionResult>((resolve) => {
      countIn = join((settled) => {
        isOver = true
        if (isDisposed()) resolve(disposedResult())
        else if (settled.by !== 'value') resolve(replies.leave(held, settled.by, trigger))
        // What another party committed may be dead by now as well, and so may what this caller had: it is refreshed in its turn.
        else if (
          'slot' in settled.value &&
          (settled.value.kind === 'adopted' ||
            settled.value.slot.revision <= held.slot.revision ||
            (trigger === 'expiry' && hasSlept(settled.value.slot)))
        )
          resolve(attempt({ ...wish, begun }, adoptions + 1))
        else resolve(replies.of(held, settled.value, trigger))
      })
    })
    if (isOver || !wish.crowd) return promise
    wish.crowd.board(session, countIn, () => join(() => {}))
    if (adoptions === 0) flying = wish.crowd
    return promise
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
    return isAnswering(trigger)
  }

  /** Dead, though it lives for longer than its flight was waited for: the device slept meanwhile, or its clock was moved. */
  const hasSlept = ({ tokens }: SlotRecord): boolean =>
    (tokens.lifetime ?? 0) > patience && !isAlive(tokens, clock.now())

  /** Also where nobody waits for that any more. */
  async function expire(held: Held): Promise<boolean> {
    const isOver = await accounts.expire(held)
    if (isOver) changed({ kind: 'ended', ...held, reason: 'expired', source: 'own' })
    return isOver
  }

  /** A session that nothing can renew ends when its access token is dead. */
  async function withoutRefresh(wish: Wish, adoptions: number, held: Held): Promise<SessionResult> {
    if (!wish.refused && isAlive(held.slot.tokens, clock.now()))
      return wish.trigger === 'forced' ? replies.keep(held, nothingRenews(), 'forced') : mirror.result
    const left = (): number => wish.deadline - clock.monotonic()
    try {
      const expired = await settleWithin(expire(held), clock, left(), wish.signal)
      if (isDisposed()) return disposedResult()
      if (expired.by !== 'value') return replies.leave(held, expired.by, 'unauthorized')
      if (!expired.value) {
        await settleWithin(watch.lookNow(), clock, left(), wish.signal)
        if (isDisposed()) return disposedResult()
        return attempt({ ...wish, begun: wish.begun ?? toSession(held.slot) }, adoptions + 1)
      }
    } catch (fault) {
      return replies.keep(held, asStorageError(fault), 'unauthorized')
    }
    const error = new AuthApiError('session_ended', 'The session has expired. Sign in again.', 401)
    return { data: { session: mirror.session }, error }
  }

  return { obtain }
}
