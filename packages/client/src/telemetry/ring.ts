import { perRealm, type Realm } from '../realm.ts'
import { guarded } from './guarded.ts'
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

/** Records that tell of one flight, or of nothing else: they are kept together, and go together. */
interface Group {
  readonly flight: unknown
  readonly records: AuthRecord[]
  /** When each was begun, counted over all records. */
  readonly turns: number[]
}

/** About so many bytes of JSON a record may have on the average; a refresh with all its links has three times as many. */
const bytesEach = 1_000

export function createRing({ random, recorderHook }: Pick<Realm, 'random' | 'recorderHook'>): Ring {
  const tab = randomHex(random, 8)
  /** Oldest first. What shows why a session ended goes last. */
  const plain = new Set<Group>()
  const evidence = new Set<Group>()
  const flights = new Map<unknown, Group>()
  /** Where the start records of open operations stand: an end record takes the place of its start record. */
  const open = new Map<string, { readonly group: Group; readonly at: number }>()
  const listeners = new Set<(record: AuthRecord) => void>()
  let capacity = 0
  let turn = 0
  let held = 0
  let bytes = 0

  const snapshot = (): AuthRecord[] =>
    [...plain, ...evidence]
      .flatMap(({ records, turns }) => records.map((record, at) => ({ record, turn: turns[at] ?? 0 })))
      .toSorted((a, b) => a.turn - b.turn)
      .map(({ record }) => record)

  function keep(record: AuthRecord): void {
    const begun = open.get(record.id)
    if (begun && record.endedAt !== undefined) open.delete(record.id)
    const group = begun?.group ?? groupOf(record)
    const at = begun?.at ?? group.records.length
    const before = group.records[at]
    bytes += weigh(record) - (before ? weigh(before) : 0)
    group.records[at] = record
    if (!before) {
      group.turns.push((turn += 1))
      held += 1
      if (record.endedAt === undefined) open.set(record.id, { group, at })
    }
    if (isEvidence(record) && plain.delete(group)) evidence.add(group)
    while (held > capacity || bytes > capacity * bytesEach) evict()
  }

  /** With its flight, which it names or hangs below; else by itself. */
  function groupOf({ attributes, parentId = '' }: AuthRecord): Group {
    const flight = attributes['authflight.flight.id']
    const known = flights.get(flight) ?? open.get(parentId)?.group
    if (known) return known
    const group: Group = { flight, records: [], turns: [] }
    plain.add(group)
    if (flight !== undefined) flights.set(flight, group)
    return group
  }

  function evict(): void {
    const [group] = plain.size > 0 ? plain : evidence
    if (!group) return void (bytes = held = 0)
    plain.delete(group)
    evidence.delete(group)
    flights.delete(group.flight)
    held -= group.records.length
    for (const record of group.records) {
      bytes -= weigh(record)
      open.delete(record.id)
    }
  }

  // A hook that somebody forged may throw: then there are no readers, and the client works without.
  guarded(() =>
    recorderHook().register({
      tab,
      snapshot,
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    }),
  )

  return {
    tab,
    add(record) {
      keep(record)
      for (const listener of listeners) guarded(() => listener(record))
    },
    atLeast(wanted) {
      capacity = Math.max(capacity, wanted)
    },
  }
}

const ringOf = perRealm(createRing)

/** About its bytes as JSON, without writing it: ids, names and enum members are all short. */
const weigh = ({ attributes, links }: AuthRecord): number =>
  300 + Object.keys(attributes).length * 45 + links.length * 75

/** Whether it shows why a session ended, or an answer was thrown away. */
const isEvidence = ({ attributes }: AuthRecord): boolean =>
  'authflight.session_end.reason' in attributes ||
  'authflight.discard.reason' in attributes ||
  attributes['authflight.refresh.outcome'] === 'rejected'

/** The ring of this realm, with room for at least so many records. Made late, so that importing the package does nothing. */
export function realmRing(realm: Realm, records: number): Ring {
  const ring = ringOf(realm)
  ring.atLeast(records)
  return ring
}
