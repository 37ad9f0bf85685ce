import type { AuthRecord } from '@authflight/client'
import { inOrder } from '../formats/recording.ts'
import { findClockTrouble } from '../model/clock-trouble.ts'
import { ownerKeys } from '../model/flights.ts'
import { Labels } from '../model/lanes.ts'
import { text } from '../model/names.ts'
import { Placement } from '../model/placement.ts'
import { readRecord } from '../model/record-shape.ts'

/** What the black box holds at most: records and bytes of JSON of all tabs together, and how old they get, milliseconds. */
export const limits = { records: 500, bytes: 256_000, age: 7 * 24 * 3_600_000 } as const

/** Bytes of JSON that the clocks beside a record take. */
const clocksSize = 64

/** A record as it is stored, by its own id. Whoever may write the database may write anything. */
export interface Row {
  readonly id: string
  readonly record: unknown
  /** What the clocks said when it was written. */
  readonly clocks?: unknown
}

const markId = 'forgotten'

/** The row that says until when all is forgotten: a page that lives holds some of it still, and may write it after this. */
export const forgottenUntil = (at: number): Row => ({ id: markId, record: at })

/** One of a time to come, that a wrong clock made up, would swallow all that is recorded until then; two pages may differ by a minute. */
function readMark(rows: readonly Row[], now: number): number {
  const at = rows.find(({ id }) => id === markId)?.record
  return typeof at === 'number' && at < now + 60_000 ? at : 0
}

export interface Sifted {
  /** Oldest first. */
  readonly kept: AuthRecord[]
  /** The ids of the other rows. */
  readonly surplus: string[]
}

/** Records that tell of one flight, or one that tells of none: half a flight would tell something else. */
interface Group {
  readonly records: AuthRecord[]
  /** Of its JSON, and of the clocks beside it. */
  bytes: number
  isEvidence: boolean
  last: number
}

/**
 * What may stay so that the limits hold. What is no record goes, what was forgotten, and what is too old (or of a year that a wrong clock
 * made up), then the oldest flights as a whole, and what shows why a session ended or a refresh went wrong last of all.
 *
 * @param now epoch milliseconds
 */
export function sift(rows: readonly Row[], now: number): Sifted {
  let count = 0
  let bytes = 0
  const forgotten = readMark(rows, now)
  const kept = group(inOrder(rows.flatMap(readRow)))
    .filter(({ last }) => last > forgotten && Math.abs(now - last) <= limits.age)
    .sort((a, b) => Number(b.isEvidence) - Number(a.isEvidence) || b.last - a.last)
    // The first that finds no room leaves none to those after it.
    .filter((each) => {
      count += each.records.length
      bytes += each.bytes
      return count <= limits.records && bytes <= limits.bytes
    })
    .flatMap(({ records }) => records)
  const ids = new Set(kept.map(({ id }) => id))
  if (forgotten > now - limits.age) ids.add(markId)
  return { kept: inOrder(kept), surplus: rows.map(({ id }) => id).filter((id) => !ids.has(id)) }
}

/** When it was heard of last, epoch milliseconds. */
export const lastOf = ({ startedAt, endedAt = startedAt }: AuthRecord): number => endedAt

function readRow({ id, record }: Row): AuthRecord[] {
  const read = readRecord(record)
  return read?.id === id ? [read] : []
}

function group(records: readonly AuthRecord[]): Group[] {
  const owners = new Map<string, Group>()
  const groups = new Set<Group>()
  const evidence = findEvidence(records)
  for (const record of records) {
    const keys = ownerKeys(record)
    const known = keys.map((key) => owners.get(key)).find(Boolean)
    const mine = known ?? { records: [], bytes: 0, isEvidence: false, last: 0 }
    groups.add(mine)
    for (const key of [record.id, text(record.attributes, 'flight.id')]) if (key) owners.set(key, mine)
    mine.records.push(record)
    mine.bytes += JSON.stringify(record).length + clocksSize
    mine.isEvidence ||= evidence.has(record.id)
    mine.last = Math.max(mine.last, lastOf(record))
  }
  return [...groups]
}

/** The ids of what the client's ring keeps longest, of what else went wrong, and of what shows with it that a clock was wrong. */
function findEvidence(records: readonly AuthRecord[]): Set<string | undefined> {
  const held = new Placement(new Labels())
  for (const record of records) held.take(record)
  const ends = records.filter(({ name }) => name === 'authflight.session_end')
  const problems = held.problems.map((row) => held.columns.record(row))
  const troubles = problems.map((record) => findClockTrouble(held, record))
  return new Set([
    ...[...ends, ...problems].map(({ id }) => id),
    ...troubles.flatMap((trouble) => [trouble?.generation.record, trouble?.jump?.id]),
  ])
}
