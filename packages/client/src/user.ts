import { judge } from './answers.ts'
import { settleWithin } from './clock.ts'
import {
  AuthError,
  AuthApiError,
  AuthRefreshDiscardedError,
  type AuthResult,
  AuthSessionMissingError,
} from './errors.ts'
import { leftBecause } from './failures.ts'
import { identityOf } from './minted.ts'
import { type Mirror, whyLeft } from './mirror.ts'
import type { Parts } from './parts.ts'
import { askWithin } from './present.ts'
import type { AskAboutUser, UserAnswer } from './providers/provider.ts'
import { becomeOne, learns, learningScope } from './same-account.ts'
import type { Seat } from './seats.ts'
import type { Session, User } from './session.ts'
import type { CallOptions } from './sessions.ts'
import { type Held, parseSlot } from './slot.ts'
import { asStorageError } from './storage/fault.ts'
import { tombstoneKey } from './tombstone.ts'

export type UserResult = AuthResult<{ readonly user: User | null }>

/** What keeps a user that a server tells of: only for the session that was asked about, whichever revision it has by then. */
export function createUsers(parts: Parts, patience: number) {
  const { store, name, provider, realm, clock, requestLimit, tabs, changed } = parts

  async function change(seat: Seat, ask: AskAboutUser, call?: CallOptions): Promise<UserResult> {
    const settled = await settleWithin(changeInTime(seat, ask, call), clock, patience, call?.signal)
    return settled.by === 'value' ? settled.value : { data: { user: userOf(seat) }, error: leftBecause(settled.by) }
  }

  async function changeInTime(seat: Seat, ask: AskAboutUser, call?: CallOptions): Promise<UserResult> {
    const { data, error } = await seat.sessions.obtain('expiry', call)
    const fail = (fault: AuthError): UserResult => ({ data: { user: userOf(seat) }, error: fault })
    if (!data.session || data.session.stale) return fail(error ?? new AuthSessionMissingError())
    let { session } = data
    let answer = await put(ask, session)
    if (answer.kind !== 'user' && isRefused(answer)) {
      const again = await seat.sessions.obtain('unauthorized', call, session)
      const renewed = again.data.session
      if (renewed?.sessionId !== session.sessionId || renewed.revision === session.revision) {
        return fail(again.error ?? refusal(answer))
      }
      session = renewed
      answer = await put(ask, session)
    }
    if (answer.kind !== 'user') return fail(refusal(answer))
    if (!answer.user) return fail(untold())
    return keep(seat.mirror, session, answer.user)
  }

  async function put(ask: AskAboutUser, session: Session): Promise<UserAnswer> {
    try {
      const settled = await askWithin(realm, requestLimit, (io) => ask(session.accessToken, io, session))
      return settled.by === 'value' ? settled.value : { kind: 'silent', cause: 'timeout' }
    } catch (error) {
      return { kind: 'silent', cause: 'network', ...(error instanceof Error ? { error } : {}) }
    }
  }

  /** 401, or an answer that would end a session: the token endpoint knows for certain, and is asked. */
  const isRefused = (answer: Exclude<UserAnswer, { kind: 'user' }>): boolean =>
    answer.kind !== 'silent' &&
    (answer.status === 401 || (answer.kind === 'refused' && Object.hasOwn(provider.terminal, answer.error)))

  function refusal(answer: Exclude<UserAnswer, { kind: 'user' }>): AuthError {
    if (answer.kind === 'refused') {
      return new AuthApiError(
        'server_error',
        `The server refused the request about the user (${answer.status}). The session is kept.`,
        answer.status,
      )
    }
    const verdict = judge(answer, provider)
    if (verdict.kind === 'rotated') throw new TypeError('An answer about a user brings no tokens.')
    return verdict.error
  }

  async function keep(mirror: Mirror, session: Session, user: User): Promise<UserResult> {
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
          const slot = parseSlot(view.get(key))
          if (slot?.sessionId !== before.sessionId) return null
          if (slot.user && slot.user.id !== user.id) return null
          const next = { ...slot, user: merge(slot.user, user), identity: slot.identity ?? identity }
          const other = learning.keys.length > 0 ? becomeOne(view, parts, { key, slot: next }, clock.now()) : null
          if (other?.key === key) return null
          view.put(key, next)
          return { slot: next, other }
        },
      )
      if (!kept) return left(mirror)
      tabs.announce()
      if (kept.other) tellReplaced(kept.other)
      changed({ kind: 'held', key, slot: kept.slot, source: 'own', flight: null })
      return { data: { user: kept.slot.user }, error: null }
    } catch (error) {
      return { data: { user: mirror.session?.user ?? null }, error: asStorageError(error) }
    }
  }

  function tellReplaced(other: Held): void {
    changed({ kind: 'ended', ...other, reason: 'replaced', source: 'own' })
  }

  const userOf = ({ mirror }: Seat): User | null => mirror.session?.user ?? null

  const left = (mirror: Mirror): UserResult => ({
    data: { user: mirror.session?.user ?? null },
    error: new AuthRefreshDiscardedError(whyLeft(mirror)),
  })

  return { change }
}

/** A server that does not tell who it is. */
export const untold = (): AuthError =>
  new AuthError('unsupported', 'This provider cannot be asked about a user. What it told is session.user.')

/** What is told anew goes over what was known; what is not told stays. */
const merge = (known: User | null, told: User): User =>
  known ? { ...known, ...told, claims: { ...known.claims, ...told.claims } } : told
