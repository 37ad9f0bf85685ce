import type { AuthRecord } from '@authflight/client'
import { glyphOf, glyphs, toneOf, tones } from './names.ts'

/** The end of an operation that is still open. */
export const openEnd = Infinity

/**
 * All spans as columns: one typed array a field, one row a span, so that a timeline with 100,000 of them reads numbers side
 * by side and touches no object. A row number is good until the next rebuild of the model; ids are good for ever.
 */
export class SpanColumns {
  size = 0
  startedAt: Float64Array = new Float64Array(1024)
  endedAt: Float64Array = new Float64Array(1024)
  tone: Uint8Array = new Uint8Array(1024)
  glyph: Uint8Array = new Uint8Array(1024)
  /** When the first span began; `Infinity` while there is none. */
  from = Infinity
  /** When the last thing known happened; `-Infinity` while there is none. */
  to = -Infinity
  readonly records: AuthRecord[] = []
  readonly #rows = new Map<string, number>()

  /** `null` is no id. */
  rowOf(id: string | null): number | undefined {
    return id === null ? undefined : this.#rows.get(id)
  }

  record(row: number): AuthRecord {
    const record = this.records[row]
    if (record === undefined) throw new RangeError(`no span in row ${row} of ${this.size}`)
    return record
  }

  /**
   * Takes a start record as a new row, an end record into the row of its start, and a start that is told again where it was closed: its tab
   * speaks again. Returns the row, or `null` where there is nothing to take: a start that comes after its end, or an id that belongs to
   * another tab.
   */
  put(record: AuthRecord): { row: number; added: boolean } | null {
    const found = this.#rows.get(record.id)
    if (found === undefined) return { row: this.#append(record), added: true }
    const held = this.record(found)
    const isSame = held.tab === record.tab && held.name === record.name
    const isClosed = held.endedAt === undefined && this.endedAt[found] !== openEnd
    if (!isSame || (record.endedAt === undefined && !isClosed)) return null
    this.#write(found, record)
    return { row: found, added: false }
  }

  /** Ends an open span from outside, when nobody will tell its end any more. */
  close(row: number, at: number): void {
    this.endedAt[row] = Math.max(at, this.startedAt[row] ?? at)
    this.tone[row] = tones.indexOf('left')
  }

  #append(record: AuthRecord): number {
    const row = this.size++
    if (row === this.startedAt.length) this.#grow()
    this.#rows.set(record.id, row)
    this.startedAt[row] = record.startedAt
    this.from = Math.min(this.from, record.startedAt)
    this.#write(row, record)
    return row
  }

  #write(row: number, record: AuthRecord): void {
    this.records[row] = record
    this.tone[row] = tones.indexOf(toneOf(record))
    this.glyph[row] = glyphs.indexOf(glyphOf(record))
    // The start of the row stays: tracks are sorted by it, and two clock estimates may differ by a little.
    this.endedAt[row] = Math.max(record.endedAt ?? openEnd, this.startedAt[row] ?? 0)
    this.to = Math.max(this.to, record.endedAt ?? record.startedAt)
  }

  #grow(): void {
    const length = this.startedAt.length * 2
    this.startedAt = grown(this.startedAt, new Float64Array(length))
    this.endedAt = grown(this.endedAt, new Float64Array(length))
    this.tone = grown(this.tone, new Uint8Array(length))
    this.glyph = grown(this.glyph, new Uint8Array(length))
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from)
  return to
}
