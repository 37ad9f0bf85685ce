import * as oauth4 from 'oauth4webapi'
import { isSendable, readJson } from '../answers.ts'
import type { User } from '../session.ts'
import type { Answer, TokenSet } from './provider.ts'

/** Reads a token answer. The library judges what is well formed; whatever it refuses is unreadable, never an exception. */
export async function readAnswer(
  response: Response,
  now: number,
  process: (answer: Response) => Promise<oauth4.TokenEndpointResponse>,
): Promise<Answer> {
  const read = await readJson(response, now)
  if ('kind' in read) return read
  const { json, retryAfter } = read
  if (response.status !== 200) {
    if (typeof json.error !== 'string') return { kind: 'unreadable', status: response.status, retryAfter }
    return { kind: 'refused', status: response.status, error: json.error, retryAfter: retryAfter ?? hintedRetry(json) }
  }
  try {
    const tokens = await process(Response.json(sane(json)))
    if (isSendable(tokens.access_token)) return { kind: 'tokens', tokens: toTokenSet(tokens) }
    return { kind: 'unreadable', status: response.status, retryAfter }
  } catch {
    return { kind: 'unreadable', status: response.status, retryAfter }
  }
}

/** Contention at the server, as Ory Hydra tells it: an `invalid_request` whose text asks to retry, at no time that it names. */
const hintedRetry = ({ error, error_description: hint }: Record<string, unknown>): number | null =>
  error === 'invalid_request' && typeof hint === 'string' && /\bretry\b/i.test(hint) ? 0 : null

/**
 * What is nonsensical beside a good token must not cost the rotated token it came with: empty members and impossible lifetimes
 * count as not sent.
 */
function sane(json: Record<string, unknown>): Record<string, unknown> {
  const { expires_in: given, ...rest } = json
  const members = Object.entries(rest).filter(([, value]) => value !== null && value !== '')
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
