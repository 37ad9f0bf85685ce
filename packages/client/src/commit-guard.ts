import type { DiscardReason } from './errors.ts'
import type { SignedOutReason } from './session.ts'

/** What a writer saw when it began. */
export interface Started {
  readonly sessionId: string
  readonly revision: number
}

/**
 * What the slot holds at the moment of the commit. `left`: why the session that the writer began with was left, as its
 * tombstone tells; null where none stands.
 */
export type Found =
  | {
      readonly kind: 'session'
      readonly sessionId: string
      readonly revision: number
      readonly left: SignedOutReason | null
    }
  | { readonly kind: 'empty'; readonly left: SignedOutReason | null }

export type Ruling =
  | { readonly kind: 'commit' }
  | { readonly kind: 'adopt' }
  | { readonly kind: 'discard'; readonly reason: DiscardReason }

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
export function rule(started: Started, found: Found): Ruling {
  if (found.kind === 'session' && found.sessionId === started.sessionId) {
    // 1, 2. A lower revision is a slot that lost writes (restored from a backup): nobody else holds what we hold.
    return found.revision > started.revision ? { kind: 'adopt' } : { kind: 'commit' }
  }
  if (found.left !== null && found.left !== 'replaced') return { kind: 'discard', reason: 'signed_out' } // 3, 4
  if (found.left === 'replaced' || found.kind === 'session') return { kind: 'discard', reason: 'replaced' } // 5
  return { kind: 'discard', reason: 'cleared' } // 6
}
