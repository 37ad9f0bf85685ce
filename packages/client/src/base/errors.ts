import type { Session } from './session.ts'

/** Every code an Authflight error can carry. */
export type AuthErrorCode =
  // Nothing is lost; try again later.
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'rate_limited'
  | 'server_error'
  | 'malformed_response'
  | 'storage_error'
  | 'lock_timeout'
  | 'refresh_unknown_outcome'
  // The session is over, or was never there.
  | 'session_missing'
  | 'session_ended'
  | 'refresh_discarded'
  // Configuration, at the app or at the server.
  | 'invalid_option'
  | 'invalid_client'
  | 'invalid_scope'
  | 'invalid_dpop_proof'
  | 'provider_unreachable'
  | 'provider_invalid'
  // Sign-in.
  | 'access_denied'
  | 'callback_unknown'
  | 'callback_invalid'
  | 'interaction_required'
  | 'attempt_superseded'
  | 'sign_in_failed'
  // Passwords, codes and second factors, at a server that has them.
  | 'invalid_credentials'
  | 'not_confirmed'
  | 'otp_expired'
  | 'weak_password'
  | 'same_password'
  | 'user_exists'
  | 'user_banned'
  | 'method_disabled'
  | 'captcha_failed'
  | 'reauthentication_needed'
  | 'insufficient_aal'
  | 'request_refused'
  // The client.
  | 'client_disposed'
  | 'unsupported'

/** Guards go by this mark, so that they work across realms and across two copies of the package. */
const mark = Symbol.for('authflight.error')

/** The root of all errors of the client. It never holds a session, a token or a server's text. */
export class AuthError extends Error {
  readonly code: AuthErrorCode
  constructor(code: AuthErrorCode, message: string) {
    super(message)
    this.name = 'AuthError'
    this.code = code
    Object.defineProperty(this, mark, { get: () => this.name })
  }
}

/** The server understood and said no. `status` is its HTTP status. */
export class AuthApiError extends AuthError {
  readonly status: number
  /** Of a `weak_password`: what it lacks, where the server tells; `pwned`: it is known from a leak. Else empty. */
  readonly reasons: readonly ('length' | 'characters' | 'pwned')[]
  constructor(code: AuthErrorCode, message: string, status: number, reasons: AuthApiError['reasons'] = []) {
    super(code, message)
    this.name = 'AuthApiError'
    this.status = status
    this.reasons = reasons
  }
}

/** No usable answer came; the session stays. `retryAt`: epoch milliseconds from when on it may be tried again, `null` where that is not known. */
export class AuthRetryableFetchError extends AuthError {
  readonly status: number | null
  readonly retryAt: number | null
  constructor(code: AuthErrorCode, message: string, details: { status?: number | null; retryAt?: number | null } = {}) {
    super(code, message)
    this.name = 'AuthRetryableFetchError'
    this.status = details.status ?? null
    this.retryAt = details.retryAt ?? null
  }

  /** The same error, once the time of the next try is known. */
  scheduled(retryAt: number): AuthRetryableFetchError {
    return new AuthRetryableFetchError(this.code, this.message, { status: this.status, retryAt })
  }
}

/** The call needs a session and nobody is signed in. */
export class AuthSessionMissingError extends AuthError {
  constructor(message = 'Nobody is signed in. Call signIn() first, or check getSnapshot().status.') {
    super('session_missing', message)
    this.name = 'AuthSessionMissingError'
  }
}

/** The client was disposed; make a new one. */
export class AuthClientDisposedError extends AuthError {
  constructor() {
    super('client_disposed', 'This client was disposed. Make a new one with createAuthClient().')
    this.name = 'AuthClientDisposedError'
  }
}

/** What made a server's answer unwanted. */
export type DiscardReason = 'signed_out' | 'replaced' | 'cleared'

const departures: Record<DiscardReason, string> = {
  signed_out: 'A sign-out ended the session',
  replaced: 'Another sign-in replaced the session',
  cleared: 'The store was cleared',
}

/** The user has left the session, before the call or during it. Expected, not a fault: there is nothing to retry. */
export class AuthRefreshDiscardedError extends AuthError {
  readonly reason: DiscardReason
  readonly expected = true
  constructor(reason: DiscardReason) {
    super('refresh_discarded', `${departures[reason]}, so nothing comes of this call.`)
    this.name = 'AuthRefreshDiscardedError'
    this.reason = reason
  }
}

function named<E extends AuthError>(...names: readonly string[]) {
  return (error: unknown): error is E => {
    if (typeof error !== 'object' || error === null) return false
    const name = (error as { [mark]?: unknown })[mark]
    return typeof name === 'string' && (names.length === 0 || names.includes(name))
  }
}

export const isAuthError = named<AuthError>()
export const isAuthApiError = named<AuthApiError>('AuthApiError')
export const isAuthRetryableFetchError = named<AuthRetryableFetchError>('AuthRetryableFetchError')
export const isAuthSessionMissingError = named<AuthSessionMissingError>('AuthSessionMissingError')
export const isAuthClientDisposedError = named<AuthClientDisposedError>('AuthClientDisposedError')
export const isAuthRefreshDiscardedError = named<AuthRefreshDiscardedError>('AuthRefreshDiscardedError')

/** What every asynchronous method gives: `data` keeps its shape whatever happened, so nested destructuring is safe. */
export interface AuthResult<D> {
  readonly data: D
  readonly error: AuthError | null
}

/** `url`: where a sign-in goes on that leaves the page; null where it does not. */
export type SignInResult = AuthResult<{ readonly url: string | null; readonly session: Session | null }>

/** `session` is null only where the account holds no session: after a failure it is the one still held. */
export type SessionResult = AuthResult<{ readonly session: Session | null }>
