import { AuthApiError, type AuthError, AuthRetryableFetchError, isAuthError } from '../base/errors.ts'
import type { Answer, Provider, ReuseProfile, TokenSet } from './provider.ts'
import { guarded } from '../base/guarded.ts'
import { backoff, parseRetryAfter } from '../base/schedule.ts'
import type { SignedOutReason } from '../base/session.ts'
import type { ErrorType } from '../telemetry/attributes.ts'

/**
 * What an answer means for the session that asked.
 * - `rotated`: commit it through the guard.
 * - `suspect`: the server says the session is over. True only if, after a fresh read, nobody else has moved it on.
 * - `unspent`: no session came of it, and the credential was not consumed: it may be presented again.
 * - `unknown`: the credential may have been consumed and the answer is not to be had.
 */
export type Verdict<Tokens extends TokenSet = TokenSet> =
  | { readonly kind: 'rotated'; readonly tokens: Tokens }
  | {
      readonly kind: 'suspect'
      readonly reason: SignedOutReason
      readonly error: AuthError
      readonly errorType: ErrorType
    }
  | {
      readonly kind: 'unspent' | 'unknown'
      readonly error: AuthError
      readonly errorType: ErrorType
      readonly retryAfter: number | null
      /** The server contends with itself: once more, after a moment, may be enough. */
      readonly contends?: true
    }

type Unspent = Extract<Verdict, { kind: 'unspent' | 'unknown' }>

/** Statuses after which a token is not consumed: the server was too busy to look at it. */
export const busy = new Set([408, 425, 429, 503])

type Setting = readonly [
  code: 'invalid_client' | 'invalid_scope' | 'invalid_dpop_proof' | 'interaction_required',
  fix: string,
]

const dpopSetting: Setting = ['invalid_dpop_proof', 'Check the clock of this device and the DPoP set-up.']
const interaction: Setting = [
  'interaction_required',
  'It wants an answer of the user first: call signIn(), without `prompt: none`.',
]

/**
 * Errors about how we asked, or that nobody has asked the user, not about the token (RFC 6749 5.2, RFC 9449, OpenID Connect Core 3.1.2.6;
 * `mfa_required` is Auth0's).
 */
const settings: Readonly<Record<string, Setting>> = {
  invalid_client: ['invalid_client', 'Check the client id and how it is registered at the provider.'],
  unauthorized_client: [
    'invalid_client',
    'Allow the grants authorization_code and refresh_token for this client at the provider.',
  ],
  invalid_scope: ['invalid_scope', 'Ask only for scopes that the provider grants to this client.'],
  invalid_dpop_proof: dpopSetting,
  use_dpop_nonce: dpopSetting,
  interaction_required: interaction,
  login_required: interaction,
  consent_required: interaction,
  account_selection_required: interaction,
  mfa_required: interaction,
}

/** What such an error tells; null for any other. */
export function settingOf(code: string, status: number) {
  const setting = Object.hasOwn(settings, code) ? settings[code] : undefined
  if (!setting) return null
  const [errorType, fix] = setting
  const message = `The authorization server refused the request (${errorType}). ${fix}`
  return { errorType, error: new AuthApiError(errorType, message, status) }
}

export function judge(answer: Answer, provider: Pick<Provider, 'terminal'>): Verdict {
  switch (answer.kind) {
    case 'tokens':
      // A provider of the app's own may bring none, or one that no header takes.
      return isSendable(answer.tokens?.accessToken)
        ? { kind: 'rotated', tokens: answer.tokens }
        : judgeUnreadable(200, null, false)
    case 'refused':
    case 'unreadable': {
      const verdict = judgeRefusal(answer, provider)
      const isOwn = answer.own && verdict.kind !== 'rotated' && !busy.has(answer.status)
      return isOwn ? { ...verdict, error: answer.own } : verdict
    }
    case 'silent':
      return judgeSilence(answer)
  }
}

/** How the end of a session is told as an error. Where its key was gone, no server has said anything. */
export function rejectionType(reason: SignedOutReason): ErrorType {
  if (reason === 'reuse') return 'refresh_token_reused'
  return reason === 'key_lost' ? reason : 'invalid_grant'
}

/**
 * Why a session is over that was answered like this; undefined where that does not follow. Whatever a server says that fails or is busy, it has
 * not looked at the session.
 */
export function endOf(answer: Answer, { terminal }: Pick<Provider, 'terminal'>): SignedOutReason | undefined {
  if (answer.kind === 'unreadable') return terminal[answer.status]
  if (answer.kind !== 'refused' || answer.status >= 500 || busy.has(answer.status)) return undefined
  return Object.hasOwn(terminal, answer.error) ? terminal[answer.error] : undefined
}

function judgeRefusal(
  answer: Extract<Answer, { kind: 'refused' | 'unreadable' }>,
  provider: Pick<Provider, 'terminal'>,
): Verdict {
  const { status, retryAfter } = answer
  const code = answer.kind === 'refused' ? answer.error : `${status}`
  const reason = endOf(answer, provider)
  if (reason) {
    return {
      kind: 'suspect',
      reason,
      errorType: rejectionType(reason),
      error: new AuthApiError(
        'session_ended',
        'The authorization server no longer accepts this session. Sign in again.',
        status,
      ),
    }
  }
  if (busy.has(status)) return judgeBusy(status, retryAfter)
  const setting = settingOf(code, status)
  if (setting) return { kind: 'unspent', ...setting, retryAfter: retryAfter ?? 60_000 }
  // One that asks to retry may name no time for that.
  if (code === 'invalid_request' && retryAfter !== null)
    return { ...judgeBusy(status, retryAfter || null), contends: true }
  return judgeUnreadable(status, retryAfter, answer.kind === 'refused')
}

function judgeBusy(status: number, retryAfter: number | null): Unspent {
  const errorType = status === 429 ? 'rate_limited' : 'server_error'
  return {
    kind: 'unspent',
    errorType,
    retryAfter,
    error: new AuthRetryableFetchError(
      errorType,
      `The authorization server is busy (${status}). The session is kept. Try again later.`,
      { status },
    ),
  }
}

function judgeUnreadable(status: number, retryAfter: number | null, isRefused: boolean): Verdict {
  if (status < 200 || (status >= 300 && status < 400)) {
    // A token is never sent on to another address, so nobody who could rotate it has seen it but the one who redirects.
    const message =
      'The token endpoint redirects, and no token follows. Check the address of the provider. The session is kept.'
    const error = new AuthRetryableFetchError('malformed_response', message)
    return { kind: 'unknown', errorType: 'redirect', retryAfter: 60_000, error }
  }
  const isFailing = status >= 500
  const errorType = isFailing ? 'server_error' : 'malformed_response'
  const told = isRefused
    ? `The authorization server refused the request (${status}). Check the client there, its grants, scopes and \`resource\`.`
    : `The token endpoint gave an answer (${status}) that says nothing of this session, as a proxy or a sign-in page may.`
  const message = isFailing ? `The authorization server failed (${status}).` : told
  return {
    kind: 'unknown',
    errorType,
    retryAfter,
    error: new AuthRetryableFetchError(errorType, `${message} The session is kept.`, { status }),
  }
}

function judgeSilence({ cause, error }: Extract<Answer, { kind: 'silent' }>): Verdict {
  const retryAfter = null
  if (cause === 'timeout') {
    const message = 'The authorization server did not answer within the request limit. The session is kept.'
    return { kind: 'unknown', errorType: 'timeout', retryAfter, error: new AuthRetryableFetchError('timeout', message) }
  }
  if (cause === 'offline') {
    const message = 'This device is offline, so nothing was sent. The session is kept.'
    return { kind: 'unspent', errorType: 'offline', retryAfter, error: new AuthRetryableFetchError('network', message) }
  }
  // A library's or the platform's own error may carry anything; only ours are told.
  const told = isAuthError(error) ? error : null
  const message = `The authorization server could not be reached. Check the network${orOrigin('the server')}.`
  return {
    kind: cause === 'unsent' ? 'unspent' : 'unknown',
    errorType: 'network',
    retryAfter,
    error: told ?? new AuthRetryableFetchError('network', `${message} The session is kept.`),
  }
}

/** What else may be wrong where there is a browser in between. Elsewhere nobody asks for it. */
export const orOrigin = (who: string): string =>
  typeof location === 'undefined' ? '' : `, and that ${who} allows this origin (CORS)`

/** The language's own: any other name may say anything. */
const kinds = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError']

/** Code of the app's that has thrown and has asked nobody: not the network is to blame. Of the error its kind alone is told. */
export function threwBefore(who: string, error: unknown): AuthError {
  const kind = kinds.find((kind) => guarded(() => (error as Partial<Error>).name) === kind)
  const thrown = kind === undefined ? 'threw' : `threw (${kind})`
  return new AuthRetryableFetchError(
    'network',
    `${who} ${thrown} before it sent anything through \`io\`. Look for the fault there. The session is kept.`,
  )
}

/** How long who asks such a server once more rests before, milliseconds; null where that is not called for. `jitter`: 0 to 1. */
export const restBefore = (verdict: Verdict, jitter: number): number | null =>
  'contends' in verdict ? Math.max(Number(verdict.retryAfter) || 0, 0) + backoff(1, null, jitter) : null

/** After an answer that is not to be had: may the same token be presented again while it is of use? */
export const mayPresentAgain = (profile: ReuseProfile): boolean => profile === 'idempotent' || profile === 'branches'

/** The JSON object of a response, or `unreadable`. The body is read once. `now`: for a `Retry-After` that is a date. */
export async function readJson(
  response: Response,
  now: number,
): Promise<
  | { readonly json: Record<string, unknown>; readonly retryAfter: number | null }
  | Extract<Answer, { kind: 'unreadable' }>
> {
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now)
  const json: unknown = await response.json().catch(() => null)
  return typeof json === 'object' && json !== null
    ? { json: json as Record<string, unknown>, retryAfter }
    : { kind: 'unreadable', status: response.status, retryAfter }
}

/** What can go into a header (RFC 6750 2.1); anything else would be an error that names the token. */
export const isSendable = (token: unknown): token is string => typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)

/** The token had been presented before, and that answer was lost: a server that refuses it now has most likely rotated then. */
export const afterLoss = <T extends TokenSet>(verdict: Verdict<T>): Verdict<T> =>
  verdict.kind === 'suspect' && verdict.reason === 'rejected' ? { ...verdict, reason: 'lost_answer' } : verdict
