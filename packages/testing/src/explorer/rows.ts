import type { Meaning } from './history.ts'
import type { Dialect } from './profiles.ts'

/** One way a token endpoint can answer. */
export interface Row {
  readonly name: string
  /** Whether the server acts on the credential before it answers so. `instead`: it does not. */
  readonly acts: 'before' | 'instead'
  /** What an honest reader makes of it. */
  readonly meaning: Meaning
  readonly status: number
  /** An OAuth error, or GoTrue's code. */
  readonly error?: string
  /** Milliseconds. */
  readonly retryAfter?: number
  /** The server ends the session with it, so that it says the truth. */
  readonly ends?: true
}

const busy = (status: number, retryAfter?: number): Row => ({
  name: retryAfter === undefined ? `${status}` : `${status} retry`,
  acts: 'instead',
  meaning: 'unspent',
  status,
  ...(retryAfter === undefined ? {} : { retryAfter }),
})

const refusal = (error: string, meaning: Meaning, more: Partial<Row> = {}): Row => ({
  name: error,
  acts: 'instead',
  meaning,
  status: 400,
  error,
  ...more,
})

const spoiled = (name: string, status: number, acts: Row['acts']): Row => ({
  name: acts === 'before' ? `${name} after acting` : name,
  acts,
  meaning: 'unknown',
  status,
})

const shared: readonly Row[] = [
  refusal('invalid_grant', 'terminal'),
  refusal('refresh_token_already_used', 'terminal', { ends: true }),
  refusal('session_expired', 'terminal', { ends: true }),
  refusal('user_banned', 'terminal', { ends: true }),
  refusal('invalid_client', 'unspent', { status: 401 }),
  busy(408),
  busy(425),
  busy(429),
  busy(429, 5_000),
  busy(503),
  busy(503, 600_000),
  spoiled('html', 200, 'instead'),
  spoiled('html', 200, 'before'),
  spoiled('empty 400', 400, 'instead'),
  spoiled('html 403', 403, 'instead'),
  spoiled('html 407', 407, 'instead'),
  spoiled('500', 500, 'instead'),
  spoiled('500', 500, 'before'),
  spoiled('502', 502, 'before'),
  spoiled('redirect', 302, 'instead'),
]

/** What only servers of their kind say. */
const particular: Readonly<Record<Dialect, readonly Row[]>> = {
  own: [
    refusal('invalid_dpop_proof', 'unspent'),
    refusal('use_dpop_nonce', 'unspent'),
    refusal('invalid_request', 'unspent', { name: 'invalid_request retry', retryAfter: 1_000 }),
    refusal('unauthorized_client', 'unspent'),
    refusal('invalid_scope', 'unspent'),
  ],
  gotrue: [
    refusal('refresh_token_not_found', 'terminal', { ends: true }),
    refusal('session_not_found', 'terminal', { ends: true }),
    refusal('user_not_found', 'terminal', { ends: true }),
    refusal('over_request_rate_limit', 'unspent', { status: 429 }),
    refusal('request_timeout', 'unknown', { status: 504, acts: 'before' }),
  ],
}

/** Every row of the table "what an answer from the token endpoint means" that is no plain success, and how each comes about. */
export const rowsOf = (dialect: Dialect): readonly Row[] => [...shared, ...particular[dialect]]

/** The names of all, with the answers that are none: what a coverage report lists. */
export const answerNamesOf = (dialect: Dialect): readonly string[] => [
  'tokens',
  'refused',
  ...rowsOf(dialect).map(({ name }) => name),
  'request lost',
  'answer lost',
  'offline',
  'never sent',
]
