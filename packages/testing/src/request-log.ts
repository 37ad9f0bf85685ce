import type { Answer } from './answer.ts'
import type { Endpoint, GrantType, RequestFacts } from './request-facts.ts'

/** One request as the server saw it. Ids and numbers only: no token, no person, so it may be printed. */
export interface LogEntry extends Omit<RequestFacts, 'user'> {
  /** 1 for the first request since the last reset, in order of arrival. */
  readonly seq: number
  /** Epoch milliseconds on the server's clock. */
  readonly at: number
  /** HTTP status; 0 for a request that got no answer; `null` while it waits for one. */
  readonly status: number | null
  /** The error code of the answer, e.g. `invalid_grant`. */
  readonly error: string | null
  /** A rotated refresh token, or a used code, came again and the server saw it. */
  readonly reused: boolean
  /** It came through to the endpoint, no fault kept it: a refresh token was judged and perhaps rotated. */
  readonly processed: boolean
  /**
   * The client must take what it presented for consumed. False where the answer says otherwise (408, 425, 429, 503,
   * `use_dpop_nonce`, `invalid_dpop_proof`, `invalid_client`, `invalid_scope`, `invalid_request` with a retry hint) and
   * where the connection was refused.
   */
  readonly presentation: boolean
  /** Names of the faults that had a hand in it, the outermost first. */
  readonly faults: readonly string[]
}

export type OpenEntry = { -readonly [Key in keyof LogEntry]: LogEntry[Key] }

/** The facts of a request as they stand in the log: without the person. */
export function openEntry(facts: RequestFacts, seq: number, at: number): OpenEntry {
  const { user: _, ...printable } = facts
  const isToken = facts.endpoint === 'token'
  const open = { status: null, error: null, reused: false, processed: false, presentation: isToken, faults: [] }
  return { ...printable, ...open, seq, at }
}

/** Writes what became of the request into its entry. */
export async function closeEntry(entry: OpenEntry, answer: Answer): Promise<void> {
  if (typeof answer === 'string') {
    entry.presentation &&= answer === 'lost'
    entry.status = 0
    return
  }
  const { error, error_description: hint } = await readError(answer)
  entry.error = error ?? null
  entry.presentation &&= !isRetryable(answer.status, error, hint)
  entry.status = answer.status
}

const notConsumed = new Set(['use_dpop_nonce', 'invalid_dpop_proof', 'invalid_client', 'invalid_scope'])

function isRetryable(status: number, error = '', hint = ''): boolean {
  if ([408, 425, 429, 503].includes(status) || notConsumed.has(error)) return true
  return error === 'invalid_request' && /retry/i.test(hint)
}

interface ErrorBody {
  readonly error?: string
  readonly error_description?: string
  /** GoTrue's. */
  readonly error_code?: string
  /** GoTrue's: the error in younger bodies, the status in older ones. */
  readonly code?: string | number
}

async function readError(answer: Response): Promise<ErrorBody> {
  if (answer.ok || !answer.headers.get('content-type')?.includes('json')) return {}
  const { error, error_code, code, ...rest } = (await answer.clone().json()) as ErrorBody
  const named = error ?? error_code ?? code
  return typeof named === 'string' ? { ...rest, error: named } : rest
}

/** How many entries are of that endpoint or session type, or fit. */
export function countEntries(
  log: readonly LogEntry[],
  what: Endpoint | GrantType | ((entry: LogEntry) => boolean),
): number {
  const fits = typeof what === 'function' ? what : (entry: LogEntry) => entry.endpoint === what || entry.grant === what
  return log.filter(fits).length
}
