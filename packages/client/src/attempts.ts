import { claimPrefix, forgetClaims } from './claim.ts'
import { AuthError, AuthRefreshDiscardedError } from './errors.ts'
import type { Parts } from './parts.ts'
import { revoke } from './revocation.ts'
import {
  attemptPrefix,
  type Held,
  parseSlot,
  readShown,
  shownKey,
  slotKey,
  slotPrefix,
  slotsIn,
  type SlotRecord,
} from './slot.ts'
import type { View } from './storage/store.ts'
import { bury, tombstonePrefix } from './tombstone.ts'

/**
 * The marker of a sign-in or `setSession` under way. It shows and ends nothing; the attempt commits only while its marker is there, and a
 * sign-out takes it away. Once there are tokens, the marker is a slot of its own: refreshed, guarded and claimed as any other is.
 */
export interface Marker {
  readonly v: 1
  /** Epoch milliseconds. */
  readonly begun: number
}

/** An attempt that nobody came back to is forgotten after one day. */
const attemptLife = 24 * 60 * 60 * 1_000

/** Who is signed in now, and who was replaced by that. */
export interface Arrival extends Held {
  readonly replaced: readonly Held[]
}

export interface Attempts {
  /** Writes a marker at once: a sign-out from now on ends this attempt. Gives its key and when it began. */
  begin(): Promise<{ readonly at: string; readonly begun: number }>
  /**
   * Moves an attempt on: `change` runs in a transaction that finds the marker standing.
   * @throws {AuthError} `attempt_superseded` when a sign-out came first.
   */
  advance(at: string, change: (view: View) => void): Promise<void>
  /** Gives an attempt up, unless its token was rotated already: who comes again with the old one finds the new one there. Never rejects. */
  abandon(at: string): Promise<void>
  /**
   * Makes a session of an attempt, in one transaction: its slot, the pointer to it, the end of those it replaces. `beside`: the account
   * shown before stays signed in. Tells the server of the ended ones without waiting for it.
   * @throws {AuthRefreshDiscardedError} `signed_out` when a sign-out came first; the new tokens are revoked then.
   */
  settle(at: string, slot: SlotRecord, before: Held | null, beside: boolean): Promise<Arrival>
  /** The same for a session that is here already: it is shown, and nothing of it changes. */
  adopt(at: string, held: Held, before: Held | null, beside: boolean): Promise<Arrival>
}

type Committed =
  | ({ readonly isWanted: true } & Arrival)
  /** A sign-out came first. `isTaken`: the same account has signed in again since. */
  | { readonly isWanted: false; readonly isTaken: boolean }

export function createAttempts(parts: Parts): Attempts {
  const { store, name, realm, clock, tabs } = parts
  const shownAt = shownKey(name)
  const prefix = attemptPrefix(name)

  async function begin(): Promise<{ at: string; begun: number }> {
    const at = prefix + realm.secret()
    const begun = clock.now()
    const old = await store.transact({ keys: [], prefixes: ['attempt:', 'slot:', claimPrefix] }, (view) => {
      forgetClaims(view, begun)
      const forgotten = view
        .list(prefix)
        .filter(([, attempt]) => begun - ((attempt as Partial<Marker> | null)?.begun ?? 0) > attemptLife)
      for (const [key] of forgotten) view.delete(key)
      view.put(at, { v: 1, begun } satisfies Marker)
      return forgotten.flatMap(([, attempt]) => parseSlot(attempt) ?? [])
    })
    for (const slot of old) forget(slot)
    return { at, begun }
  }

  async function advance(at: string, change: (view: View) => void): Promise<void> {
    const stands = await store.transact({ keys: [at] }, (view) => {
      if (view.get(at) === undefined) return false
      change(view)
      return true
    })
    if (!stands) throw superseded()
  }

  function commit(view: View, at: string, given: SlotRecord, before: Held | null, beside: boolean): Committed {
    const marker = view.get(at)
    const slots = slotsIn(view, name)
    // A refresh of the attempt may have brought a newer revision than the one its caller knows, or one that the store has not taken yet.
    const standing = parseSlot(marker)
    const slot = standing && standing.revision >= given.revision ? standing : given
    const again = slot.identity === null ? undefined : slots.find((other) => other.slot.identity === slot.identity)
    if (marker === undefined) return { isWanted: false, isTaken: again !== undefined }
    const key = again?.key ?? slotKey(name, slot.display.account)
    const replaced = replace(view, slots, again ? [key] : [], before, beside)
    const account = again?.slot.display.account ?? slot.display.account
    const held = { key, slot: { ...slot, display: { ...slot.display, account } } }
    view.put(key, held.slot)
    view.put(shownAt, { v: 1, slot: key })
    view.delete(at)
    return { isWanted: true, ...held, replaced }
  }

  /** Whom this client shows, whom the store says was shown last, and `also`: one sign-in replaces them all. */
  function replace(
    view: View,
    slots: readonly Held[],
    also: readonly string[],
    before: Held | null,
    beside: boolean,
  ): readonly Held[] {
    const places = new Set([...also, ...(beside ? [] : [before?.key, readShown(view.get(shownAt))])])
    const replaced = slots.filter((other) => places.has(other.key))
    for (const other of replaced) bury(view, other.key, name, other.slot, 'replaced', clock.now())
    return replaced
  }

  async function adopt(at: string, held: Held, before: Held | null, beside: boolean): Promise<Arrival> {
    const scope = { keys: [at, shownAt], prefixes: [slotPrefix(name), tombstonePrefix(name)] }
    const arrival = await store.transact(scope, (view) => {
      const slots = slotsIn(view, name)
      const standing = slots.find(({ key, slot }) => key === held.key && slot.sessionId === held.slot.sessionId)
      if (view.get(at) === undefined || !standing) return null
      const others = slots.filter(({ key }) => key !== held.key)
      const replaced = replace(view, others, [], before, beside)
      view.put(shownAt, { v: 1, slot: held.key })
      view.delete(at)
      return { ...standing, replaced }
    })
    if (!arrival) throw new AuthRefreshDiscardedError('signed_out')
    tabs.announce()
    for (const other of arrival.replaced) forget(other.slot)
    return arrival
  }

  async function settle(at: string, slot: SlotRecord, before: Held | null, beside: boolean): Promise<Arrival> {
    const scope = { keys: [at, shownAt], prefixes: [slotPrefix(name), tombstonePrefix(name)] }
    const committed = await store
      .transact(scope, (view) => commit(view, at, slot, before, beside))
      .catch((error: unknown) => {
        // Nobody can hold these tokens now, so nobody else should.
        forget(slot)
        throw error
      })
    if (!committed.isWanted) {
      // Revoking can end the whole grant, so it is left where the same account has signed in again since.
      if (!committed.isTaken) forget(slot)
      throw new AuthRefreshDiscardedError('signed_out')
    }
    tabs.announce()
    const { key, replaced } = committed
    for (const other of replaced) if (other.key !== key) forget(other.slot)
    return committed
  }

  function forget({ tokens: { access: accessToken, refresh: refreshToken } }: SlotRecord): void {
    void revoke(parts, { accessToken, refreshToken })
  }

  return {
    begin,
    advance,
    settle,
    adopt,
    abandon: (at) =>
      store
        .transact({ keys: [at] }, (view) => {
          if ((parseSlot(view.get(at))?.revision ?? 1) === 1) view.delete(at)
        })
        .catch(() => {}),
  }
}

const superseded = (): AuthError =>
  new AuthError(
    'attempt_superseded',
    'A sign-out came while this sign-in was being prepared. Sign in again if that was meant.',
  )
