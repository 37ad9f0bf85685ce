import type { AuthError, DiscardReason, SessionResult } from '../base/errors.ts'
import type { AuthEventDetails } from './events.ts'
import { freezeAll } from '../base/freeze-all.ts'
import type { Change, Failure } from '../slot/parts.ts'
import type { Realm } from '../realm/realm.ts'
import { isAlive } from '../base/schedule.ts'
import {
  type AuthSnapshot,
  reduce,
  type Session,
  type SignedOutReason,
  type SnapshotAction,
  textOf,
} from '../base/session.ts'
import { bind, bindingOf, type Held, type SlotRecord, toSession } from '../slot/slot.ts'
import { type Attributes, type EventName, lifetimes } from '../telemetry/attributes.ts'
import type { Operation, Telemetry } from '../telemetry/operation.ts'

/** One account as a client sees it: a mirror of its slot, and what the app sees of it. */
export interface Mirror {
  readonly key: string
  /** The slot as last seen; null: not read yet, or the account holds no session. */
  readonly held: Held | null
  /** The session of `held`, the same object as long as nothing changes. */
  readonly session: Session | null
  /** The answer to a `getSession` that finds the session fresh, made once a revision. */
  readonly result: SessionResult
  /** The same, as a promise that is there already. */
  readonly answer: Promise<SessionResult>
  readonly snapshot: AuthSnapshot
  /** Takes what was read first; null: nothing. */
  begin(slot: SlotRecord | null): void
  /** Another session than before has come into the slot, or the first one. */
  signIn(slot: SlotRecord, source: 'own' | 'foreign'): void
  /** Follows a change of the slot. One of another slot, or one that is behind, is none. */
  follow(change: Change): void
  /** A caller is told so, also before what it waited for has ended. */
  fail(failure: Pick<Failure, 'error' | 'retryAt'>): void
  /** The clock was moved: what was dead by it may be alive. */
  review(): void
  /** This client signs the session out: a flight that notices first must not blame another tab. Returns when that is over. */
  leave(by: Operation): () => void
}

export interface MirrorParts {
  readonly realm: Realm
  readonly telemetry: Telemetry
  /** Told in the order of what happens. */
  readonly tell: (event: EventName, session: Session | null, details: AuthEventDetails) => void
  /** Another revision is held, or none. `retryAt`: a refresh failed, and this is when it is tried again. */
  readonly moved: (slot: SlotRecord | null, retryAt?: number | null) => void
  /** Told after each change of the snapshot. */
  readonly seen: () => void
}

/** How a session ended. */
type EndedBy = Pick<Extract<Change, { kind: 'ended' }>, 'reason' | 'source' | 'by'>

export function createMirror({ realm, telemetry, tell, moved, seen }: MirrorParts, key: string): Mirror {
  const { clock } = realm
  let held: Held | null = null
  let session: Session | null = null
  let result: SessionResult = nobody
  let answer = Promise.resolve(result)
  let snapshot: AuthSnapshot = { status: 'restoring' }
  /** The last failure that the timer was told of. */
  let failed: Failure | null = null
  let leaving: (EndedBy & { readonly sessionId: string }) | null = null

  function show(action: SnapshotAction): void {
    const before = snapshot
    snapshot = reduce(snapshot, action)
    if (snapshot !== before) seen()
  }

  function hold(slot: SlotRecord): Session {
    held = { key, slot }
    session = toSession(slot)
    result = freezeAll({ data: { session }, error: null })
    answer = Promise.resolve(result)
    failed = null
    moved(slot)
    show({ type: 'held', session })
    return session
  }

  function emit(event: EventName, about: SlotRecord, source: 'own' | 'foreign', reason: SignedOutReason | null): void {
    const { account, session: sessionId } = about.display
    telemetry.point('authflight.record.event', {
      'authflight.event.name': event,
      'authflight.session.id': sessionId,
      ...(reason ? { 'authflight.session_end.reason': reason } : {}),
    })
    tell(event, event === 'SIGNED_OUT' ? null : session, { reason, source, account, sessionId })
  }

  const describe = ({ display, revision, tokens }: SlotRecord): Attributes => ({
    'authflight.session.id': display.session,
    'authflight.account.id': display.account,
    'authflight.session.revision': revision,
    ...lifetimes(tokens, clock.now()),
  })
  const changed = (change: 'loaded' | 'foreign' | 'ended', slot: SlotRecord): void =>
    telemetry.point('authflight.record.store_change', { 'authflight.store.change': change, ...describe(slot) })

  function empty(): void {
    held = null
    session = null
    result = nobody
    answer = Promise.resolve(nobody)
    moved(null)
  }

  function tellEnd(slot: SlotRecord, { reason, source, by }: EndedBy): void {
    telemetry
      .open('authflight.session_end', {
        parent: by,
        attributes: { 'authflight.session_end.reason': reason, 'authflight.session.id': slot.display.session },
      })
      .end()
    changed('ended', slot)
    emit('SIGNED_OUT', slot, source, reason)
  }

  function signIn(slot: SlotRecord, source: 'own' | 'foreign'): void {
    if (held?.slot.sessionId === slot.sessionId) return
    if (held) tellEnd(held.slot, { reason: 'replaced', source })
    hold(slot)
    if (source === 'own') telemetry.point('authflight.record.committed', describe(slot))
    else changed('foreign', slot)
    emit('SIGNED_IN', slot, source, null)
  }

  function follow(change: Change): void {
    if (!held || change.key !== key) return
    const before = held.slot
    // A flight tells of the session it began with, and may be late: only a look into the store shows another one.
    if (change.slot.sessionId !== before.sessionId) return
    switch (change.kind) {
      case 'failed':
        // Told again to each who asks during the pause; the timer is set once.
        if (change.failure !== failed) moved(before, change.failure.retryAt)
        failed = change.failure
        return fail(change.failure)
      case 'ended': {
        const how: EndedBy = leaving?.sessionId === before.sessionId ? leaving : change
        empty()
        // Told first, while the client still shows it; handlers run later, when nobody shows it any more.
        tellEnd(before, how)
        return show({ type: 'ended', reason: how.reason })
      }
      case 'held':
        return take(change, before)
    }
  }

  function take({ slot: given, source, flight }: Extract<Change, { kind: 'held' }>, before: SlotRecord): void {
    const { user, userRevision } = before
    // A revision that the store has not taken yet does not know what was told of the user since its refresh began.
    const slot =
      given.revision > before.revision && given.userRevision < userRevision ? { ...given, user, userRevision } : given
    const isNewer = slot.revision > before.revision
    const isSame = slot.revision === before.revision && slot.userRevision >= before.userRevision
    const hasOther = isSame && (slot.tokens.expiresAt !== before.tokens.expiresAt || !isEqual(slot.user, before.user))
    if (!isNewer && !hasOther) {
      // The same user, told again: what is asked from now on is late only by what is told after this.
      if (isSame && slot.userRevision > userRevision) held = { key, slot }
      return
    }
    hold(slot)
    if (source === 'own') {
      telemetry.point('authflight.record.committed', {
        ...describe(slot),
        ...(flight ? { 'authflight.flight.id': flight } : {}),
      })
    } else changed('foreign', slot)
    if (isNewer) emit('TOKEN_REFRESHED', slot, source, null)
    else if (!isEqual(slot.user, before.user)) emit('USER_UPDATED', slot, source, null)
  }

  function fail({ error, retryAt }: Pick<Failure, 'error' | 'retryAt'>): void {
    if (session && !isAlive(session, clock.now())) show({ type: 'failed', session: asStale(session), error, retryAt })
  }

  return {
    key,
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
    get snapshot() {
      return snapshot
    },
    begin(slot) {
      if (held) return
      if (!slot) return show({ type: 'ended', reason: null })
      hold(slot)
      changed('loaded', slot)
    },
    signIn,
    follow,
    fail,
    review() {
      if (session && isAlive(session, clock.now())) show({ type: 'held', session })
    },
    leave(by) {
      const mine = held && { sessionId: held.slot.sessionId, reason: 'user' as const, source: 'own' as const, by }
      leaving = mine
      return () => {
        if (leaving === mine) leaving = null
      }
    },
  }
}

/** What a caller is told whose session its account does not hold any more. */
export const whyLeft = ({ session, snapshot }: Mirror): DiscardReason =>
  session || (snapshot.status === 'signed-out' && snapshot.reason === 'replaced') ? 'replaced' : 'signed_out'

/** What a caller is told who did not insist on a living access token: the session as it is, marked where that is dead. */
export function resultOf(mirror: Mirror | null | undefined, error: AuthError | null, now: number): SessionResult {
  const session = mirror?.session
  if (!session) return error ? { data: { session: null }, error } : nobody
  const isDead = !isAlive(session, now)
  if (!error && !isDead) return mirror.result
  return { data: { session: isDead ? asStale(session) : session }, error }
}

export const nobody: SessionResult = freezeAll({ data: { session: null }, error: null })

/** The same session, marked: its access token is dead. */
export const asStale = (session: Session): Session => bind({ ...session, stale: true }, bindingOf(session))

/** Users are plain JSON, written by this client: the same one has the same text. */
const isEqual = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b)
