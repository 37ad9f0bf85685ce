import { isLeft, slotsIn } from './owed.ts'
import type { Parts } from './parts.ts'
import { attemptPrefix, type Held, pastOf, shortened, slotPrefix, type SlotRecord } from './slot.ts'
import type { View } from '../storage/store.ts'

/** Where those are kept that may hold the token of the slot, or of the attempt, at a key as well: a prefix, for the scope. */
export const othersOf = (name: string, key: string): string =>
  key.startsWith(attemptPrefix(name)) ? slotPrefix(name) : attemptPrefix(name)

/**
 * A token that was handed over while the store had not taken it yet stands in two places that do not know of each other: in the slot of who
 * handed it over, and in the attempt of who was given it. Where the other one has presented it already, this is the next revision of `held` by the
 * latest that came of that; null where none has.
 */
export function renewedElsewhere(
  view: View,
  { place, name }: Pick<Parts, 'place' | 'name'>,
  { key, slot }: Held,
): SlotRecord | null {
  const { digest } = slot
  if (digest === null) return null
  /** How many tokens came after this one; none: -1. */
  const ahead = ({ slot: { past } }: Held): number => past.indexOf(shortened(digest))
  const [latest] = slotsIn(place, view, othersOf(name, key))
    .filter((other) => ahead(other) >= 0 && !isLeft(place, other.slot))
    .toSorted((a, b) => ahead(b) - ahead(a))
  if (!latest) return null
  const { tokens, scopes, past, digest: next } = latest.slot
  return { ...slot, revision: slot.revision + 1, tokens, scopes, digest: next, past: pastOf(past, slot.past) }
}
