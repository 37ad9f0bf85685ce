import type { Model } from './model/authorization-server.ts'

/** Of an OpenID provider, and, from `signup` on, of a GoTrue server, which has `authorization` and `token` as well. */
export type Endpoint =
  | 'discovery'
  | 'jwks'
  | 'authorization'
  | 'token'
  | 'revocation'
  | 'userinfo'
  | 'end_session'
  | 'signup'
  | 'otp'
  | 'verify'
  | 'recover'
  | 'user'
  | 'reauthenticate'
  | 'logout'

const grantTypes = ['authorization_code', 'refresh_token', 'password', 'pkce'] as const
/** `password` and `pkce` are GoTrue's. */
export type GrantType = (typeof grantTypes)[number]

/** What a request is about. Ids and numbers only, so it may be printed. */
export interface RequestFacts {
  readonly endpoint: Endpoint
  /** Token endpoint only. */
  readonly grant: GrantType | null
  /** `session-1`, …: the sign-in that the presented token or code belongs to. */
  readonly session: string | null
  /** `refresh-1`, `code-1`, `access-1`, …: what was presented. */
  readonly token: string | null
  /** Of the presented refresh token: 1 for the sign-in's own. */
  readonly generation: number | null
  /** The login of the user whose token was presented. */
  readonly user: string | null
}

/**
 * Which requests are meant: all that have these facts, or all that the function says yes to. Without an `endpoint`, the
 * token endpoint's. Matching by what a request is about, not by when it comes, keeps tests independent of its order.
 */
export type RequestMatch = Partial<RequestFacts> | ((facts: RequestFacts) => boolean)

export function matches(match: RequestMatch, facts: RequestFacts): boolean {
  if (typeof match === 'function') return match(facts)
  const wanted: Partial<RequestFacts> = { endpoint: 'token', ...match }
  return (Object.keys(wanted) as (keyof RequestFacts)[]).every((key) => wanted[key] === facts[key])
}

/** The facts of a request, read from what it presents. */
export function readFacts(
  model: Model,
  endpoint: Endpoint,
  form: URLSearchParams,
  bearer: string | null,
): RequestFacts {
  const presented = model.find(readPresented(endpoint, form, bearer) ?? '')
  return {
    endpoint,
    grant: endpoint === 'token' ? readGrantType(form) : null,
    session: presented?.session.id ?? null,
    token: presented?.id ?? null,
    generation: presented && 'generation' in presented ? presented.generation : null,
    user: presented?.session.user.login ?? null,
  }
}

function readPresented(endpoint: Endpoint, form: URLSearchParams, bearer: string | null): string | null {
  if (endpoint === 'token') return form.get('refresh_token') ?? form.get('code')
  return endpoint === 'revocation' ? form.get('token') : bearer
}

function readGrantType(form: URLSearchParams): GrantType | null {
  const grant = form.get('grant_type')
  return grantTypes.find((known) => known === grant) ?? null
}
