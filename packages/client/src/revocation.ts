import type { DiscardReason } from './errors.ts'
import type { Parts } from './parts.ts'
import { untilDone } from './pauses.ts'
import { askWithin } from './present.ts'
import type { LeavingTokens, Provider, SignOutScope, TokenSet } from './providers/provider.ts'
import type { SlotRecord } from './slot.ts'
import type { Revocation } from './telemetry/attributes.ts'
import type { Operation } from './telemetry/operation.ts'

export const tokensOf = ({ tokens }: SlotRecord): LeavingTokens => ({
  accessToken: tokens.access,
  refreshToken: tokens.refresh,
})

/** Best effort: tells the server that a session is not wanted any more, also while the page goes away. */
export async function revoke(
  { realm, provider, requestLimit }: Pick<Parts, 'realm' | 'requestLimit'> & { provider: Pick<Provider, 'revoke'> },
  tokens: LeavingTokens,
  scope: SignOutScope = 'local',
): Promise<Revocation> {
  try {
    const settled = await askWithin(realm, requestLimit, (io) => {
      const fetch: typeof globalThis.fetch = (input, init) => io.fetch(input, { ...init, keepalive: true })
      return provider.revoke(tokens, { ...io, fetch }, scope)
    })
    if (settled.by === 'value') return settled.value ? 'done' : 'unsupported'
    return 'failed'
  } catch {
    return 'failed'
  }
}

/**
 * Records an answer that no slot takes, and revokes the tokens that nobody owns. Nobody waits for that. `spare` tells
 * whether the same account has signed in again since: revoking could end that grant as well, so they are dropped then. It is asked
 * until the store answers.
 */
export function discard(
  parts: Parts,
  parent: Operation,
  reason: DiscardReason,
  unwanted: TokenSet | null,
  spare: () => Promise<boolean>,
): void {
  const operation = parts.telemetry.open('authflight.discard', {
    parent,
    attributes: { 'authflight.discard.reason': reason },
  })
  if (!unwanted) return operation.end()
  const end = (revocation: Revocation): void => operation.end({ 'authflight.discard.revocation': revocation })
  if (unwanted.refreshToken === null) return end('skipped')
  void spare()
    .catch(() => untilDone(parts.realm, spare))
    .then((isSpared) => (isSpared ? 'skipped' : revoke(parts, unwanted)))
    .then(end)
}
