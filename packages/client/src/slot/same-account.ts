import { isLeft, slotsOf } from './owed.ts'
import type { Parts } from './parts.ts'
import { type Held, shownKey, slotPrefix, type SlotRecord } from './slot.ts'
import type { Scope, View } from '../storage/store.ts'
import { bury, tombstonePrefix } from './tombstone.ts'

/** What a writer that may learn whose session it is needs beside its slot. */
export const learningScope = (name: string): Required<Scope> => ({
  keys: [shownKey(name)],
  prefixes: [slotPrefix(name), tombstonePrefix(name)],
})

/**
 * A slot that has learnt whose it is may find another one of the same account. They become one: the later sign-in stays, the other is
 * left as `replaced`, here in the transaction of the writer. Gives the one that went; null where this slot is the only one.
 */
export function becomeOne(view: View, parts: Pick<Parts, 'name' | 'place'>, learnt: Held, now: number): Held | null {
  const { name, place } = parts
  const { identity } = learnt.slot
  if (identity === null) return null
  const twin = slotsOf(parts, view).find(
    ({ key, slot }) => key !== learnt.key && slot.identity === identity && !isLeft(place, slot),
  )
  if (!twin) return null
  const [stays, goes] = twin.slot.begun > learnt.slot.begun ? [twin, learnt] : [learnt, twin]
  bury(view, goes.key, name, goes.slot, 'replaced', now)
  const shownAt = shownKey(name)
  const pointer = view.get(shownAt) as { readonly slot?: string } | undefined
  if (pointer?.slot === goes.key) view.put(shownAt, { ...pointer, slot: stays.key })
  return goes
}

/** Whether a writer has learnt whose session it is, which nobody knew before. */
export const learns = (before: SlotRecord, identity: string | null): boolean =>
  before.identity === null && identity !== null
