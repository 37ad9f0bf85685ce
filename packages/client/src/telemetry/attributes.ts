import type { DiscardReason } from '../errors.ts'
import type { SignedOutReason } from '../session.ts'
import type { RecordAttributes } from './record.ts'

export type RefreshTrigger =
  | 'expiry'
  | 'forced'
  | 'unauthorized'
  | 'timer'
  | 'visibility'
  | 'focus'
  | 'online'
  | 'resume'
  | 'pageshow'
  | 'clock_jump'
  | 'tab_message'
  | 'set_session'
  | 'startup'

export type RefreshOutcome = 'rotated' | 'renewed' | 'adopted' | 'discarded' | 'rejected' | 'failed'
export type WaitOutcome = RefreshOutcome | 'left' | 'timeout'
export type Revocation = 'done' | 'failed' | 'skipped' | 'unsupported'

export type ContentionKind =
  | 'claim_wait'
  | 'lock_wait'
  | 'lost_race'
  | 'rotated_elsewhere'
  | 'reuse_detected'
  | 'claim_orphaned'
  | 'lock_timeout'
export type ContentionScope = 'realm' | 'origin' | 'host' | 'cluster'
export type ContentionResolution = 'acquired' | 'adopted' | 'retried' | 'gave_up' | 'signed_out'

export type ErrorType =
  | 'timeout'
  | 'aborted'
  | 'network'
  | 'offline'
  | 'redirect'
  | 'invalid_grant'
  | 'refresh_token_reused'
  | 'invalid_client'
  | 'invalid_scope'
  | 'invalid_dpop_proof'
  | 'rate_limited'
  | 'server_error'
  | 'malformed_response'
  | 'storage_error'
  | 'lock_timeout'
  | '_OTHER'

/**
 * The only attributes that leave the library, with their only types: enum members, bounded numbers and our own random ids.
 * There is no key for free text, an URL, a header or a body, so none can slip out.
 */
export interface Attributes {
  'authflight.flight.id'?: string
  'authflight.session.id'?: string
  'authflight.session.revision'?: number
  'authflight.account.id'?: string
  /** Seconds, negative when overdue. */
  'authflight.token.expires_in'?: number
  /** Seconds. */
  'authflight.token.refresh_expires_in'?: number
  'authflight.refresh.trigger'?: RefreshTrigger
  'authflight.refresh.outcome'?: RefreshOutcome
  'authflight.refresh.attempt_count'?: number
  'authflight.refresh.waiter_count'?: number
  'authflight.wait.outcome'?: WaitOutcome
  'authflight.wait.count'?: number
  /** Seconds. */
  'authflight.wait.p50'?: number
  /** Seconds. */
  'authflight.wait.max'?: number
  'authflight.discard.reason'?: DiscardReason
  'authflight.discard.revocation'?: Revocation
  'authflight.contention.kind'?: ContentionKind
  'authflight.contention.scope'?: ContentionScope
  'authflight.contention.resolution'?: ContentionResolution
  'authflight.session_end.reason'?: SignedOutReason
  'authflight.claim.state'?: 'made' | 'released' | 'lost' | 'waited'
  'authflight.store.change'?: 'loaded' | 'foreign' | 'ended'
  'authflight.event.name'?: string
  /** Seconds. */
  'authflight.timer.due_in'?: number
  'authflight.page.state'?: 'visible' | 'hidden' | 'frozen' | 'resumed' | 'bfcache'
  'authflight.network.state'?: 'online' | 'offline'
  /** Seconds. */
  'authflight.clock.jump'?: number
  'authflight.oauth.error'?: string
  'error.type'?: ErrorType
  'http.request.method'?: 'POST'
  'http.request.resend_count'?: number
  'http.response.status_code'?: number
  'server.address'?: string
  'server.port'?: number
  [outcomes: `authflight.wait.outcomes.${string}`]: number
}

/** The error codes of RFC 6749 5.2, RFC 9449 and RFC 7009 that may be named; any other becomes `_OTHER`. */
const knownOAuthErrors = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'server_error',
  'temporarily_unavailable',
])

export const nameOAuthError = (code: string): string => (knownOAuthErrors.has(code) ? code : '_OTHER')

/** Seconds with milliseconds, from milliseconds. */
export const seconds = (ms: number): number => Math.round(ms) / 1000

export const plain = (attributes: Attributes): RecordAttributes => attributes as RecordAttributes
