import type { Claim } from '../../src/claim/claim.ts'
import type { Minted } from '../../src/slot/minted.ts'
import type { TokenSet } from '../../src/providers/provider.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { realmAt } from './realm.ts'

/** What a token endpoint hands out, with what a test puts in the place of that. */
export const tokensWith = (more: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: 'access',
  tokenType: 'bearer',
  refreshToken: 'refresh',
  expiresIn: 60,
  refreshExpiresIn: null,
  scopes: null,
  user: null,
  ...more,
})

/** The same with the digests by which it is known again: none unless told. */
export const mintedWith = (more: Partial<Minted> = {}): Minted => ({
  ...tokensWith(),
  digest: null,
  identity: null,
  ...more,
})

/** The first revision of a session that was begun in 1970, with what a test puts in the place of that. */
export const slotWith = (more: Partial<SlotRecord> = {}): SlotRecord => ({
  ...firstRevision(realmAt(0), mintedWith()),
  ...more,
})

/** A claim of somebody who lives and may still hear of it. */
export const claimWith = (id: string, more: Partial<Claim> = {}): Claim => ({
  v: 1,
  id,
  made: 0,
  flight: 'f',
  link: { traceId: '1'.repeat(32), id: '1'.repeat(16) },
  lost: false,
  limit: 60_000,
  locked: false,
  room: '',
  ...more,
})
