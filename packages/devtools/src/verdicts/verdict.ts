/** What a verdict may name as the cause. Each is one rule's; `unknown` says what was not recorded instead. */
export type Cause =
  | 'healthy'
  | 'signed_out_here'
  | 'signed_out_elsewhere'
  | 'signed_out_during_refresh'
  | 'replaced'
  | 'app_error_handling'
  | 'storage_cleared'
  | 'storage_unavailable'
  | 'key_lost'
  | 'reuse_elsewhere'
  | 'reuse'
  | 'own_retry'
  | 'expired'
  | 'revoked'
  | 'clock'
  | 'asleep'
  | 'no_reason_given'
  | 'answer_lost'
  | 'rate_limited'
  | 'offline'
  | 'server_error'
  | 'blocked'
  | 'configuration'
  | 'timeout'
  | 'failed'
  | 'unknown'

/** One thing that happened, in the order of cause and effect. */
export interface Step {
  /** The id of the record that shows it. */
  readonly record: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly text: string
}

/** What a rule says when it matches. */
export interface Finding {
  readonly cause: Cause
  /** Who, when and why, in one or two sentences. */
  readonly sentence: string
  readonly steps: readonly Step[]
  /** What would have to be recorded to say more. */
  readonly missing?: readonly string[]
}

/** One incident, explained: the finding of the first rule that matched it. */
export interface Verdict extends Finding {
  /** `bad`: somebody lost a session. `warning`: trouble, and the session is kept. `notice`: wanted, or harmless. */
  readonly tone: 'good' | 'notice' | 'warning' | 'bad'
  /** Epoch milliseconds of the effect. */
  readonly at: number
  /** The display id of the session it is about. */
  readonly session: string
  /** The record of the effect. */
  readonly record: string
  readonly missing: readonly string[]
}
