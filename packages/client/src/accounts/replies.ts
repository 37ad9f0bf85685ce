import { leftBecause } from '../refresh/failures.ts'
import type { Clock, Leave } from '../realm/clock.ts'
import {
  AuthClientDisposedError,
  type AuthError,
  AuthRefreshDiscardedError,
  AuthRetryableFetchError,
  type SessionResult,
} from '../base/errors.ts'
import { asStale, type Mirror, whyLeft } from './mirror.ts'
import type { Outcome } from '../slot/parts.ts'
import { isAlive } from '../base/schedule.ts'
import type { Held } from '../slot/slot.ts'
import type { RefreshTrigger } from '../telemetry/attributes.ts'

/** What a caller is told of the account it asked for, by what it wanted. Never another one's session. */
export interface Replies {
  /** Of how a flight ended that was begun about what was held then. */
  of(held: Held, outcome: Outcome, trigger: RefreshTrigger): SessionResult
  /** The session as it is. An access token that is still good is no error for a caller who did not insist. */
  keep(held: Held, error: AuthError | null, trigger: RefreshTrigger): SessionResult
  /** The same for who leaves before there is an answer. Whose patience is over hears, as whoever stays, that its session was left. */
  leave(held: Held, by: Leave, trigger: RefreshTrigger): SessionResult
  /** Whether another session, or none, is in the place of that of a caller who leaves for this. */
  isOvertaken(sessionId: string, by: Leave): boolean
  /** Its session was left: what its account holds now. */
  overtaken(trigger: RefreshTrigger): SessionResult
}

export function createReplies(mirror: Mirror, clock: Clock): Replies {
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

  const isOvertaken = (sessionId: string, by: Leave): boolean =>
    by === 'timeout' && mirror.session?.sessionId !== sessionId

  function overtaken(trigger: RefreshTrigger): SessionResult {
    const { session, result } = mirror
    const reason = whyLeft(mirror)
    // Somebody signed out elsewhere, and this caller asked no more than who is there.
    if (reason === 'signed_out' && trigger === 'expiry') return result
    return { data: { session }, error: new AuthRefreshDiscardedError(reason) }
  }

  return {
    of(held, outcome, trigger) {
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
    },
    keep,
    leave: (held, by, trigger) =>
      isOvertaken(held.slot.display.session, by) ? overtaken(trigger) : keep(held, leftBecause(by), trigger),
    isOvertaken,
    overtaken,
  }
}

/** What a caller hears who was still waiting: that nobody is signed in would send a user to log in. */
export const disposedResult = (): SessionResult => ({ data: { session: null }, error: new AuthClientDisposedError() })
