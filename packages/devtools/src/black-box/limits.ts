import type { AuthRecord } from '@authflight/client'
import { inOrder } from '../formats/recording.ts'
import { ownerKeys } from '../model/flights.ts'
import { isProblem, text } from '../model/names.ts'

/** What the black box holds at most: records and bytes of JSON of all tabs together, and how old they get, milliseconds. */
export const limits = { records: 500, bytes: 256_000, age: 7 * 24 * 3_600_000 } as const

/** A record as it is stored. */
export interface Row {
  /** The record's own. */
  readonly id: string
  /** Of its JSON. */
  readonly bytes: number
  readonly record: AuthRecord
}

export const toRow = (record: AuthRecord): Row => ({ id: record.id, bytes: JSON.stringify(record).length, record })

/** Records that tell of one flight, or one that tells of none: half a flight would tell something else. */
interface Group {
  readonly rows: Row[]
  isEvidence: boolean
  last: number
}

/**
 * The ids of what has to go so that the rest keeps the limits: what is too old (or of a year that a wrong clock made up), then the
 * oldest flights as a whole, and what shows why a session ended or a refresh went wrong last of all.
 *
 * @param now epoch milliseconds
 */
export function findSurplus(rows: readonly Row[], now: number): string[] {
  const groups = group(rows)
  const isStale = ({ last }: Group): boolean => Math.abs(now - last) > limits.age
  const order = (each: Group): number => (isStale(each) ? 0 : each.isEvidence ? 2 : 1)
  let count = rows.length
  let bytes = sum(rows)
  return groups
    .sort((a, b) => order(a) - order(b))
    .filter((each) => {
      if (!isStale(each) && count <= limits.records && bytes <= limits.bytes) return false
      count -= each.rows.length
      bytes -= sum(each.rows)
      return true
    })
    .flatMap((each) => each.rows.map(({ id }) => id))
}

/** Those that fell silent first come first. */
function group(rows: readonly Row[]): Group[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const owners = new Map<string, Group>()
  const groups = new Set<Group>()
  for (const record of inOrder(rows.map((row) => row.record))) {
    const keys = ownerKeys(record)
    const mine = keys.map((key) => owners.get(key)).find(Boolean) ?? { rows: [], isEvidence: false, last: 0 }
    groups.add(mine)
    for (const key of [record.id, text(record.attributes, 'flight.id')]) if (key) owners.set(key, mine)
    mine.rows.push(byId.get(record.id)!)
    // The same as the client's ring keeps longest, and what else went wrong.
    mine.isEvidence ||= record.name === 'authflight.session_end' || isProblem(record)
    mine.last = Math.max(mine.last, record.endedAt ?? record.startedAt)
  }
  return [...groups].sort((a, b) => a.last - b.last)
}

const sum = (rows: readonly Row[]): number => rows.reduce((total, { bytes }) => total + bytes, 0)
