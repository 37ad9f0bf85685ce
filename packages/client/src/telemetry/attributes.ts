import { type Attributes, oauthErrors } from './registry.ts'

export type * from './registry.ts'
export type { DiscardRevocation as Revocation } from './registry.ts'

/** Only the codes of the standards are named; any other becomes `_OTHER`. */
export const nameOAuthError = (code: string): OauthError =>
  oauthErrors.includes(code) ? (code as OauthError) : '_OTHER'
type OauthError = NonNullable<Attributes['authflight.oauth.error']>

/** Seconds with milliseconds, from milliseconds. */
export const seconds = (ms: number): number => Math.round(ms) / 1000

/** How long tokens still live, as far as that is known; of epoch milliseconds. */
export const lifetimes = (
  { expiresAt, refreshExpiresAt }: { readonly expiresAt: number | null; readonly refreshExpiresAt: number | null },
  now: number,
): Attributes => ({
  ...(expiresAt === null ? {} : { 'authflight.token.expires_in': seconds(expiresAt - now) }),
  ...(refreshExpiresAt === null ? {} : { 'authflight.token.refresh_expires_in': seconds(refreshExpiresAt - now) }),
})
