import { firstRevision, type SlotRecord } from '../../src/slot.ts'
import { realmAt, unknownTokens } from './realm.ts'

/** The first revision of a session that was begun in 1970, with what a test puts in the place of that. */
export const slotWith = (more: Partial<SlotRecord> = {}): SlotRecord => ({
  ...firstRevision(
    realmAt(0),
    unknownTokens({
      accessToken: 'access',
      tokenType: 'bearer',
      refreshToken: 'refresh',
      expiresIn: 60,
      refreshExpiresIn: null,
      scopes: null,
      user: null,
    }),
  ),
  ...more,
})
