import { recorderHook } from './hook.ts'
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

export function createRing(): Ring {
  const tab = randomHex(8)
  /** Insertion order is age; an end record takes the place of its start record. */
  const records = new Map<string, AuthRecord>()
  const listeners = new Set<(record: AuthRecord) => void>()
  let capacity = 0

  function evict(): void {
    for (const id of records.keys()) {
      if (records.size <= capacity) return
      records.delete(id)
    }
  }

  try {
    recorderHook().register({
      tab,
      snapshot: () => [...records.values()],
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
      records.set(record.id, record)
      evict()
      for (const listener of listeners) {
        try {
          listener(record)
        } catch {
          // A reader's fault is its own: a panel that throws must not hold up a refresh.
        }
      }
    },
    atLeast(wanted) {
      capacity = Math.max(capacity, wanted)
    },
  }
}

let ring: Ring | undefined

/** The ring of this realm, with room for at least so many records. Made late, so that importing the package does nothing. */
export function realmRing(records: number): Ring {
  ring ??= createRing()
  ring.atLeast(records)
  return ring
}
