import type { SignOutWish } from './accounts/accounts.ts'
import type { AutoRefreshMode } from './accounts/auto-refresh.ts'
import { settleWithin } from './realm/clock.ts'
import type { Core } from './core.ts'
import { AuthError, AuthRefreshDiscardedError, AuthRetryableFetchError, type SessionResult } from './base/errors.ts'
import { leftBecause } from './refresh/failures.ts'
import { type Mirror, nobody, resultOf } from './accounts/mirror.ts'
import { isFresh } from './base/schedule.ts'
import type { Seat } from './accounts/seats.ts'
import type { AuthSnapshot } from './base/session.ts'
import type { CallOptions } from './base/call-options.ts'
import { disposedResult } from './accounts/replies.ts'
import { type Held, slotKey } from './slot/slot.ts'
import { asStorageError } from './storage/fault.ts'
import type { Place } from './surface.ts'
import type { Revocation } from './telemetry/attributes.ts'

/** The place of whoever is shown. `known`: resolves when start-up is over, a sign-in that came back included. */
export function createShownPlace(core: Core, mode: AutoRefreshMode, known: Promise<unknown>): Place {
  const { parts, shown, watch, starting } = core
  const { callerClock: clock, patience, isDisposed } = parts
  let timed: Seat | null = null

  /** The timer goes with the pointer. */
  function moveTimer(): void {
    const seat = core.shownSeat()
    if (seat === timed) return
    timed?.renew('shown', 'off')
    timed = seat
    timed?.renew('shown', mode)
  }
  shown.subscribe(moveTimer)

  /** Who is shown once that is known. Who was replaced elsewhere stays in sight until it is known by whom: a caller who asks then asks about that one. */
  async function findShown(call?: CallOptions): Promise<{ seat: Seat | null; error: AuthError | null }> {
    const { snapshot } = shown
    const inSight = 'session' in snapshot && snapshot.session.account
    const wait = known.then(core.succession).then(() => (watch.isCurrent ? undefined : watch.lookNow()))
    const { by } = await settleWithin(wait, clock, patience, call?.signal)
    if (isDisposed()) return { seat: null, error: disposedResult().error }
    const seat = core.shownSeat()
    const account = seat?.mirror.session?.account
    if (inSight && account && account !== inSight)
      return { seat: null, error: new AuthRefreshDiscardedError('replaced') }
    return { seat, error: by === 'value' ? null : starting.why(by) }
  }

  async function obtainLater(...[trigger, call, refused]: Parameters<Place['obtain']>): Promise<SessionResult> {
    const since = clock.monotonic()
    const { seat, error } = await findShown(call)
    if (error) return resultOf(seat?.mirror, error, clock.now())
    return seat ? seat.sessions.obtain(trigger, call, refused, since) : nobody
  }

  return {
    known,
    fresh: (call) => answerOf(core, shown.mirror, call),
    obtain(trigger, call, refused) {
      // Who is shown while a sign-in comes back is who is asked about, whoever that sign-in is of.
      const seat = core.shownSeat()
      return seat ? seat.sessions.obtain(trigger, call, refused) : obtainLater(trigger, call, refused)
    },
    async seat(call) {
      // Whoever is shown when it is asked for is meant, not who is when it is known.
      const asked = core.shownSeat()
      const found = await findShown(call)
      const seat = isDisposed() ? null : (asked ?? found.seat)
      return { seat: seat?.mirror.held ? seat : null, error: found.error }
    },
    async end(scope, by, deadline, call) {
      // What is under way now, and who is shown now: a sign-in or a switch from here on is another matter.
      const wish = { attempts: core.attempts.leave(), isLater: core.accounts.fromNow(), scope, by }
      // Who is shown can be signed out, whether or not the store has told yet who was shown before.
      if (shown.snapshot.status !== 'restoring') return end(core, shown.mirror?.held ?? null, wish, deadline, call)
      // Asked at once: the store answers in its order. Where it fails, start-up goes on asking.
      const asked = core.accounts.shownNow().catch(() => starting.done)
      const started = await settleWithin(Promise.all([asked, starting.done]), clock, patience, call?.signal)
      if (isDisposed()) return disposedResult().error
      if (started.by !== 'value') return starting.why(started.by)
      // Whoever came in meanwhile, the one last shown is meant.
      const [found] = started.value
      return end(core, found && (core.seats.get(found.key)?.mirror.held ?? found), wish, deadline, call)
    },
    snapshot: () => shown.snapshot,
    mirror: () => shown.mirror,
    subscribe: shown.subscribe,
    wants: (account) => account !== null && shown.mirror?.key === slotKey(parts.name, account),
    setMode(next) {
      mode = next
      core.shownSeat()?.renew('shown', next)
    },
    tidy: () => {},
  }
}

/** The place of one account, whoever is shown. */
export function createAccountPlace(core: Core, account: string): Place {
  const { parts, watch } = core
  const { callerClock: clock, patience, isDisposed } = parts
  const key = slotKey(parts.name, account)
  const seat = (): Seat => core.seatOf(account)
  /** What is shown while nobody looks, or while it is read again: that it was over, once that is known. */
  let over: AuthSnapshot = { status: 'restoring' }

  function look(mirror = core.seats.get(key)?.mirror): AuthSnapshot | undefined {
    const seen = mirror?.snapshot
    // A later look into the store finds nobody, and does not know why.
    if (seen?.status === 'signed-out' && (seen.reason !== null || over.status === 'restoring')) over = seen
    return seen
  }
  /** An account that holds no session keeps no seat for having been asked about. */
  const leaveWith = <T>(result: Promise<T>): Promise<T> =>
    result.finally(() => {
      look()
      core.seats.tidy(key)
    })

  async function findSeat(call?: CallOptions): ReturnType<Place['seat']> {
    if (isDisposed()) return { seat: null, error: disposedResult().error }
    const here = seat()
    const wait = here.ready.then(() => (watch.isCurrent ? undefined : watch.lookNow()))
    const { by } = await settleWithin(wait, clock, patience, call?.signal)
    if (isDisposed()) return { seat: null, error: disposedResult().error }
    return { seat: here.mirror.held ? here : null, error: by === 'value' ? null : leftBecause(by) }
  }

  async function endHere(...[scope, by, deadline, call]: Parameters<Place['end']>): ReturnType<Place['end']> {
    const { mirror, ready } = seat()
    const wish = { attempts: null, isLater: core.accounts.fromNow(), scope, by }
    // Who is here can be signed out, whether or not the store has told yet who was.
    if (mirror.held) return end(core, mirror.held, wish, deadline, call)
    const read = await settleWithin(ready, clock, patience, call?.signal)
    if (isDisposed()) return disposedResult().error
    if (read.by !== 'value') return leftBecause(read.by)
    const held = core.seats.get(key)?.mirror.held
    return held ? end(core, held, wish, deadline, call) : null
  }

  return {
    get known() {
      return isDisposed() ? Promise.resolve() : seat().ready
    },
    fresh: (call) => answerOf(core, core.seats.get(key)?.mirror, call),
    obtain: (...ask) => leaveWith(seat().sessions.obtain(...ask)),
    seat: (call) => leaveWith(findSeat(call)),
    end: (...wish) => leaveWith(endHere(...wish)),
    snapshot() {
      const here = isDisposed() ? core.seats.get(key) : seat()
      const seen = look()
      if (seen?.status === 'restoring') void here?.ready.then(() => look(here.mirror))
      return seen && 'session' in seen ? seen : over
    },
    mirror: () => core.seats.get(key)?.mirror,
    subscribe: (listener) => core.look(account, () => listener()),
    wants: (other) => other === account,
    setMode(mode) {
      if (!isDisposed()) (mode === 'off' ? core.seats.get(key) : seat())?.renew('asked', mode)
    },
    tidy: () => core.seats.tidy(key),
  }
}

/** The answer that is there already; null where it has to be looked for. */
const answerOf = ({ watch, parts }: Core, mirror: Mirror | null | undefined, call?: CallOptions) =>
  mirror?.held && watch.isCurrent && !call?.signal?.aborted && isFresh(mirror.held.slot.tokens, parts.clock.now())
    ? mirror.answer
    : null

/**
 * Ends a session here, unless it was begun after that was asked for. Whatever the store says, nothing of it is served any more. Only who wants to
 * be signed out everywhere waits for the server.
 */
async function end(
  { parts, accounts, seats }: Core,
  known: Held | null,
  wish: SignOutWish,
  deadline: number,
  call?: CallOptions,
): Promise<AuthError | null> {
  const held = known && !wish.isLater(known.slot) ? known : null
  const over = held && seats.get(held.key)?.mirror.leave(wish.by)
  // Also for who disposes of the client meanwhile: a sign-out tells what came of it.
  const wait = <T>(work: Promise<T>) =>
    settleWithin(work, parts.clock, deadline - parts.clock.monotonic(), call?.signal)
  const ended = await wait(accounts.signOut(held, wish)).catch(asStorageError)
  over?.()
  if (held) parts.changed({ kind: 'ended', ...held, reason: 'user', source: 'own', by: wish.by })
  if (ended instanceof AuthError) return ended
  if (ended.by !== 'value') return parts.isDisposed() ? disposedResult().error : leftBecause(ended.by)
  if (wish.scope === 'local') return null
  const told = await wait(Promise.all(ended.value))
  if (told.by === 'aborted') return leftBecause(told.by)
  const revocations: readonly Revocation[] = told.by === 'value' ? told.value : ['failed']
  // Any token of the user ends all sessions, and more than one may have been known.
  if (revocations.includes('done') || revocations.length === 0) return null
  return revocations.includes('failed') ? notEverywhere() : onlyHere()
}

const notEverywhere = (): AuthError =>
  new AuthRetryableFetchError(
    'server_error',
    'You are signed out here. The server has not said that it ended the other sessions of this user, so other devices may still be signed in. ' +
      'Sign in and do it again.',
  )

const onlyHere = (): AuthError =>
  new AuthError('unsupported', 'You are signed out here. This provider cannot end the sessions of a user.')
