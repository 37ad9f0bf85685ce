import type { CallOptions } from '../base/call-options.ts'
import { claimOf, readClaim } from '../claim/claim.ts'
import { settleWithin } from '../realm/clock.ts'
import { AuthClientDisposedError, type AuthError, type AuthResult } from '../base/errors.ts'
import { leftBecause } from '../refresh/failures.ts'
import { newest } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import type { Seat } from './seats.ts'
import type { SessionTokens } from './set-session.ts'
import type { Held, SlotRecord } from '../slot/slot.ts'
import { asStorageError } from '../storage/fault.ts'
import type { Seated } from './user.ts'

/** How often it is looked whether a token is on its way to the server. */
const mostLooks = 5

/** The session of a place with its refresh token, for a hand-over. Waits for a refresh under way: a token that is being presented may be spent. */
export async function exportSession(
  parts: Parts,
  place: Seated,
  call?: CallOptions,
): Promise<AuthResult<{ readonly tokens: SessionTokens | null }>> {
  const since = parts.clock.monotonic()
  const none = (error: AuthError | null) => ({ data: { tokens: null }, error })
  const { seat, error } = await place.seat(call)
  const held = seat?.mirror.held
  if (!held) return none(error)
  try {
    const slot = await landed(parts, seat, held, since, call)
    if (!slot) return none(null)
    const { access, refresh, type, expiresAt, key } = slot.tokens
    const { scopes, user } = slot
    const tokens = {
      accessToken: access,
      refreshToken: refresh,
      tokenType: type,
      expiresAt,
      scopes,
      user,
      key: key && { ...key },
    }
    return { data: { tokens }, error: null }
  } catch (fault) {
    return none(parts.isDisposed() ? new AuthClientDisposedError() : asStorageError(fault))
  }
}

/** The newest revision of a session, whose token nobody presents; null where it is over. */
async function landed(
  parts: Parts,
  { sessions }: Seat,
  { key, slot }: Held,
  since: number,
  call: CallOptions | undefined,
): Promise<SlotRecord | null> {
  const { callerClock: clock, patience } = parts
  let latest = slot
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const looked = await settleWithin(
      look(parts, key, latest),
      clock,
      since + patience - clock.monotonic(),
      call?.signal,
    )
    if (looked.by !== 'value') throw leftBecause(looked.by)
    const { stored, isPresented } = looked.value
    if (stored?.sessionId !== slot.sessionId) return null
    if (stored.revision === latest.revision) {
      if (!isPresented) return stored
      // Whose time was spent on the look joins nothing any more.
      if (clock.monotonic() >= since + patience) break
      // Joins what is under way. By itself it presents nothing that may be spent.
      const { error } = await sessions.obtain('forced', call, null, since)
      if (error) throw error
    }
    latest = stored
  }
  throw leftBecause('timeout')
}

/** What stands in the slot, and whether a client of this store presents the token of this revision. */
async function look(parts: Parts, key: string, slot: SlotRecord) {
  const { store, place } = parts
  const at = slot.tokens.refresh === null ? null : await claimOf(parts, slot)
  return store.transact({ keys: at === null ? [key] : [key, at] }, (view) => ({
    stored: newest(place, key, view.get(key)),
    isPresented: at !== null && readClaim(view, at) !== null,
  }))
}
