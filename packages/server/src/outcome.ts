import {
  AuthApiError,
  AuthError,
  type AuthErrorCode,
  AuthRefreshDiscardedError,
  AuthRetryableFetchError,
  type RecordLink,
  type TokenSet,
} from '@authflight/client'
import { type Verdict, wholeTokens } from '@authflight/client/presentation'
import type { ErrorType } from '@authflight/client/telemetry'

/** Why a server no longer accepts a session, as far as it was told. */
export type RejectedReason = 'rejected' | 'expired' | 'revoked' | 'reuse' | 'lost_answer'

/** What came of presenting a token: one for everybody who holds it. Plain JSON. Spans of time, never dates: clocks differ. */
export type Outcome =
  | { readonly kind: 'rotated' | 'renewed'; readonly tokens: TokenSet }
  | {
      readonly kind: 'rejected'
      readonly reason: RejectedReason
      readonly errorType: ErrorType
      readonly status: number | null
      readonly message: string
    }
  | {
      readonly kind: 'failed'
      readonly code: AuthErrorCode
      readonly errorType: ErrorType
      readonly status: number | null
      readonly message: string
      /** Milliseconds until it may be tried again; null: a mistake in the app's code, which no pause ends. */
      readonly retryAfter: number | null
    }
  /** The session was ended meanwhile. */
  | { readonly kind: 'discarded' }

export type Failure = Extract<Outcome, { kind: 'failed' }>

/** A transient failure that is this library's own. */
export const failure = (
  code: AuthErrorCode,
  errorType: ErrorType,
  message: string,
  retryAfter: number,
  status: number | null = null,
): Failure => ({ kind: 'failed', code, errorType, status, message, retryAfter })

/** `pause`: how long to wait where the server does not say. Milliseconds. */
export function outcomeOf(verdict: Verdict, token: string, pause: number): Exclude<Outcome, { kind: 'discarded' }> {
  if (verdict.kind === 'rotated') {
    // Nothing else that stands beside them is published.
    const { accessToken, tokenType, expiresIn, refreshToken, refreshExpiresIn, scopes, user } = wholeTokens(
      verdict.tokens,
    )
    const told = { scopes: plain(scopes), user: plain(user) }
    const tokens = { accessToken, tokenType, expiresIn, refreshToken, refreshExpiresIn, ...told }
    return { kind: refreshToken === null || refreshToken === token ? 'renewed' : 'rotated', tokens }
  }
  const { error, errorType } = verdict
  const told = { errorType, status: (error as { status?: number | null }).status ?? null, message: error.message }
  if (verdict.kind === 'suspect') {
    const message = verdict.reason === 'lost_answer' ? afterLostAnswer : told.message
    return { kind: 'rejected', reason: verdict.reason as RejectedReason, ...told, message }
  }
  // An app's own code may answer anything: what is no number must not become the life of what is stored.
  const asked = Number(verdict.retryAfter ?? pause)
  const retryAfter = clamp(Number.isNaN(asked) ? pause : asked, shortestPause, longestPause)
  const isMistake = error.code === 'unsupported' || error.code === 'invalid_option'
  return { kind: 'failed', code: error.code, ...told, retryAfter: isMistake ? null : retryAfter }
}

/**
 * As whoever comes late reads it, so that it is one for all, and nobody else's to change. What JSON refuses (a BigInt, a cycle) must not cost
 * the tokens: it is not told.
 */
function plain<T>(told: T | null): T | null {
  try {
    return JSON.parse(JSON.stringify(told)) as T | null
  } catch {
    return null
  }
}

const afterLostAnswer =
  'An earlier answer for this session was lost, and the authorization server has most likely rotated its token then: it no longer accepts ' +
  'this one. Sign in again.'

/** Milliseconds: what `Retry-After` is clamped to. */
const shortestPause = 1_000
const longestPause = 60_000

/** The pause after so many failures of one token, where the server does not name one. Half of it is jitter. */
export const pauseAfter = (takes: number, random: number): number =>
  Math.min(shortestPause * 2 ** (takes - 1), longestPause) * (0.5 + random / 2)

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** The same outcome, so many milliseconds later. */
export function aged(outcome: Outcome, ms: number): Outcome {
  if (outcome.kind === 'failed')
    return { ...outcome, retryAfter: outcome.retryAfter && Math.max(outcome.retryAfter - ms, 0) }
  if (!('tokens' in outcome)) return outcome
  const left = (seconds: number | null): number | null =>
    seconds === null ? null : Math.max(Math.floor(seconds - ms / 1_000), 0)
  const { expiresIn, refreshExpiresIn } = outcome.tokens
  const tokens = { ...outcome.tokens, expiresIn: left(expiresIn), refreshExpiresIn: left(refreshExpiresIn) }
  return { ...outcome, tokens }
}

/** What a caller is told; null where it gets tokens. `now`: epoch milliseconds of its own clock. */
export function errorOf(outcome: Outcome, now: number): AuthError | null {
  switch (outcome.kind) {
    case 'rotated':
    case 'renewed':
      return null
    case 'discarded':
      return new AuthRefreshDiscardedError('signed_out')
    case 'rejected':
      return new AuthApiError('session_ended', outcome.message, outcome.status ?? 400)
    case 'failed': {
      const { code, message, status, retryAfter } = outcome
      if (retryAfter === null) return new AuthError(code, message)
      return new AuthRetryableFetchError(code, message, { status, retryAt: now + retryAfter })
    }
  }
}

/** The token was not presented, because an access token may live that is to be used. */
export const isLeftAlone = (outcome: Outcome): boolean =>
  outcome.kind === 'failed' && outcome.code === 'refresh_unknown_outcome'

export function errorTypeOf(outcome: Outcome): ErrorType | undefined {
  return 'errorType' in outcome ? outcome.errorType : undefined
}

/** What is published, before it is sealed. */
export interface Letter {
  readonly outcome: Outcome
  /** The flight that it came from, so that whoever adopts it can link to it. */
  readonly link: RecordLink
}

export const writeLetter = (letter: Letter): string => JSON.stringify({ v: 1, ...letter })

/** Null for a letter of another version. Only a holder of the same token and pepper can have written it, so its parts are believed. */
export function readLetter(text: string | null): Letter | null {
  if (text === null) return null
  const letter = JSON.parse(text) as Letter & { readonly v: number }
  return letter.v === 1 ? letter : null
}
