import { settleWithin } from './clock.ts'
import type { DiscardReason } from './errors.ts'
import type { Parts } from './parts.ts'
import { quietFetch } from './present.ts'
import type { Provider, TokenSet } from './providers/provider.ts'
import type { Revocation } from './telemetry/attributes.ts'
import type { Operation } from './telemetry/operation.ts'

/** Best effort: tells the server that a refresh token is not wanted any more, also while the page goes away. */
export async function revoke(
  { realm, provider, requestLimit }: Pick<Parts, 'realm' | 'requestLimit'> & { provider: Pick<Provider, 'revoke'> },
  refreshToken: string,
): Promise<Revocation> {
  const abort = new AbortController()
  const fetch: typeof globalThis.fetch = (input, init) => quietFetch(realm)(input, { ...init, keepalive: true })
  try {
    const settled = await settleWithin(
      provider.revoke(refreshToken, { fetch, signal: abort.signal }),
      realm.clock,
      requestLimit,
    )
    if (settled.by === 'value') return settled.value ? 'done' : 'unsupported'
    abort.abort()
    return 'failed'
  } catch {
    return 'failed'
  }
}

/**
 * Records an answer that no slot takes, and revokes the tokens that nobody owns. Nobody waits for that. `spare`: the same
 * account has signed in again since, and revoking could end that grant as well; then they are dropped.
 */
export function discard(
  parts: Parts,
  parent: Operation,
  reason: DiscardReason,
  unwanted: TokenSet | null,
  spare: boolean,
): void {
  const operation = parts.telemetry.open('authflight.discard', {
    parent,
    attributes: { 'authflight.discard.reason': reason },
  })
  if (!unwanted) return operation.end()
  const end = (revocation: Revocation): void => operation.end({ 'authflight.discard.revocation': revocation })
  if (spare || unwanted.refreshToken === null) return end('skipped')
  void revoke(parts, unwanted.refreshToken).then(end)
}
