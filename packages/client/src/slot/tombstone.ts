import type { Found } from './commit-guard.ts'
import type { SignedOutReason } from '../base/session.ts'
import { parseSlot, shortened, type SlotRecord } from './slot.ts'
import type { Scope, View } from '../storage/store.ts'

/** What a sign-out leaves: enough to know the session and its tokens again, nothing to be it. */
interface Tombstone {
  readonly v: 1
  readonly sessionId: string
  readonly left: SignedOutReason
  /** Epoch milliseconds. */
  readonly at: number
  /** Of the last refresh tokens, shortened. */
  readonly digests: readonly string[]
}

/** As it stands in a store, which any version may have written. */
type Stored = Partial<Tombstone> | null | undefined

/** A tombstone is forgotten after 30 days, or when 20 younger ones stand. */
const tombstoneLife = 30 * 24 * 60 * 60 * 1_000
const tombstonesKept = 20

export const tombstoneKey = (name: string, sessionId: string): string => tombstonePrefix(name) + sessionId
export const tombstonePrefix = (name: string): string => `tombstone:${name}:`

/** What a writer to a slot reads and writes: the slot, the claim on its token, and the tombstones. */
export const guardScope = (key: string, name: string, slot: SlotRecord, claimAt: string): Required<Scope> => ({
  keys: [key, claimAt, tombstoneKey(name, slot.sessionId)],
  prefixes: [tombstonePrefix(name)],
})

/** What the guard looks at: the slot, and what became of the session that the writer began with. */
export function find(view: View, key: string, name: string, sessionId: string): Found<SlotRecord> {
  return { slot: parseSlot(view.get(key)), left: leftOf(view.get(tombstoneKey(name, sessionId)) as Stored) }
}

/** The refresh tokens that a session has and had, youngest first, as a tombstone remembers them. */
export const digestsOf = ({ digest, past }: Pick<SlotRecord, 'digest' | 'past'>): readonly string[] =>
  digest === null ? past : [shortened(digest), ...past]

/** Why the session was left that once had one of these refresh tokens; null where no tombstone remembers it. The scope needs their prefix. */
export function leftWith(view: View, name: string, digests: readonly string[]): SignedOutReason | null {
  const tombstone = view
    .list(tombstonePrefix(name))
    .find(([, record]) => (record as Stored)?.digests?.some((digest) => digests.includes(digest)))
  return leftOf(tombstone?.[1] as Stored)
}

/** One word, though it be of a later version: what else stands there is told to nobody. */
const leftOf = (stored: Stored): SignedOutReason | null =>
  stored?.left ? (/^[a-z_]+$/.test(stored.left) ? stored.left : 'unknown') : null

/** What another party's tombstone means here. A slot that is gone without one was cleared by somebody. */
export const asForeign = (left: SignedOutReason | null): SignedOutReason =>
  left === null ? 'storage_cleared' : left === 'user' ? 'other_tab' : left

/** Forgets the tombstones that are too old; of the others stand as many as `kept`, the youngest. The scope needs their prefix. */
export function forgetTombstones(view: View, name: string, now: number, kept = tombstonesKept): void {
  view
    .list(tombstonePrefix(name))
    .map(([key, record]) => ({ key, at: (record as Stored)?.at ?? 0 }))
    .toSorted((a, b) => b.at - a.at)
    .forEach(({ key, at }, age) => {
      if (age >= kept || now - at > tombstoneLife) view.delete(key)
    })
}

/** Takes a session out of its place and leaves a tombstone. The scope needs the tombstones' prefix. */
export function bury(
  view: View,
  key: string,
  name: string,
  slot: SlotRecord,
  left: SignedOutReason,
  now: number,
): void {
  const { sessionId } = slot
  view.delete(key)
  forgetTombstones(view, name, now, tombstonesKept - 1)
  const tombstone: Tombstone = { v: 1, sessionId, left, at: now, digests: digestsOf(slot) }
  view.put(tombstoneKey(name, sessionId), tombstone)
}
