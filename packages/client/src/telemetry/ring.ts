import { perRealm, type Realm } from '../realm.ts'
import { randomHex } from './random.ts'
import type { AuthRecord } from './record.ts'

/** The last records of this realm. One ring serves all clients of one copy of the package. */
export interface Ring {
  /** Random id of this realm: tab, worker or process. */
  readonly tab: string
  add(record: AuthRecord): void
  /** Makes room for more; a ring never shrinks below what another client asked for. */
  atLeast(records: number): void
}

export function createRing({ random, recorderHook }: Pick<Realm, 'random' | 'recorderHook'>): Ring {
  const tab = randomHex(random, 8)
  /** Places are taken round and round. The record at place p is number n, where n % capacity is p. */
  let places: AuthRecord[] = []
  let capacity = 0
  /** How many places were taken so far. */
  let taken = 0
  /** Where the start records of open operations stand: an end record takes the place of its start record. */
  const open = new Map<string, number>()
  const listeners = new Set<(record: AuthRecord) => void>()

  function snapshot(): AuthRecord[] {
    const next = taken % capacity
    return taken <= capacity ? places.slice() : [...places.slice(next), ...places.slice(0, next)]
  }

  function keep(record: AuthRecord): void {
    const begun = open.get(record.id)
    if (begun !== undefined && record.endedAt !== undefined) open.delete(record.id)
    if (begun !== undefined && begun >= taken - capacity) {
      places[begun % capacity] = record
      return
    }
    if (record.endedAt === undefined) open.set(record.id, taken)
    places[taken % capacity] = record
    taken += 1
    // Operations that never end must not be remembered for ever.
    if (open.size > capacity) for (const [id, at] of open) if (at < taken - capacity) open.delete(id)
  }

  try {
    recorderHook().register({
      tab,
      snapshot,
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    })
  } catch {
    // A hook that somebody forged: then there are no readers, and the client works without.
  }

  return {
    tab,
    add(record) {
      keep(record)
      for (const listener of listeners) {
        try {
          listener(record)
        } catch {
          // A reader's fault is its own: a panel that throws must not hold up a refresh.
        }
      }
    },
    atLeast(wanted) {
      if (wanted <= capacity) return
      const kept = capacity > 0 ? snapshot() : []
      places = []
      open.clear()
      taken = 0
      capacity = wanted
      for (const record of kept) keep(record)
    },
  }
}

const ringOf = perRealm(createRing)

/** The ring of this realm, with room for at least so many records. Made late, so that importing the package does nothing. */
export function realmRing(realm: Realm, records: number): Ring {
  const ring = ringOf(realm)
  ring.atLeast(records)
  return ring
}
