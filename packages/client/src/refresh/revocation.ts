import type { DiscardReason } from '../base/errors.ts'
import { isLeft, readSlots } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { untilDone } from './pauses.ts'
import { askWithin } from './present.ts'
import type { LeavingTokens, Provider, SignOutScope, TokenSet } from '../providers/provider.ts'
import type { User } from '../base/session.ts'
import type { Held, SlotRecord } from '../slot/slot.ts'
import type { Revocation } from '../telemetry/attributes.ts'
import type { Operation } from '../telemetry/operation.ts'

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
 * Whether revoking the tokens of a user could end a session: at many servers that ends all that a person has with this client, whatever its scopes. Who
 * is not known may be anybody; but an access token alone is then taken for a grant of its own.
 */
export function mayShareGrant(tokens: LeavingTokens, user: User | null, slot: SlotRecord): boolean {
  if (user?.id && slot.user?.id) return user.id === slot.user.id
  return tokens.refreshToken !== null || tokens.accessToken === slot.tokens.access
}

/**
 * Revokes tokens that nobody owns, unless that could end the session of somebody who is signed in here: they are dropped then. One that is being signed
 * out itself is no reason to keep them. The store is asked until it answers. Never rejects.
 */
export async function giveBack(parts: Parts, tokens: LeavingTokens, user: User | null): Promise<Revocation> {
  const read = (): Promise<Held[]> => readSlots(parts)
  const slots = await read().catch(() => untilDone(parts.realm, read))
  const isSpared = slots.some(({ slot }) => mayShareGrant(tokens, user, slot) && !isLeft(parts.place, slot))
  return isSpared ? 'skipped' : revoke(parts, tokens)
}

/**
 * Records an answer that no slot takes, and gives back what it brought. Nobody waits for that. A store that was cleared is somebody's own doing:
 * that ends nothing at the server.
 */
export function discard(
  parts: Parts,
  parent: Operation,
  reason: DiscardReason,
  unwanted: TokenSet | null,
  user: User | null,
): void {
  const operation = parts.telemetry.open('authflight.discard', {
    parent,
    attributes: { 'authflight.discard.reason': reason },
  })
  if (!unwanted) return operation.end()
  const end = (revocation: Revocation): void => operation.end({ 'authflight.discard.revocation': revocation })
  if (reason === 'cleared' || unwanted.refreshToken === null) return end('skipped')
  void giveBack(parts, unwanted, user).then(end)
}
