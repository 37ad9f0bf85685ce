import { rejectionType } from '../providers/answers.ts'
import { type Leave, leftBefore } from '../realm/clock.ts'
import { AuthError, AuthRetryableFetchError } from '../base/errors.ts'
import type { Failure, Outcome } from '../slot/parts.ts'
import { asStorageError } from '../storage/fault.ts'
import type { ErrorType } from '../telemetry/attributes.ts'

/** What the spans of a refresh and of its waiters say went wrong. */
export function errorTypeOf(outcome: Outcome): ErrorType | undefined {
  if (outcome.kind === 'failed') return outcome.errorType
  return outcome.kind === 'rejected' ? rejectionType(outcome.reason) : undefined
}

export type Fault = Omit<Failure, 'kind' | 'retryAt'>

const fault = (
  message: string,
  errorType: ErrorType = 'storage_error',
  code: AuthError['code'] = 'storage_error',
): Fault => ({
  errorType,
  error: new AuthRetryableFetchError(code, message),
})

// Marked as pure: who takes only the recorder's hook from this package, as the panel does, pays for no sentence.
export const unknownOutcome: Fault = /* @__PURE__ */ fault(
  'An earlier refresh of this session got no answer; another could end it. The access token is good for now.',
  '_OTHER',
  'refresh_unknown_outcome',
)

export const owedElsewhere: Fault = /* @__PURE__ */ fault(
  'Another tab has renewed this session and cannot store that. It goes on trying; allow site data for this page, or make room for it.',
)

export const newerVersion: Fault = /* @__PURE__ */ fault(
  'This session is held by a newer version of this client. Reload the page.',
)

export const storeFailure = (error: unknown): Fault => ({
  errorType: 'storage_error',
  error: asStorageError(error),
})

/** Another party was told by the server that this session is over. */
export const sessionOver = (): AuthError =>
  new AuthError('session_ended', 'The authorization server no longer accepts this session. Sign in again.')

/** The claims in the store do not stay: what was presented could not be told from what was not. */
export const claimsVanish: Fault = /* @__PURE__ */ fault(
  'The store loses what it is given, so no token can be presented safely. Allow site data for this page, or pass another `storage`.',
)

export const pageIsLeft = (): AuthError =>
  new AuthRetryableFetchError('network', 'The page is being left. The session is kept.')

/** What the app is told that wants a newer revision of a session whose access token is all there is. */
export const nothingRenews = (): AuthError =>
  new AuthError(
    'unsupported',
    'This session came without a refresh token, so nothing renews it. Most servers give one for the scope `offline_access`, where the app is allowed it; setSession() takes one.',
  )

/** Why a caller went before there was an answer. */
export function leftBecause(by: Leave): AuthError {
  if (by === 'aborted') return new AuthError('aborted', 'The signal was aborted.')
  if (by === 'misused') return new AuthError('invalid_option', '`signal` takes an AbortSignal.')
  return new AuthRetryableFetchError(
    'timeout',
    'No answer came within the patience of this client. The session is kept.',
  )
}

/** Why nothing is begun for a caller with this signal; null: it is. */
export function goneBefore(signal: AbortSignal | undefined): AuthError | null {
  const left = leftBefore(signal)
  return left && leftBecause(left)
}
