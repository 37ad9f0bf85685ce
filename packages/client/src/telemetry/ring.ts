import { freezeAll } from '../freeze-all.ts'
import { onePer } from '../one-per.ts'
import type { Realm } from '../realm.ts'
import { guarded } from './guarded.ts'
import { randomHex } from './random.ts'
import type { Attributes } from './attributes.ts'
import type { AuthRecord, RecordLink } from './record.ts'

/** A record as its operation writes on it. The ring holds it as it grows; its readers get frozen copies. */
export type Draft = {
  -readonly [Field in keyof Omit<AuthRecord, 'tab' | 'links' | 'attributes'>]: AuthRecord[Field]
} & {
  readonly links: RecordLink[]
  readonly attributes: Attributes
}

/** The last records of this realm. One ring serves all clients of one copy of the package. */
export interface Ring {
  /** Random id of this realm: tab, worker or process. */
  readonly tab: string
  /** Once when it begins, and once more when it has ended. */
  add(record: Draft): void
  /** Makes room for more; a ring never shrinks below what another client asked for. */
  atLeast(records: number): void
}

/** Records that tell of one flight, or of nothing else: they are kept together, and go together. */
interface Group {
  readonly flight: unknown
  readonly entries: Entry[]
}

interface Entry {
  readonly group: Group
  readonly record: Draft
  /** When it was begun, counted over all records. */
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
  /** Operations that have not ended. */
  const open = new Map<string, Entry>()
  const listeners = new Set<(record: AuthRecord) => void>()
  let capacity = 0
  let turn = 0
  let held = 0
  let bytes = 0

  const publish = ({ links, attributes, ...rest }: Draft): AuthRecord =>
    freezeAll({ ...rest, links: [...links], attributes: { ...attributes }, tab })

  const snapshot = (): AuthRecord[] =>
    [...plain, ...evidence]
      .flatMap(({ entries }) => entries)
      .toSorted((a, b) => a.turn - b.turn)
      .map(({ record }) => publish(record))

  function keep(record: Draft): void {
    const entry = open.get(record.id) ?? enter(record)
    const weight = weigh(record)
    bytes += weight - entry.weight
    entry.weight = weight
    if (record.endedAt !== undefined) open.delete(record.id)
    if (isEvidence(record) && plain.delete(entry.group)) evidence.add(entry.group)
    while (held > capacity || bytes > capacity * bytesEach) evict()
  }

  function enter(record: Draft): Entry {
    const entry: Entry = { group: groupOf(record), record, turn: (turn += 1), weight: 0 }
    held += 1
    entry.group.entries.push(entry)
    open.set(record.id, entry)
    return entry
  }

  /** With its flight, which it names or hangs below; else by itself. */
  function groupOf({ attributes, parentId = '' }: Draft): Group {
    const flight = attributes['authflight.flight.id']
    const known = flights.get(flight) ?? open.get(parentId)?.group
    if (known) return known
    const group: Group = { flight, entries: [] }
    plain.add(group)
    if (flight !== undefined) flights.set(flight, group)
    return group
  }

  function evict(): void {
    const [group] = evidence.size > 3 * plain.size ? evidence : plain
    if (!group) return void (bytes = held = 0)
    plain.delete(group)
    evidence.delete(group)
    flights.delete(group.flight)
    held -= group.entries.length
    for (const { record, weight } of group.entries) {
      bytes -= weight
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
      if (listeners.size === 0) return
      const published = publish(record)
      for (const listener of listeners) guarded(() => listener(published))
    },
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
