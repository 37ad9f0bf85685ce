import { endOf, judge } from '../providers/answers.ts'
import { settleWithin } from '../realm/clock.ts'
import {
  AuthError,
  AuthApiError,
  AuthClientDisposedError,
  AuthRefreshDiscardedError,
  AuthRetryableFetchError,
  type AuthResult,
  AuthSessionMissingError,
  isAuthError,
} from '../base/errors.ts'
import { goneBefore, leftBecause } from '../refresh/failures.ts'
import { identityOf } from '../slot/minted.ts'
import { asStale, type Mirror, whyLeft } from './mirror.ts'
import { newest } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { askWithin } from '../refresh/present.ts'
import type { AskAboutUser, AskForUser, PlainIo, UserAnswer } from '../providers/provider.ts'
import { becomeOne, learns, learningScope } from '../slot/same-account.ts'
import type { Seat } from './seats.ts'
import type { Session, User } from '../base/session.ts'
import type { CallOptions } from '../base/call-options.ts'
import { bindingOf, mayWrite, withUser } from '../slot/slot.ts'
import { asStorageError } from '../storage/fault.ts'
import { tombstoneKey } from '../slot/tombstone.ts'

export type UserResult = AuthResult<{ readonly user: User | null }>

type Good = Extract<UserAnswer, { kind: 'user' }> | { readonly kind: 'done' }
type Bad = Exclude<UserAnswer, { kind: 'user' }>

export type Users = ReturnType<typeof createUsers>

/** Where somebody may be. */
export interface Seated {
  /** Its seat, read and current; null where nobody is. Waits no longer than a caller does. */
  seat(call?: CallOptions): Promise<{ readonly seat: Seat | null; readonly error: AuthError | null }>
}

/**
 * What keeps a user that a server tells of: only for the session that was asked about, whichever revision it has by then, and only where nobody
 * has told of its user since it was asked.
 */
export function createUsers(parts: Parts) {
  const { store, place, name, provider, realm, clock, callerClock, patience, tabs, changed, isDisposed } = parts

  /** Acts for whoever is at a place: waiting for who that is, and for what comes of it, takes one patience. */
  async function actFor<R>(
    { seat }: Seated,
    act: (seat: Seat) => Promise<R>,
    tell: (error: AuthError, mirror?: Mirror) => R,
    call?: CallOptions,
  ): Promise<R> {
    let mirror: Mirror | undefined
    const acting = seat(call).then(({ seat, error }) => {
      mirror = seat?.mirror
      return seat ? act(seat) : tell(error ?? new AuthSessionMissingError())
    })
    const settled = await settleWithin(acting, callerClock, patience, call?.signal)
    if (isDisposed()) return tell(new AuthClientDisposedError())
    return settled.by === 'value' ? settled.value : tell(leftBecause(settled.by), mirror)
  }

  /** Undefined where the provider cannot be asked. */
  const whoIs = provider.user?.bind(provider)

  const get = (place: Seated, call?: CallOptions): Promise<UserResult> => change(place, whoIs, call)

  const change = (place: Seated, ask: AskAboutUser | undefined, call?: CallOptions): Promise<UserResult> =>
    actFor(place, (seat) => learn(seat, ask, call), tell, call)

  async function learn(seat: Seat, ask: AskAboutUser | undefined, call?: CallOptions): Promise<UserResult> {
    if (!ask) return tell(untold(), seat.mirror)
    let known = 0
    const asked = await askAs(
      seat,
      (...given) => {
        known = seat.mirror.held?.slot.userRevision ?? 0
        return ask(...given)
      },
      call,
    )
    if ('error' in asked) return tell(asked.error, seat.mirror)
    const { answer, session } = asked
    if (!answer.user) return tell(untold(), seat.mirror)
    const kept = await keep(seat.mirror, session, answer.user, whoIs ? known : Infinity, ask !== whoIs)
    // What was told meanwhile may be older than this change, or newer. The server knows.
    if (kept) return kept
    const again = await learn(seat, whoIs, call)
    // The change is done all the same.
    const isHere = seat.mirror.session?.sessionId === session.sessionId
    return again.error && isHere ? { data: { user: answer.user }, error: null } : again
  }

  const request = (place: Seated, ask: AskForUser, call?: CallOptions): Promise<AuthResult<Record<string, never>>> =>
    actFor<AuthResult<Record<string, never>>>(
      place,
      async (seat) => {
        const asked = await askAs(seat, ask, call)
        return { data: {}, error: 'error' in asked ? asked.error : null }
      },
      (error) => ({ data: {}, error }),
      call,
    )

  /** Asks with a fresh access token, and once more with a newer one where the server refuses the first. */
  async function askAs<G extends Good>(
    seat: Seat,
    ask: (accessToken: string, io: PlainIo, session: Session) => Promise<G | Bad>,
    call?: CallOptions,
  ): Promise<{ readonly answer: G; readonly session: Session } | { readonly error: AuthError }> {
    const gone = goneBefore(call?.signal)
    if (gone) return { error: gone }
    const { data, error } = await seat.sessions.obtain('expiry', call)
    if (!data.session || data.session.stale) return { error: error ?? new AuthSessionMissingError() }
    let { session } = data
    let answer = await askFor(parts, session, ask)
    if (isBad(answer) && (isOver(answer) || (statusOf(answer) === 401 && mayRenew(seat.mirror)))) {
      const again = await seat.sessions.obtain('unauthorized', call, isOver(answer) ? asStale(session) : session)
      const renewed = again.data.session
      const isSame = renewed?.sessionId === session.sessionId
      if (!isSame || renewed.revision === session.revision) {
        return { error: again.error ?? (isSame ? refusal(answer) : discarded(seat.mirror)) }
      }
      session = renewed
      answer = await askFor(parts, session, ask)
    }
    return isBad(answer) ? { error: refusal(answer) } : { answer, session }
  }

  /** An answer that would end a session: the token endpoint knows for certain, and is asked however new the token is. */
  const isOver = (answer: Bad): boolean => answer.kind === 'refused' && !!endOf(answer, provider)

  function refusal(answer: Bad): AuthError {
    if (answer.kind === 'refused' && answer.status !== 429) {
      return new AuthApiError(
        'server_error',
        `The server refused the request about the user (${answer.status}). The session is kept.`,
        answer.status,
      )
    }
    const verdict = judge(answer, provider)
    // Which it never is: an answer about a user brings no tokens.
    return verdict.kind === 'rotated' ? untold() : verdict.error
  }

  /** `known`: the revision of the user when this was asked for. Null where a change comes too late to be kept. */
  async function keep(
    mirror: Mirror,
    session: Session,
    user: User,
    known: number,
    isChange: boolean,
  ): Promise<UserResult | null> {
    const { key } = mirror
    const identity = await identityOf(realm, provider, user)
    const { held } = mirror
    if (held?.slot.display.session !== session.sessionId) return left(mirror)
    const { slot: before } = held
    const learning = learns(before, identity) ? learningScope(name) : { keys: [], prefixes: [] }
    try {
      const kept = await store.transact(
        { keys: [key, tombstoneKey(name, before.sessionId), ...learning.keys], prefixes: learning.prefixes },
        (view) => {
          const slot = newest(place, key, view.get(key))
          if (slot?.sessionId !== before.sessionId) return null
          if (slot.user && slot.user.id !== user.id) return 'other'
          // A token answer that came since has told of the whole user.
          const isBehind = provider.tellsWholeUsers && slot.revision > session.revision
          if (isBehind || slot.userRevision > known) return { slot, other: null, isLate: true }
          const next = withUser(slot, user, identity, provider.tellsWholeUsers)
          const other = learning.keys.length > 0 ? becomeOne(view, parts, { key, slot: next }, clock.now()) : null
          if (other?.key !== key && mayWrite(slot)) view.put(key, next)
          return { slot: next, other, isLate: false }
        },
      )
      if (kept === 'other') return tell(aboutAnother(), mirror)
      if (!kept) return left(mirror)
      tabs.announce()
      if (kept.other) changed({ kind: 'ended', ...kept.other, reason: 'replaced', source: 'own' })
      if (kept.other?.key === key) return left(mirror)
      changed({ kind: 'held', key, slot: kept.slot, source: 'own', flight: null })
      return kept.isLate && isChange ? null : { data: { user: kept.slot.user }, error: null }
    } catch (error) {
      return tell(asStorageError(error), mirror)
    }
  }

  const tell = (error: AuthError, mirror?: Mirror): UserResult => ({
    data: { user: mirror?.session?.user ?? null },
    error,
  })
  const left = (mirror: Mirror): UserResult => tell(discarded(mirror), mirror)
  const discarded = (mirror: Mirror): AuthError => new AuthRefreshDiscardedError(whyLeft(mirror))

  return { get, change, request }
}

/** Asks as whoever a session is of. Never rejects. */
export async function askFor<G extends Good>(
  { realm, requestLimit }: Parts,
  session: Session,
  ask: (accessToken: string, io: PlainIo, session: Session) => Promise<G | Bad>,
): Promise<G | Bad> {
  try {
    const settled = await askWithin(realm, requestLimit, (io) =>
      ask(session.accessToken, { ...io, bound: bindingOf(session) }, session),
    )
    return settled.by === 'value' ? settled.value : { kind: 'silent', cause: 'timeout' }
  } catch (error) {
    return { kind: 'silent', cause: 'network', ...(error instanceof Error ? { error } : {}) }
  }
}

/** What a provider has thrown may tell it, too, unless that is an error of ours which says in its code that the token is not to blame. */
/** A token that nothing renews and that lives by the clock is no worse for what this server says of it: it may be for an API alone. */
const mayRenew = ({ held }: Mirror): boolean =>
  !held || held.slot.tokens.refresh !== null || held.slot.tokens.expiresAt === null

function statusOf(answer: Bad): number | undefined {
  if (answer.kind !== 'silent') return answer.status
  const { error } = answer
  const isSpecial = isAuthError(error) && error.code !== 'server_error' && error.code !== 'request_refused'
  return isSpecial ? undefined : (error as Partial<AuthApiError> | undefined)?.status
}

const isBad = (answer: Good | Bad): answer is Bad => answer.kind !== 'user' && answer.kind !== 'done'

/** A server that does not tell who it is. */
const untold = (): AuthError =>
  new AuthError('unsupported', 'This provider cannot be asked about a user. What it told is session.user.')

/** An answer about somebody else is none for this session (OpenID Connect Core 1.0, 5.3.2). */
const aboutAnother = (): AuthError =>
  new AuthRetryableFetchError('malformed_response', 'The server told of another user. Nothing was changed.')
