/** The playground's own server: what it tells and what it can be told. Everything is on the page's origin. */

export interface Config {
  readonly issuer: string
  readonly clientId: string
  readonly resource: string
  readonly users: readonly { readonly login: string; readonly password: string; readonly name: string }[]
  /** Seconds. */
  readonly accessTokenTtl: number
  /** Whether spans can be exported: the server was started with a receiver's address. */
  readonly otlp: boolean
  /** Where `#trace=<id>` shows a trace; absent where there is no such place. */
  readonly traceView?: string
}

export type FaultKind =
  | 'none'
  | 'delay_answer'
  | 'delay_request'
  | 'lose_answer'
  | 'busy'
  | 'error'
  | 'forbidden'
  | 'refuse'

/** What happens to requests for tokens. `ms` belongs to the delays, `retryAfter` (seconds) to `busy`. */
export interface Fault {
  readonly kind: FaultKind
  readonly ms?: number
  readonly retryAfter?: number
}

export interface ServerState {
  readonly fault: Fault
  /** Seconds, for the tokens issued from now on. */
  readonly accessTokenTtl: number
  /** Seconds; absent where the server does not tell it. */
  readonly refreshTokenTtl?: number
}

/** A request that reached the authorization server. */
export interface LogEntry {
  readonly seq: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly endpoint: string
  readonly grant?: string
  readonly status: number
  readonly fault?: string
  readonly error?: string
}

export type ServerAct = 'revoke_grant' | 'expire_refresh_token' | 'expire_access_tokens'

export const logStream = '/playground/log/stream'

export const getConfig = () => ask<Config>('config')
export const getState = () => ask<ServerState>('state')
export const getLog = () => ask<{ readonly entries: readonly LogEntry[] }>('log').then(({ entries }) => entries)
export const setFault = (fault: Fault) => ask<unknown>('fault', fault)
export const setLifetime = (seconds: number) => ask<unknown>('ttl', { seconds })
export const tellRefreshLifetime = (seconds: number) => ask<unknown>('refresh-ttl', { seconds })
export const act = (act: ServerAct) => ask<{ readonly affected: number }>('act', { act })
export const reset = () => ask<unknown>('reset', {})

export interface Observed<T> {
  readonly result: T
  /** How long the work took, milliseconds. */
  readonly ms: number
  /** How many requests for tokens the server saw meanwhile. */
  readonly tokenRequests: number
}

export async function observe<T>(work: () => Promise<T>): Promise<Observed<T>> {
  const before = (await getLog()).reduce((highest, { seq }) => Math.max(highest, seq), 0)
  const begun = performance.now()
  const result = await work()
  const ms = performance.now() - begun
  const tokenRequests = (await getLog()).filter(({ seq, endpoint }) => seq > before && endpoint === 'token').length
  return { result, ms, tokenRequests }
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } }
  const response = await fetch(`/playground/${path}`, {
    ...init,
    body: body === undefined ? null : JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`The playground's server answered ${response.status} to /playground/${path}.`)
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}
