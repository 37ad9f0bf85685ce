import * as oauth4 from 'oauth4webapi'
import { isSendable, readJson } from './answers.ts'
import { AuthError, isAuthError } from '../base/errors.ts'
import { claimsOf } from '../base/jwt-claims.ts'
import type { User } from '../base/session.ts'
import type { Answer, ExchangeIo, ProviderIo, TokenSet } from './provider.ts'

/**
 * Reads a token answer. The library judges what is well formed; whatever it refuses is unreadable; only errors of ours are thrown. An ID
 * token that is `optional`, as at a refresh (OpenID Connect Core 12.2), costs no good token beside it: one that the library refuses tells
 * whose it is, no more. One that is `unasked` is left out. What comes of a code and is refused all the same is given back. `scope`: what is granted
 * where the answer does not say.
 */
export async function readAnswer(
  response: Response,
  {
    now,
    bound,
    giveBack,
    scope,
  }: Pick<ProviderIo, 'now' | 'bound'> & Partial<ExchangeIo> & { readonly scope?: string },
  idToken: 'required' | 'optional' | 'unasked',
  process: (answer: Response) => Promise<oauth4.TokenEndpointResponse>,
): Promise<Answer> {
  const read = await readJson(response, now())
  if ('kind' in read) return read
  const { json, retryAfter } = read
  const unreadable = { kind: 'unreadable', status: response.status, retryAfter } as const
  if (response.status !== 200) {
    if (typeof json.error !== 'string') return unreadable
    return { kind: 'refused', status: response.status, error: json.error, retryAfter: retryAfter ?? hintedRetry(json) }
  }
  // A type that is not named is the one that there was: what was bound to a key does not become a bearer token unsaid.
  const { id_token: given, ...body } = { token_type: bound?.type ?? 'bearer', scope, ...sane(json) } as {
    id_token?: string
  }
  const told = async (id_token?: string): Promise<TokenSet> =>
    toTokenSet(await process(Response.json({ ...body, id_token })))
  try {
    const tokens = await told(idToken === 'unasked' ? undefined : given).catch(async (error: unknown) => {
      if (idToken !== 'optional') throw error
      return { ...(await told()), user: subjectOf(given ?? '') }
    })
    return isSendable(tokens.accessToken) ? { kind: 'tokens', tokens } : unreadable
  } catch (error) {
    const granted = { ...toTokenSet(body as never), user: subjectOf(given ?? '') }
    if (isSendable(granted.accessToken)) giveBack?.(granted)
    if (isAuthError(error)) throw error
    return unreadable
  }
}

/**
 * Checks that the user had authenticated at most `maxAge` seconds before the sign-in began, `elapsed` seconds before its ID token was made (OpenID Connect
 * Core 3.1.3.7). By the provider's clock alone, with a minute for the way: this device's may be hours off.
 * @throws {AuthError} `provider_invalid` where not, or where the ID token does not tell.
 */
export function checkAuthTime(tokens: oauth4.TokenEndpointResponse, maxAge: number, elapsed: number): void {
  const { auth_time: at = Number.NaN, iat = 0 } = oauth4.getValidatedIdTokenClaims(tokens) ?? {}
  if (at + maxAge + 60 >= iat - Math.max(elapsed, 0)) return
  throw new AuthError(
    'provider_invalid',
    'The provider has not asked the user again, as `max_age` wants, or does not say when it did. Check that it supports that.',
  )
}

/** Whom an ID token names that is good for nothing else; null where it cannot be read. */
function subjectOf(idToken: string): User | null {
  const { sub } = claimsOf(idToken) ?? {}
  return typeof sub === 'string' ? { id: sub, claims: {} } : null
}

/** Contention at the server, as Ory Hydra tells it: an `invalid_request` whose text asks to retry, at no time that it names. */
const hintedRetry = ({ error, error_description: hint }: Record<string, unknown>): number | null =>
  error === 'invalid_request' && typeof hint === 'string' && /\bretry\b/i.test(hint) ? 0 : null

/** Members that are text, or nothing. */
const texts = new Set(['token_type', 'refresh_token', 'scope', 'id_token'])

/**
 * What is nonsensical beside a good token must not cost the rotated token it came with: empty members, those of another kind, and
 * impossible lifetimes count as not sent.
 */
function sane(json: Record<string, unknown>): Record<string, unknown> {
  const { expires_in: given, ...rest } = json
  const members = Object.entries(rest).filter(
    ([name, value]) => value !== null && value !== '' && (typeof value === 'string' || !texts.has(name)),
  )
  const lifetime = readLifetime(given)
  return { ...Object.fromEntries(members), ...(lifetime ? { expires_in: lifetime } : {}) }
}

/** Seconds, also where they are written as text; null where it is no time to live. */
function readLifetime(given: unknown): number | null {
  const seconds = Number(given)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

function toTokenSet(answer: oauth4.TokenEndpointResponse): TokenSet {
  const claims = oauth4.getValidatedIdTokenClaims(answer)
  return {
    accessToken: answer.access_token,
    tokenType: answer.token_type === 'dpop' ? 'dpop' : 'bearer',
    expiresIn: answer.expires_in ?? null,
    refreshToken: answer.refresh_token ?? null,
    refreshExpiresIn: readLifetime(answer.refresh_expires_in ?? answer.refresh_token_expires_in),
    scopes: answer.scope === undefined ? null : answer.scope.split(' ').filter((scope) => scope !== ''),
    user: claims ? toUser(claims) : null,
    idToken: answer.id_token,
  }
}

/** What an ID token says about itself: it changes with each, and tells nothing of the user. */
const aboutToken = new Set(['exp', 'iat', 'nbf', 'jti', 'nonce', 'at_hash', 'c_hash'])

/** Who the claims of an ID token or a userinfo answer tell of. */
export const toUser = (told: oauth4.IDToken | oauth4.UserInfoResponse): User => ({
  id: told.sub,
  ...(typeof told.email === 'string' ? { email: told.email } : {}),
  ...(typeof told.name === 'string' ? { name: told.name } : {}),
  claims: Object.fromEntries(Object.entries(told).filter(([name]) => !aboutToken.has(name))),
})
