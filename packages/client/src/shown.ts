import type { Held } from './accounts.ts'
import type { SessionResult } from './errors.ts'
import { type AuthEvent, callOutside, type Events } from './events.ts'
import type { Change, Failure } from './parts.ts'
import type { Realm } from './realm.ts'
import { isAlive } from './schedule.ts'
import { type AuthSnapshot, reduce, type Session, type SignedOutReason, type SnapshotAction } from './session.ts'
import { type SlotRecord, toSession } from './slot.ts'
import { type Attributes, seconds } from './telemetry/attributes.ts'
import type { Telemetry } from './telemetry/operation.ts'

/** The account a client shows: its mirror of the slot, and what the app sees of it. */
export interface Shown {
  /** The slot as last seen; null: nobody is shown. */
  readonly held: Held | null
  /** The session of `held`, the same object as long as nothing changes. */
  readonly session: Session | null
  /** The answer to a `getSession` that finds the session fresh, made once a revision. */
  readonly result: SessionResult
  /** The same, as a promise that is there already. */
  readonly answer: Promise<SessionResult>
  /** Takes what was loaded when the client began; null: nobody. */
  begin(held: Held | null): void
  /** Shows another sign-in than before. */
  signIn(held: Held, source: 'own' | 'foreign'): void
  /** Follows a change of the shown slot. A change of another one, or one that is behind, is none. */
  follow(change: Change): void
  /** A refresh of it failed before and is not tried yet: its access token may have died since. */
  fail(failure: Failure): void
  getSnapshot(): AuthSnapshot
  subscribe(listener: () => void): () => void
  close(): void
}

export function createShown(
  realm: Realm,
  events: Events,
  telemetry: Telemetry,
  moved: (slot: SlotRecord | null, retryAt?: number | null) => void,
): Shown {
  const { clock } = realm
  let held: Held | null = null
  let session: Session | null = null
  let result: SessionResult = nobody
  let answer = Promise.resolve(result)
  let snapshot: AuthSnapshot = { status: 'restoring' }
  const listeners = new Set<() => void>()
  let closed = false

  function set(next: Held | null, action: SnapshotAction): void {
    held = next
    moved(next?.slot ?? null)
    show(action)
  }
  function show(action: SnapshotAction): void {
    if (closed) return
    const before = snapshot
    snapshot = reduce(snapshot, action)
    if (snapshot !== before) for (const listener of listeners) callOutside(realm, listener)
  }
  function hold(next: Held): Session {
    session = toSession(next.slot)
    result = Object.freeze({ data: Object.freeze({ session }), error: null })
    answer = Promise.resolve(result)
    set(next, { type: 'held', session })
    return session
  }
  function emit(event: AuthEvent, about: SlotRecord, source: 'own' | 'foreign', reason: SignedOutReason | null): void {
    const { account, session: sessionId } = about.display
    telemetry.point('authflight.record.event', {
      'authflight.event.name': event,
      'authflight.session.id': sessionId,
      ...(reason ? { 'authflight.session_end.reason': reason } : {}),
    })
    events.emit(event, event === 'SIGNED_OUT' ? null : session, { reason, source, account, sessionId })
  }
  const describe = ({ display, revision, tokens }: SlotRecord): Attributes => ({
    'authflight.session.id': display.session,
    'authflight.account.id': display.account,
    'authflight.session.revision': revision,
    ...(tokens.expiresAt === null ? {} : { 'authflight.token.expires_in': seconds(tokens.expiresAt - clock.now()) }),
  })
  const changed = (change: 'loaded' | 'foreign' | 'ended', slot: SlotRecord): void =>
    telemetry.point('authflight.record.store_change', { 'authflight.store.change': change, ...describe(slot) })

  function empty(): void {
    held = null
    session = null
    result = nobody
    answer = Promise.resolve(nobody)
  }

  function end(slot: SlotRecord, reason: SignedOutReason, source: 'own' | 'foreign'): void {
    empty()
    set(null, { type: 'ended', reason })
    tellEnd(slot, reason, source)
  }

  function tellEnd(slot: SlotRecord, reason: SignedOutReason, source: 'own' | 'foreign'): void {
    telemetry
      .open('authflight.session_end', {
        attributes: { 'authflight.session_end.reason': reason, 'authflight.session.id': slot.display.session },
      })
      .end()
    changed('ended', slot)
    emit('SIGNED_OUT', slot, source, reason)
  }

  function signIn(next: Held, source: 'own' | 'foreign'): void {
    if (closed) return
    const before = held
    if (before) tellEnd(before.slot, 'replaced', source)
    // The snapshot goes from one to the other: `signed-out` in between would send a user to log in.
    hold(next)
    if (source === 'own') telemetry.point('authflight.record.committed', describe(next.slot))
    else changed('foreign', next.slot)
    emit('SIGNED_IN', next.slot, source, null)
  }

  function follow(change: Change): void {
    if (!held || held.key !== change.key) return
    const before = held.slot
    if (change.kind === 'failed') {
      if (before.sessionId !== change.slot.sessionId) return
      moved(before, change.failure.retryAt)
      return fail(change.failure)
    }
    if (change.kind === 'ended') {
      if (before.sessionId === change.slot.sessionId) end(before, change.reason, change.source)
      return
    }
    const { key, slot, source, flight } = change
    // A flight tells of the session it began with, and may be late: only a look into the store shows another one.
    if (slot.sessionId !== before.sessionId) return
    if (slot.revision < before.revision) return
    if (slot.revision === before.revision && slot.tokens.expiresAt === before.tokens.expiresAt) return
    hold({ key, slot })
    if (source === 'own') {
      telemetry.point('authflight.record.committed', {
        ...describe(slot),
        ...(flight ? { 'authflight.flight.id': flight } : {}),
      })
    } else changed('foreign', slot)
    if (slot.revision > before.revision) emit('TOKEN_REFRESHED', slot, source, null)
  }

  function fail({ error, retryAt }: Failure): void {
    if (!held || !session || isAlive(held.slot.tokens, clock.now())) return
    show({ type: 'failed', session: asStale(session), error, retryAt })
  }

  return {
    get held() {
      return held
    },
    get session() {
      return session
    },
    get result() {
      return result
    },
    get answer() {
      return answer
    },
    begin(loaded) {
      if (closed) return
      if (!loaded) return show({ type: 'ended', reason: null })
      hold(loaded)
      changed('loaded', loaded.slot)
    },
    signIn,
    follow,
    fail,
    getSnapshot: () => snapshot,
    subscribe(listener) {
      // One of its own for each, so that who subscribes the same function twice is called twice and leaves twice.
      const own = (): void => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    close() {
      closed = true
      listeners.clear()
      empty()
    },
  }
}

const nobody: SessionResult = Object.freeze({ data: Object.freeze({ session: null }), error: null })

/** The same session, marked: its access token is dead. */
export const asStale = (session: Session): Session =>
  session.stale ? session : Object.freeze({ ...session, stale: true })
