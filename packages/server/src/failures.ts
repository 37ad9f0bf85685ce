import { AuthError, type AuthErrorCode, AuthRetryableFetchError } from '@authflight/client'
import type { Leave } from '@authflight/client/presentation'

/** Why a caller went before there was an outcome. */
export function leftBecause(by: Leave, now: number): AuthError {
  if (by === 'aborted')
    return new AuthError('aborted', 'The caller’s signal was aborted. The refresh it waited for goes on for others.')
  if (by === 'misused') return new AuthError('invalid_option', 'refresh(): `signal` takes an AbortSignal.')
  return tryAgain(
    'timeout',
    'There was no outcome within the patience of this coordinator. The refresh goes on; try again.',
    now,
  )
}

/** Also where the runtime cannot tell that it waits for itself: then only this deadline ends it. */
export const notItsTurn = (now: number): AuthError =>
  tryAgain(
    'timeout',
    'Other holders of this token did not let go of it within the patience. Look for a block that waits for the same token, or that never ends.',
    now,
  )

/** Told to the inner call, and through it to the outer one. */
export const waitsForItself = (): AuthError =>
  new AuthError(
    'unsupported',
    'A function given to refresh() or synchronize() has called one of the two for the same token: that would wait for itself, whenever it is tried. Take that call out; inside refresh(), present the token with the provider instead.',
  )

export const otherSession = (): AuthError =>
  new AuthError(
    'invalid_option',
    'This token is being refreshed under another `session`. A token belongs to one session: give the id that stays the same when its tokens rotate.',
  )

export const engineAway = (now: number): AuthError =>
  tryAgain(
    'storage_error',
    'The store that server processes share cannot be reached, so the session was not ended there. Try again.',
    now,
  )

/** A second from now. `now`: epoch milliseconds. */
const tryAgain = (code: AuthErrorCode, message: string, now: number): AuthError =>
  new AuthRetryableFetchError(code, message, { status: 503, retryAt: now + 1_000 })
