import { empty, html, json, oauthError, redirectTo, type Answer } from './answer.ts'

/**
 * Something that goes wrong with a request. It stands between the client and the server: it may wait before or after
 * `next()`, change what `next()` gives, or answer without calling it, which means that the server never acted.
 */
export interface Fault {
  /** As it appears in the log. */
  readonly name: string
  readonly apply: (next: () => Promise<Answer>) => Promise<Answer>
}

function answerInstead(name: string, answer: () => Answer): Fault {
  return { name, apply: async () => answer() }
}

/** Several faults as one, the first outermost. */
export function compose(...faults: readonly Fault[]): Fault {
  const name = faults.map((fault) => fault.name).join('+')
  return { name, apply: (next) => applyAll(faults, next) }
}

export function applyAll(faults: readonly Fault[], next: () => Promise<Answer>): Promise<Answer> {
  return faults.reduceRight<() => Promise<Answer>>((inner, fault) => () => fault.apply(inner), next)()
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** The request takes `ms` milliseconds to the server. */
export function delayRequest(ms: number): Fault {
  return {
    name: 'delay_request',
    async apply(next) {
      await sleep(ms)
      return next()
    },
  }
}

/** The server acts at once, its answer takes `ms` milliseconds. */
export function delayAnswer(ms: number): Fault {
  return {
    name: 'delay_answer',
    async apply(next) {
      const answer = await next()
      await sleep(ms)
      return answer
    },
  }
}

/** The server acts (it rotates), and the answer is lost: a network error. */
export function loseAnswer(): Fault {
  return { name: 'lose_answer', apply: (next) => next().then(() => 'lost') }
}

/** The request is lost before the server sees it. The client cannot tell this from a lost answer. */
export function loseRequest(): Fault {
  return answerInstead('lose_request', () => 'lost')
}

/** Nobody listens. Only `server.fetch` can prove it to the client, by the cause's code `ECONNREFUSED`. */
export function refuse(): Fault {
  return answerInstead('refuse', () => 'refused')
}

/** 429, or another status that asks to come again. `retryAfter` is seconds or an HTTP date; without it, no header. */
export function busy(options: { status?: 408 | 425 | 429 | 503; retryAfter?: number | string } = {}): Fault {
  const { status = 429, retryAfter } = options
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return answerInstead('busy', () => empty(status, headers))
}

/** 500, or another 5xx. `acted`: the server rotated before it failed. Default false. */
export function serverError(options: { status?: number; acted?: boolean } = {}): Fault {
  return unreadable('server_error', options, () => empty(options.status ?? 500))
}

/** HTML from a proxy or firewall in between: 403 unless told. */
export function blocked(options: { status?: 400 | 403 | 407 } = {}): Fault {
  return answerInstead('blocked', () => html('Forbidden', options.status ?? 403))
}

/** 200 with HTML: a captive portal, or, with `acted`, a proxy that replaced the answer after the rotation. */
export function htmlAnswer(options: { acted?: boolean } = {}): Fault {
  return unreadable('html_answer', options, () => html('Welcome', 200))
}

/** No body: 400 unless told. `acted`: the server rotated before. Default false. */
export function emptyAnswer(options: { status?: number; acted?: boolean } = {}): Fault {
  return unreadable('empty_answer', options, () => empty(options.status ?? 400))
}

function unreadable(name: string, { acted = false }: { acted?: boolean }, answer: () => Response): Fault {
  return acted ? { name, apply: (next) => next().then(answer) } : answerInstead(name, answer)
}

/** The server acts; its successful JSON answer is changed on the way. A field set to `undefined` is left out. */
export function alterAnswer(change: (body: Record<string, unknown>) => unknown, name = 'alter_answer'): Fault {
  return {
    name,
    async apply(next) {
      const answer = await next()
      if (typeof answer === 'string' || !answer.ok) return answer
      return json(change((await answer.json()) as Record<string, unknown>))
    },
  }
}

/** The server rotates; its 200 has no `access_token`. */
export function withoutAccessToken(): Fault {
  return alterAnswer((body) => ({ ...body, access_token: undefined }), 'without_access_token')
}

/** The server rotates; its 200 has no `refresh_token`, so the new one is lost. */
export function withoutRefreshToken(): Fault {
  return alterAnswer((body) => ({ ...body, refresh_token: undefined }), 'without_refresh_token')
}

/** The server's 200 has another `expires_in`, in seconds, or none. It may be zero, negative, huge or no number. */
export function withExpiresIn(value: unknown): Fault {
  return alterAnswer((body) => ({ ...body, expires_in: value }), 'with_expires_in')
}

/** An OAuth error that the server did not mean: what it knows stays as it was. 400 unless told. */
export function oauthFailure(error: string, options: { status?: number; description?: string } = {}): Fault {
  return answerInstead(error, () => oauthError(error, options.status ?? 400, options.description))
}

/** `invalid_grant`, though the token is good: only a server that errs says so. */
export function invalidGrant(): Fault {
  return oauthFailure('invalid_grant')
}

/** Configuration: 401 `invalid_client`. */
export function invalidClient(): Fault {
  return oauthFailure('invalid_client', { status: 401 })
}

/** Configuration: 400 `unauthorized_client`. */
export function unauthorizedClient(): Fault {
  return oauthFailure('unauthorized_client')
}

/** Configuration: 400 `invalid_scope`. */
export function invalidScope(): Fault {
  return oauthFailure('invalid_scope')
}

/** Contention at the server, as Ory Hydra tells it: 400 `invalid_request` that asks to retry. */
export function contention(): Fault {
  return oauthFailure('invalid_request', { description: 'The request could not be completed. Please retry.' })
}

/** 400 `use_dpop_nonce` with a nonce (RFC 9449, section 8). The token was not consumed. */
export function demandDpopNonce(nonce = 'nonce-1'): Fault {
  return answerInstead('use_dpop_nonce', () => json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': nonce }))
}

/** 400 `invalid_dpop_proof`: clock or configuration. */
export function invalidDpopProof(): Fault {
  return oauthFailure('invalid_dpop_proof')
}

/** 302. A client must never follow it with a token in the body. */
export function redirected(location: string): Fault {
  return answerInstead('redirected', () => redirectTo(location))
}

/** GoTrue's error bodies: `{ code, error_code, msg }` since 2024-01-01, `{ error, error_description }` before. */
export function gotrueFailure(code: string, options: { status?: number; legacy?: boolean } = {}): Fault {
  const { status = 400, legacy = false } = options
  const body = legacy
    ? { error: 'invalid_grant', error_description: code }
    : { code: status, error_code: code, msg: code }
  return answerInstead(code, () => json(body, status, legacy ? {} : { 'x-supabase-api-version': '2024-01-01' }))
}
