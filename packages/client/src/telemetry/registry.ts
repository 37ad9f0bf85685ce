// Made of packages/client/telemetry.yaml by `npm run generate`. Not edited by hand.

/** What asked for a refresh first. */
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
  | 'set_session'
  | 'startup'

/** How a flight ended. */
export type RefreshOutcome = 'rotated' | 'renewed' | 'adopted' | 'discarded' | 'rejected' | 'failed'

/** How a caller's wait ended. */
export type WaitOutcome = 'rotated' | 'renewed' | 'adopted' | 'discarded' | 'rejected' | 'failed' | 'left' | 'timeout'

/** Why no slot may take what came of a refresh. */
export type DiscardReason = 'signed_out' | 'replaced' | 'cleared'

/** What became of the tokens that nobody owns. */
export type DiscardRevocation = 'done' | 'failed' | 'skipped' | 'unsupported'

/** How two parties came to want one token. */
export type ContentionKind =
  | 'claim_wait'
  | 'lost_race'
  | 'rotated_elsewhere'
  | 'claim_orphaned'
  | 'lock_wait'
  | 'lock_timeout'

/** How far the other party may have been away. */
export type ContentionScope = 'realm' | 'origin' | 'host' | 'cluster'

/** What came of it. */
export type ContentionResolution = 'acquired' | 'adopted' | 'retried' | 'gave_up' | 'signed_out'

/** Why a session ended, as far as the client knew that ended it. The same as of `SIGNED_OUT`. */
export type SessionEndReason =
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

/** How a user comes in. */
export type SignInMethod = 'start' | 'callback' | 'provider'

/** What is to end at the server. */
export type SignOutScope = 'local' | 'global' | 'others'

/** What a call of the app's came to. */
export type CallOutcome = 'done' | 'failed' | 'discarded' | 'left' | 'timeout'

/** What the store does. */
export type StorageOperation = 'transact'

/** Which store it is. */
export type StorageType = 'indexeddb' | 'key-value' | '_OTHER'

/** What came of it. */
export type StorageResult = 'done' | 'failed'

/** What another tab or client says. */
export type MessageKind = 'changed'

/** What came of it. */
export type MessageOutcome = 'read' | 'queued'

/** The code of an authorization server (RFC 6749 5.2, RFC 9449, RFC 7009). */
export type OauthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'server_error'
  | 'temporarily_unavailable'
  | '_OTHER'

/** What happened to the stored note "this token is being presented". */
export type ClaimState = 'made'

/** What the stored session did. */
export type StoreChange = 'loaded' | 'foreign' | 'ended'

/** The event that handlers were told. */
export type EventName = 'SIGNED_IN' | 'SIGNED_OUT' | 'TOKEN_REFRESHED' | 'USER_UPDATED'

/** What the page went through. */
export type PageState = 'visible' | 'hidden' | 'frozen' | 'resumed' | 'bfcache'

/** What the browser says of the network. */
export type NetworkState = 'online' | 'offline'

/** What went wrong. */
export type ErrorType =
  | 'timeout'
  | 'network'
  | 'redirect'
  | 'invalid_grant'
  | 'refresh_token_reused'
  | 'key_lost'
  | 'invalid_client'
  | 'invalid_scope'
  | 'invalid_dpop_proof'
  | 'interaction_required'
  | 'rate_limited'
  | 'server_error'
  | 'malformed_response'
  | 'storage_error'
  | '_OTHER'
  | 'offline'

/** Always POST. */
export type HttpRequestMethod = 'POST'

/** The only attributes there are, with their only types. */
export type Attributes = {
  /** Random id of one try at one refresh token. */
  'authflight.flight.id'?: string
  /** Random id of one sign-in, the same in all tabs. */
  'authflight.session.id'?: string
  /** Counts the token answers committed under a session id; of a refresh the one it started from. */
  'authflight.session.revision'?: number
  /** Random id of an account, the same in all tabs. Tells nothing about the user. */
  'authflight.account.id'?: string
  /** Seconds until the access token dies, negative when overdue; at the end of a refresh the new token's. */
  'authflight.token.expires_in'?: number
  /** Seconds until the refresh token dies, where the server tells. */
  'authflight.token.refresh_expires_in'?: number
  /** What asked for a refresh first. */
  'authflight.refresh.trigger'?: RefreshTrigger
  /** How a flight ended. */
  'authflight.refresh.outcome'?: RefreshOutcome
  /** Requests that carried the token. */
  'authflight.refresh.attempt_count'?: number
  /** Callers that joined the one who started the flight. */
  'authflight.refresh.waiter_count'?: number
  /** How a caller's wait ended. */
  'authflight.wait.outcome'?: WaitOutcome
  /** Waits that an aggregate stands for. */
  'authflight.wait.count'?: number
  /** Median of these waits, seconds. */
  'authflight.wait.p50'?: number
  /** The longest of these waits, seconds. */
  'authflight.wait.max'?: number
  /** How many of these waits ended so; the key ends with the outcome. */
  [key: `authflight.wait.outcomes.${string}`]: number
  /** Why no slot may take what came of a refresh. */
  'authflight.discard.reason'?: DiscardReason
  /** What became of the tokens that nobody owns. */
  'authflight.discard.revocation'?: DiscardRevocation
  /** How two parties came to want one token. */
  'authflight.contention.kind'?: ContentionKind
  /** How far the other party may have been away. */
  'authflight.contention.scope'?: ContentionScope
  /** What came of it. */
  'authflight.contention.resolution'?: ContentionResolution
  /** Why a session ended, as far as the client knew that ended it. The same as of `SIGNED_OUT`. */
  'authflight.session_end.reason'?: SessionEndReason
  /** How a user comes in. */
  'authflight.sign_in.method'?: SignInMethod
  /** What is to end at the server. */
  'authflight.sign_out.scope'?: SignOutScope
  /** What a call of the app's came to. */
  'authflight.call.outcome'?: CallOutcome
  /** What the store does. */
  'authflight.storage.operation'?: StorageOperation
  /** Which store it is. */
  'authflight.storage.type'?: StorageType
  /** What came of it. */
  'authflight.storage.result'?: StorageResult
  /** What another tab or client says. */
  'authflight.message.kind'?: MessageKind
  /** What came of it. */
  'authflight.message.outcome'?: MessageOutcome
  /** Flights of this tab or process that go on. */
  'authflight.dispose.pending_flights'?: number
  /** The code of an authorization server (RFC 6749 5.2, RFC 9449, RFC 7009). */
  'authflight.oauth.error'?: OauthError
  /** What happened to the stored note "this token is being presented". */
  'authflight.claim.state'?: ClaimState
  /** What the stored session did. */
  'authflight.store.change'?: StoreChange
  /** The event that handlers were told. */
  'authflight.event.name'?: EventName
  /** Seconds until the timer fires. */
  'authflight.timer.due_in'?: number
  /** Seconds by which the wall clock went ahead, negative when it went back. */
  'authflight.clock.jump'?: number
  /** What the page went through. */
  'authflight.page.state'?: PageState
  /** What the browser says of the network. */
  'authflight.network.state'?: NetworkState
  /** What went wrong. */
  'error.type'?: ErrorType
  /** Always POST. */
  'http.request.method'?: HttpRequestMethod
  /** Which repetition this is, from 1. */
  'http.request.resend_count'?: number
  /** The status of the answer, where one came. */
  'http.response.status_code'?: number
  /** Host name of the token endpoint. */
  'server.address'?: string
  /** Its port, where that is not the scheme's own. */
  'server.port'?: number
}

export type OperationName =
  | 'authflight.refresh'
  | 'authflight.token_request'
  | 'authflight.wait'
  | 'authflight.discard'
  | 'authflight.contention'
  | 'authflight.session_end'
  | 'authflight.sign_in'
  | 'authflight.sign_out'
  | 'authflight.set_session'
  | 'authflight.get_user'
  | 'authflight.dispose'
  | 'authflight.storage'
  | 'authflight.tab_message'

/** Instants the panel needs beside the spans. */
export type PointName =
  | 'authflight.record.committed'
  | 'authflight.record.store_change'
  | 'authflight.record.event'
  | 'authflight.record.timer_armed'
  | 'authflight.record.timer_fired'
  | 'authflight.record.page_state'
  | 'authflight.record.network'
  | 'authflight.record.claim'
  | 'authflight.record.waits'
  | 'authflight.record.clock_jump'

/** Details on the span of an operation. */
export type SpanEventName = 'committed' | 'retry_scheduled'

/** Each metric: the operation it is told by, its name, instrument and unit, what it is told with, and the bounds of its buckets. */
export const measures: readonly Measure[] = [
  [
    'authflight.refresh',
    'authflight.refresh.duration',
    'createHistogram',
    's',
    ['authflight.refresh.trigger', 'authflight.refresh.outcome', 'error.type'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ],
  [
    'authflight.wait',
    'authflight.wait.duration',
    'createHistogram',
    's',
    ['authflight.wait.outcome'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  ],
  [
    'authflight.contention',
    'authflight.contention.duration',
    'createHistogram',
    's',
    ['authflight.contention.kind', 'authflight.contention.resolution'],
    [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  ],
  [
    'authflight.token_request',
    'authflight.token_requests',
    'createCounter',
    '{request}',
    ['http.response.status_code', 'error.type'],
  ],
  ['authflight.discard', 'authflight.discards', 'createCounter', '{discard}', ['authflight.discard.reason']],
  [
    'authflight.session_end',
    'authflight.session.ended',
    'createCounter',
    '{session}',
    ['authflight.session_end.reason'],
  ],
  [
    'authflight.sign_in',
    'authflight.sign_ins',
    'createCounter',
    '{sign_in}',
    ['authflight.sign_in.method', 'authflight.call.outcome'],
  ],
  ['authflight.refresh', 'authflight.refresh.active', 'createUpDownCounter', '{flight}', []],
  ['authflight.wait', 'authflight.wait.active', 'createUpDownCounter', '{caller}', []],
]

export type Measure = readonly [
  OperationName,
  string,
  'createHistogram' | 'createCounter' | 'createUpDownCounter',
  string,
  readonly (keyof Attributes)[],
  (readonly number[])?,
]

/** The codes of RFC 6749 5.2, RFC 9449 and RFC 7009. */
export const oauthErrors: readonly string[] = [
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
]
