import { isLeft, slotsIn } from './owed.ts'
import type { Parts } from './parts.ts'
import {
  attemptPrefix,
  type Held,
  mayWrite,
  parseSlot,
  pastOf,
  shortened,
  slotPrefix,
  type SlotRecord,
} from './slot.ts'
import type { View } from '../storage/store.ts'

/*
 * A token that was handed over while the store had not taken it yet stands in two places that do not know of each other: in the slot of who
 * handed it over, and in the attempt of who was given it.
 *
 *  slot      T2 ─────────────────────────── T3: taken from the attempt, which comes to nothing
 *  attempt   └─ T2 ── presented ── T3 ──────┘
 */

/** Whether a session has, or had, the refresh token of this digest; null: there is none. */
export const knows = (digest: string | null, { slot }: Pick<Held, 'slot'>): boolean =>
  digest !== null && (slot.digest === digest || slot.past.includes(shortened(digest)))

type Where = Pick<Parts, 'place' | 'name'>

const isAttempt = ({ name }: Where, key: string): boolean => key.startsWith(attemptPrefix(name))

/** What stands at a key of its kind looks for the other kind: a prefix, for the scope. Slots do not look for slots: there may be thousands. */
export const othersOf = (where: Where, key: string): string =>
  isAttempt(where, key) ? slotPrefix(where.name) : attemptPrefix(where.name)

/** Whether what stands at a key is an attempt whose token a session has, or had: that session is what it comes to. */
export const isHere = (view: View, where: Where, { key, slot }: Held): boolean =>
  isAttempt(where, key) && slotsIn(where.place, view, slotPrefix(where.name)).some((other) => knows(slot.digest, other))

/** The next revision of a session whose token an attempt has presented: with the latest that came of that. Null where none has. */
export const renewedElsewhere = (view: View, where: Where, held: Held): SlotRecord | null =>
  isAttempt(where, held.key) ? null : renewedIn(renewedAttempts(view, where), view, held)

/** Gives sessions what came of their tokens in attempts that are about to go. The scope needs the attempts' prefix. */
export function handBack(view: View, where: Where, sessions: readonly Held[]): void {
  const attempts = renewedAttempts(view, where)
  if (attempts.length === 0) return
  for (const held of sessions) {
    const renewed = mayWrite(held.slot) ? renewedIn(attempts, view, held) : null
    if (renewed) view.put(held.key, renewed)
  }
}

const renewedAttempts = (view: View, { place, name }: Where): readonly SlotRecord[] =>
  slotsIn(place, view, attemptPrefix(name))
    .map(({ slot }) => slot)
    .filter((slot) => slot.past.length > 0 && slot.tokens.refresh !== null && !isLeft(place, slot))

function renewedIn(attempts: readonly SlotRecord[], view: View, { key, slot }: Held): SlotRecord | null {
  const { digest } = slot
  if (digest === null) return null
  /** How many tokens came after this one; none: -1. */
  const ahead = ({ past }: SlotRecord): number => past.indexOf(shortened(digest))
  const [latest] = attempts
    .filter((other) => ahead(other) >= 0 && other.digest !== digest)
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
    // What only this page has learnt of that may make one of two slots, which a refresh does.
    identity: parseSlot(view.get(key))?.identity ?? null,
  }
}
