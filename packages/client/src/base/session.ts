import type { AuthError } from './errors.ts'
import { isA } from './is-a.ts'

/** Who the session belongs to, as the provider tells it. Unknown claims are kept. */
export interface User {
  /** The subject: stable and unique at its issuer (OpenID Connect Core 1.0, section 2, `sub`). */
  readonly id: string
  readonly email?: string
  readonly name?: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** As text, to compare and to measure. A user whom an app has brought may have big integers, which JSON refuses. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part))

/** A copy, which nobody else changes; null of what no store could hold for certain: it has more than JSON has, and big integers. */
export function copyUser(user: User): User | null {
  try {
    return copyOf(user) as User
  } catch {
    return null
  }
}

/** @throws {Error} also where it holds itself: then the stack is full. */
function copyOf(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new Error('No data.')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return copyOf(toJSON.call(value))
  if (!isA('Object', value)) throw new Error('No data.')
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part)]))
}

/**
 * What a signed-in app holds. The refresh token is not part of it: it stays in the slot.
 * A session is frozen; a rotation makes a new object.
 */
export interface Session {
  readonly accessToken: string
  readonly tokenType: 'bearer' | 'dpop'
  /** When the access token dies, epoch milliseconds on this device's clock; `null` where no lifetime is known. */
  readonly expiresAt: number | null
  readonly scopes: readonly string[]
  /** `null` where the provider tells nothing about the user (OAuth without `openid`). */
  readonly user: User | null
  /** Random id of the account, the same in all tabs and in every record. Tells nothing about the user. */
  readonly account: string
  /** Random id of this sign-in, the same in all tabs and in every record. */
  readonly sessionId: string
  /** Counts the token answers committed under this session id: 1 for the sign-in's own. */
  readonly revision: number
  /** Present where the access token was already dead when this session was handed out: a request with it would answer 401. */
  readonly stale?: true
}

/** Why a session ended, as far as the client that ended it knew. */
export type SignedOutReason =
  | 'user'
  | 'other_tab'
  | 'expired'
  | 'rejected'
  | 'revoked'
  | 'reuse'
  | 'lost_answer'
  | 'key_lost'
  | 'storage_cleared'
  | 'replaced'
  | 'unknown'

/**
 * What an app renders. Only `signed-out` may send a user to log in: `restoring` has not read the store yet, and `stale`
 * is a signed-in user whose access token is dead and whose refresh failed for a reason that ends nothing.
 */
export type AuthSnapshot =
  | { readonly status: 'restoring' }
  | { readonly status: 'signed-in'; readonly session: Session }
  | {
      readonly status: 'stale'
      readonly session: Session
      readonly error: AuthError
      /** Epoch milliseconds from when on it may be tried again, by the timer or by whoever asks; `null` where that is not known. */
      readonly retryAt: number | null
    }
  | { readonly status: 'signed-out'; readonly reason: SignedOutReason | null }

/** What changes the snapshot. Anything else that happens leaves it alone. */
export type SnapshotAction =
  | { readonly type: 'held'; readonly session: Session }
  | { readonly type: 'failed'; readonly session: Session; readonly error: AuthError; readonly retryAt: number | null }
  | { readonly type: 'ended'; readonly reason: SignedOutReason | null }

/** The next snapshot. The same object comes back where nothing changed, so that a renderer can compare by identity. */
export function reduce(snapshot: AuthSnapshot, action: SnapshotAction): AuthSnapshot {
  switch (action.type) {
    case 'held':
      return snapshot.status === 'signed-in' && snapshot.session === action.session
        ? snapshot
        : { status: 'signed-in', session: action.session }
    case 'failed':
      if (isKnownFailure(snapshot, action)) return snapshot
      return { status: 'stale', session: action.session, error: action.error, retryAt: action.retryAt }
    case 'ended':
      return snapshot.status === 'signed-out' ? snapshot : { status: 'signed-out', reason: action.reason }
  }
}

const isKnownFailure = (
  snapshot: AuthSnapshot,
  { session, error, retryAt }: Extract<SnapshotAction, { type: 'failed' }>,
): boolean =>
  snapshot.status === 'stale' &&
  snapshot.error === error &&
  snapshot.retryAt === retryAt &&
  snapshot.session.sessionId === session.sessionId &&
  snapshot.session.revision === session.revision
