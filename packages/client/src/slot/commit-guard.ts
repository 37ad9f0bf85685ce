import type { DiscardReason } from '../base/errors.ts'
import type { SignedOutReason } from '../base/session.ts'

/** What a writer saw when it began. */
export interface Started {
  readonly sessionId: string
  readonly revision: number
}

/**
 * What the slot holds at the moment of the commit; null where it holds nothing. `left`: why the session that the writer began
 * with was left, as its tombstone tells; null where none stands.
 */
export interface Found<Slot extends Started = Started> {
  readonly slot: Slot | null
  readonly left: SignedOutReason | null
}

/** That and why the session of a writer is not in its slot any more. `left`: what its tombstone says. */
export interface Departure {
  readonly reason: DiscardReason
  readonly left: SignedOutReason | null
}

/** With what was found. */
export type Ruling<Slot> =
  | { readonly kind: 'commit'; readonly slot: Slot }
  | { readonly kind: 'adopt'; readonly slot: Slot }
  | ({ readonly kind: 'discard' } & Departure)

/**
 * May a writer that began with `started` write over `found`? Read in the transaction that would write.
 *
 * ```
 *  writer    read(s1, r7) ──────── server ──────── commit?
 *  1         ·                                     slot (s1, r7)           commit
 *  2         ·      other tab commits (s1, r8)     slot (s1, r8)           adopt: theirs is as good as ours
 *  3         ·      signOut()                      empty, tombstone of s1  discard signed_out
 *  4         ·      signOut(), signIn() again      slot (s2, r1), likewise discard signed_out
 *  5         ·      signIn() over it               slot (s2, r1), replaced discard replaced
 *  6         ·      storage wiped                  empty, no tombstone     discard cleared
 * ```
 */
export function rule<Slot extends Started>(started: Started, { slot, left }: Found<Slot>): Ruling<Slot> {
  if (slot?.sessionId === started.sessionId) {
    // 1, 2. A lower revision is a slot that lost writes (restored from a backup): nobody else holds what we hold.
    return { kind: slot.revision > started.revision ? 'adopt' : 'commit', slot }
  }
  if (left !== null && left !== 'replaced') return { kind: 'discard', reason: 'signed_out', left } // 3, 4
  return { kind: 'discard', reason: left === 'replaced' || slot ? 'replaced' : 'cleared', left } // 5, 6
}
