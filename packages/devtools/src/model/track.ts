import type { SpanColumns } from './span-columns.ts'

/**
 * Spans on one line, sorted by start. Where none overlaps another they are sorted by end too: what is visible is found by binary search.
 */
export class Track {
  rows: Int32Array = new Int32Array(8)
  size = 0
  /** Spans overlap on it: it shows only some of them. */
  isCrowded = false

  /** Puts a span in its place; `false` when another one is in the way. */
  insert(columns: SpanColumns, row: number): boolean {
    const { startedAt, endedAt } = columns
    const start = startedAt[row]!
    const at = this.firstStarting(columns, start)
    const before = this.rows[at - 1]
    const after = this.rows[at]
    if (at > 0 && endedAt[before!]! > start) return false
    if (at < this.size && startedAt[after!]! < endedAt[row]!) return false
    this.#splice(at, row)
    return true
  }

  /** Puts a span in its place, whatever is there: instants may share one. */
  share(columns: SpanColumns, row: number): void {
    this.#splice(this.firstStarting(columns, columns.startedAt[row]!), row)
  }

  /** Index of the first span from `from` on that ends at or after the time; `size` when there is none. */
  firstEnding(columns: SpanColumns, time: number, from = 0): number {
    const ends = (index: number) => columns.endedAt[this.rows[index]!]! >= time
    // Who goes from pixel to pixel finds the next one near.
    let step = 1
    while (from + step < this.size && !ends(from + step)) {
      from += step
      step *= 2
    }
    return search(from, Math.min(from + step, this.size), ends)
  }

  /** Index of the first span that starts after the time: one past the last visible one. */
  firstStarting(columns: SpanColumns, time: number): number {
    const last = this.rows[this.size - 1]
    if (this.size === 0 || columns.startedAt[last!]! <= time) return this.size
    return search(0, this.size, (index) => columns.startedAt[this.rows[index]!]! > time)
  }

  #splice(at: number, row: number): void {
    if (this.size === this.rows.length) {
      const wider = new Int32Array(this.size * 2)
      wider.set(this.rows)
      this.rows = wider
    }
    this.rows.copyWithin(at + 1, at, this.size)
    this.rows[at] = row
    this.size++
  }
}

/** More lines of one lane nobody reads. Without an end, ten thousand spans that overlap would each be tried on thousands of tracks. */
const mostTracks = 128

/**
 * The first track with room takes the span; a new one is made when all are taken. Where that would be one too many the span shares the last,
 * which then shows some of what it has.
 */
export function insertIntoTracks(tracks: Track[], columns: SpanColumns, row: number): void {
  if (tracks.some((track) => track.insert(columns, row))) return
  if (tracks.length < mostTracks) tracks.push(new Track())
  const last = tracks.at(-1)!
  last.isCrowded = last.size > 0
  last.share(columns, row)
}

/** The first index in [low, high) for which `holds` is true; `high` when none. `holds` must be false, then true. */
export function search(low: number, high: number, holds: (index: number) => boolean): number {
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
