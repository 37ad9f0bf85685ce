import type { SlotRecord } from './slot.ts'
import type { Store } from './storage/store.ts'

/** Revisions that a store has not taken yet. They belong to the page, not to the client that got them: a new one finds them. */
const owed = new WeakMap<Store, Map<string, SlotRecord>>()

/** Remembers a revision that the store still has to take. Gives the way to forget it once it has. */
export function owe(place: Store, key: string, slot: SlotRecord): () => void {
  const here = owed.get(place) ?? new Map<string, SlotRecord>()
  owed.set(place, here.set(key, slot))
  return () => {
    if (here.get(key) === slot) here.delete(key)
  }
}

/** What a slot holds, by what is owed to it where that is newer. A session that was left in the store is not brought back. */
export function newest(place: Store, key: string, stored: SlotRecord | null): SlotRecord | null {
  const waiting = owed.get(place)?.get(key)
  const isNewer = waiting && stored?.sessionId === waiting.sessionId && waiting.revision > stored.revision
  return isNewer ? waiting : stored
}

const left = new WeakMap<Store, Set<string>>()

/**
 * Ids of the sessions that were signed out here, also while the store still holds them because a delete has failed: they are not served
 * again, by no client of this page, and nobody brings them back by a token.
 */
export function leftIn(place: Store): Set<string> {
  const here = left.get(place) ?? new Set()
  left.set(place, here)
  return here
}
