import { onePer } from '../base/one-per.ts'
import type { Parts } from './parts.ts'
import { type Held, parseSlot, slotPrefix, type SlotRecord } from './slot.ts'
import type { Store, View } from '../storage/store.ts'

/** What a store still has to do. It belongs to the page, not to the client that asked for it: a new one finds it. */
interface Debts {
  /** Revisions that it has not taken yet. */
  readonly revisions: Map<string, SlotRecord>
  /** Sessions that were signed out and that it has not deleted yet: no client of this page serves them, no token brings them back. */
  readonly left: Set<string>
  /** The last few that it has deleted: who has read before that may be told late. */
  deleted: readonly string[]
}

/** As many as there are tombstones. */
const deletedKept = 20

const debtsOf = onePer((_place: Store): Debts => ({ revisions: new Map(), left: new Set(), deleted: [] }))

/** Remembers a revision that the store still has to take. Gives the way to forget it once it has. */
export function owe(place: Store, key: string, slot: SlotRecord): () => void {
  const { revisions } = debtsOf(place)
  revisions.set(key, slot)
  return () => {
    if (revisions.get(key) === slot) revisions.delete(key)
  }
}

/** Remembers that a session was signed out, until the store has `deleted` it. */
export const leave = (place: Store, sessionId: string): void => void debtsOf(place).left.add(sessionId)

export function deleted(place: Store, sessionId: string): void {
  const here = debtsOf(place)
  here.left.delete(sessionId)
  here.deleted = [sessionId, ...here.deleted].slice(0, deletedKept)
}

export function isLeft(place: Store, { sessionId }: Pick<SlotRecord, 'sessionId'>): boolean {
  const here = debtsOf(place)
  return here.left.has(sessionId) || here.deleted.includes(sessionId)
}

/** What a slot holds, by what is owed to it where that is newer. A session that was left in the store is not brought back. */
export function newest(place: Store, key: string, record: unknown): SlotRecord | null {
  const stored = parseSlot(record)
  const waiting = debtsOf(place).revisions.get(key)
  const isNewer = waiting && stored?.sessionId === waiting.sessionId && waiting.revision > stored.revision
  return isNewer ? waiting : stored
}

/** What all slots of a client hold, or all its attempts, in a transaction whose scope has that prefix. */
export const slotsIn = (place: Store, view: View, prefix: string): Held[] =>
  view.list(prefix).flatMap(([key, record]) => {
    const slot = newest(place, key, record)
    return slot ? [{ key, slot }] : []
  })

export const slotsOf = ({ place, name }: Pick<Parts, 'place' | 'name'>, view: View): Held[] =>
  slotsIn(place, view, slotPrefix(name))

/** The same in a transaction of its own. */
export const readSlots = (parts: Pick<Parts, 'store' | 'place' | 'name'>): Promise<Held[]> =>
  parts.store.transact({ keys: [], prefixes: [slotPrefix(parts.name)] }, (view) => slotsOf(parts, view))

/** What a slot holds that may be served. */
export function servable(place: Store, key: string, record: unknown): SlotRecord | null {
  const slot = newest(place, key, record)
  return slot && !isLeft(place, slot) ? slot : null
}
