import { freezeAll } from '../base/freeze-all.ts'
import { onePer } from '../base/one-per.ts'
import type { Realm } from '../realm/realm.ts'
import { guarded } from '../base/guarded.ts'
import { randomHex } from './random.ts'
import type { Attributes } from './attributes.ts'
import type { AuthRecord, RecordLink } from './record.ts'

type Changing = 'parentId' | 'endedAt' | 'links' | 'attributes'

/** A record as its operation writes on it. The ring holds it as it grows; its readers get frozen copies. */
export type Draft = {
  -readonly [Field in keyof Omit<AuthRecord, 'tab' | Changing>]: AuthRecord[Field]
} & {
  readonly parentId?: string | undefined
  endedAt?: number | undefined
  readonly links: RecordLink[]
  readonly attributes: Attributes
}

/** The last records of this realm. One ring serves all clients of one copy of the package. */
export interface Ring {
  /** Random id of this realm: tab, worker or process. */
  readonly tab: string
  /** Keeps it and tells of it. `parent`: where that is kept which it hangs below. */
  add(record: Draft, parent?: Entry | null): Entry
  /** Tells that it has ended. */
  ended(entry: Entry): void
  /** Makes room for more; a ring never shrinks below what another client asked for. */
  atLeast(records: number): void
}

/** Records that tell of one flight, or of nothing else: they are kept together, and go together. */
interface Group {
  readonly flight: unknown
  readonly entries: Entry[]
  isGone: boolean
}

/** Where a record is kept. */
export interface Entry {
  readonly record: Draft
  readonly group: Group
  /** When it came into the ring, counted over all records. */
  readonly turn: number
  weight: number
}

/** About so many bytes of JSON a record may have on the average; a refresh with all its links has three times as many. */
const bytesEach = 1_000

export function createRing({ random, recorderHook }: Pick<Realm, 'random' | 'recorderHook'>): Ring {
  const tab = randomHex(random, 8)
  /** Oldest first. What shows why a session ended goes last, but leaves a quarter to what comes: that may be the next end. */
  const plain = new Set<Group>()
  const evidence = new Set<Group>()
  const flights = new Map<unknown, Group>()
  const listeners = new Set<(record: AuthRecord) => void>()
  let capacity = 0
  let turn = 0
  let held = 0
  let bytes = 0

  const publish = ({ links, attributes, parentId, endedAt, ...rest }: Draft): AuthRecord =>
    freezeAll({
      ...rest,
      ...(parentId && { parentId }),
      ...(endedAt === undefined ? {} : { endedAt }),
      links: [...links],
      attributes: { ...attributes },
      tab,
    })

  const snapshot = (): AuthRecord[] =>
    [...plain, ...evidence]
      .flatMap(({ entries }) => entries)
      .toSorted((a, b) => a.turn - b.turn)
      .map(({ record }) => publish(record))

  function enter(record: Draft, parent?: Entry | null): Entry {
    const entry: Entry = { record, group: groupOf(record, parent), turn: (turn += 1), weight: 0 }
    held += 1
    entry.group.entries.push(entry)
    return entry
  }

  /** With its flight, which it names or hangs below; else by itself. */
  function groupOf({ attributes }: Draft, parent?: Entry | null): Group {
    const flight = attributes['authflight.flight.id']
    const known = flights.get(flight) ?? parent?.group
    if (known && !known.isGone) return known
    const group: Group = { flight, entries: [], isGone: false }
    plain.add(group)
    if (flight !== undefined) flights.set(flight, group)
    return group
  }

  /** Makes room for what it has become, and tells of it. */
  function keep(entry: Entry): Entry {
    const { record, group } = entry
    const weight = weigh(record)
    bytes += weight - entry.weight
    entry.weight = weight
    if (isEvidence(record) && plain.delete(group)) evidence.add(group)
    while (held > capacity || bytes > capacity * bytesEach) evict()
    if (listeners.size > 0) {
      const published = publish(record)
      for (const listener of listeners) guarded(() => listener(published))
    }
    return entry
  }

  function evict(): void {
    const [group] = evidence.size > 3 * plain.size ? evidence : plain
    if (!group) return void (bytes = held = 0)
    plain.delete(group)
    evidence.delete(group)
    flights.delete(group.flight)
    group.isGone = true
    held -= group.entries.length
    for (const { weight } of group.entries) bytes -= weight
    // An operation that is long under way keeps its place, and not those of all who waited for it.
    group.entries.length = 0
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
    add: (record, parent) => keep(enter(record, parent)),
    // One that has gone meanwhile comes again.
    ended: (entry) => void keep(entry.group.isGone ? enter(entry.record) : entry),
    atLeast(wanted) {
      capacity = Math.max(capacity, wanted)
    },
  }
}

const ringOf = onePer(createRing)

/** About its bytes as JSON, without writing it: ids, names and enum members are all short. */
const weigh = ({ attributes, links }: Draft): number => 300 + Object.keys(attributes).length * 45 + links.length * 75

/** Whether it shows why a session ended, or an answer was thrown away. */
const isEvidence = ({ attributes }: Draft): boolean =>
  'authflight.session_end.reason' in attributes ||
  'authflight.discard.reason' in attributes ||
  attributes['authflight.refresh.outcome'] === 'rejected'

/** The ring of this realm, with room for at least so many records. Made late, so that importing the package does nothing. */
export function realmRing(realm: Realm, records: number): Ring {
  const ring = ringOf(realm)
  ring.atLeast(records)
  return ring
}
