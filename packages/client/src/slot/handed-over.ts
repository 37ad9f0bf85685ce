import { isLeft, slotsIn } from './owed.ts'
import type { Parts } from './parts.ts'
import { attemptPrefix, type Held, knows, pastOf, shortened, slotPrefix, type SlotRecord } from './slot.ts'
import type { View } from '../storage/store.ts'

/*
 * A token that was handed over while the store had not taken it yet stands in two places that do not know of each other: in the slot of who
 * handed it over, and in the attempt of who was given it.
 */

const isAttempt = (name: string, key: string): boolean => key.startsWith(attemptPrefix(name))

/** What stands at a key of its kind looks for the other kind: a prefix, for the scope. Slots do not look for slots: there may be thousands. */
export const othersOf = (name: string, key: string): string =>
  isAttempt(name, key) ? slotPrefix(name) : attemptPrefix(name)

/** Whether what stands at a key is an attempt whose token a session has, or had: that session is what it comes to. */
export const isHere = (view: View, { place, name }: Pick<Parts, 'place' | 'name'>, { key, slot }: Held): boolean =>
  isAttempt(name, key) && slotsIn(place, view, slotPrefix(name)).some((other) => knows(slot.digest, other))

/** The next revision of a session whose token an attempt has presented: with the latest that came of that. Null where none has. */
export function renewedElsewhere(
  view: View,
  { place, name }: Pick<Parts, 'place' | 'name'>,
  { key, slot }: Held,
): SlotRecord | null {
  const { digest } = slot
  if (digest === null || isAttempt(name, key)) return null
  /** How many tokens came after this one; none: -1. */
  const ahead = (other: SlotRecord): number => other.past.indexOf(shortened(digest))
  const [latest] = slotsIn(place, view, attemptPrefix(name))
    .map((held) => held.slot)
    .filter((other) => ahead(other) >= 0 && other.digest !== digest && other.tokens.refresh !== null)
    .filter((other) => !isLeft(place, other))
    .toSorted((a, b) => ahead(b) - ahead(a))
  if (!latest) return null
  const { tokens, scopes, past, digest: next } = latest
  return {
    ...slot,
    revision: slot.revision + 1,
    // An attempt need not know what its session was told with its first tokens.
    tokens: { ...tokens, id: tokens.id ?? slot.tokens.id },
    scopes: scopes.length > 0 ? scopes : slot.scopes,
    digest: next,
    past: pastOf(past, slot.past),
  }
}
