import type { Provider, TokenSet } from '../providers/provider.ts'
import type { Realm } from '../realm/realm.ts'
import type { User } from '../base/session.ts'

/** Tokens, and the digests by which they and their owner are known again. What a transaction needs is made before it begins. */
export interface Minted extends TokenSet {
  /** Of the refresh token; null where there is none. */
  readonly digest: string | null
  /** Whose tokens they are; null where the subject is not known. */
  readonly identity: string | null
  /** What they tell of a user takes the place of what was known. */
  readonly isWholeUser?: boolean | undefined
}

type Authority = Pick<Provider, 'authority' | 'clientId'>

/** The name of a token's flight: in memory as it is, in a store as a digest. */
export const flightKey = ({ authority, clientId }: Authority, credential: string): string =>
  JSON.stringify([authority, clientId, credential])

const digestOf = async (
  { digest }: Pick<Realm, 'digest'>,
  provider: Authority,
  refreshToken: string | null,
): Promise<string | null> => (refreshToken === null ? null : digest(flightKey(provider, refreshToken)))

/** The same person with the same client and scopes is the same account. Who has no id, or one that is neither text nor number, is nobody's same. */
export const identityOf = async (
  { digest }: Pick<Realm, 'digest'>,
  { authority, clientId, audience }: Authority & Pick<Provider, 'audience'>,
  user: User | null,
): Promise<string | null> =>
  user?.id && /string|number/.test(typeof user.id)
    ? digest(JSON.stringify([authority, clientId, audience, user.id]))
    : null

/**
 * A provider of the app's own, in JavaScript perhaps, may leave parts of its tokens out, or empty: they count as not told, and must not
 * cost the rotated token beside them.
 */
export const wholeTokens = (tokens: TokenSet): TokenSet => ({
  ...tokens,
  tokenType: /^dpop$/i.test(tokens.tokenType) ? 'dpop' : 'bearer',
  expiresIn: secondsOf(tokens.expiresIn),
  refreshToken: typeof tokens.refreshToken === 'string' ? tokens.refreshToken || null : null,
  refreshExpiresIn: secondsOf(tokens.refreshExpiresIn),
  scopes: Array.isArray(tokens.scopes) ? tokens.scopes : null,
  user: tokens.user ?? null,
})

/** One hundred years, seconds: what a server calls longer stays a number that a date and JSON can hold. */
export const longestLifetime = 100 * 365 * 24 * 60 * 60

/** Null for what is no time to live. */
function secondsOf(given: unknown): number | null {
  const seconds = Number(given)
  return seconds > 0 && seconds < Infinity ? Math.min(seconds, longestLifetime) : null
}

export async function mint(
  realm: Pick<Realm, 'digest'>,
  provider: Authority & Pick<Provider, 'audience' | 'tellsWholeUsers'>,
  given: TokenSet,
): Promise<Minted> {
  const tokens = wholeTokens(given)
  return {
    ...tokens,
    digest: await digestOf(realm, provider, tokens.refreshToken),
    identity: await identityOf(realm, provider, tokens.user),
    isWholeUser: provider.tellsWholeUsers,
  }
}
