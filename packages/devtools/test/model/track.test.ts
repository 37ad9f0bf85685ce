import { expect, it } from 'vitest'
import { SpanColumns } from '../../src/model/span-columns.ts'
import { insertIntoTracks, Track } from '../../src/model/track.ts'
import { record } from '../fixtures.ts'

/** Spans that begin a millisecond apart, in tracks; and how often their ends were looked at meanwhile. */
function place(count: number, lasting: number): { tracks: Track[]; looks: number } {
  const columns = new SpanColumns()
  for (let at = 0; at < count; at++) columns.put(record('authflight.refresh', at, lasting))
  let looks = 0
  const { endedAt } = columns
  Object.defineProperty(columns, 'endedAt', { get: () => (looks++, endedAt) })
  const tracks: Track[] = []
  for (let row = 0; row < count; row++) insertIntoTracks(tracks, columns, row)
  return { tracks, looks }
}

it('takes as many tracks as spans overlap, and fills the first before the next', () => {
  const { tracks } = place(10, 3)
  expect(tracks.map(({ rows, size }) => [...rows.subarray(0, size)])).toEqual([
    [0, 3, 6, 9],
    [1, 4, 7],
    [2, 5, 8],
  ])
})

it('looks at as little for each span where two thousand overlap as where five hundred do', () => {
  const [few, many] = [place(500, 1e6), place(2_000, 1e6)]
  expect(many.looks).toBeLessThan(few.looks * 5)
  expect(many.tracks).toHaveLength(few.tracks.length)
  expect(many.tracks.reduce((sum, { size }) => sum + size, 0)).toBe(2_000)
})

it('finds the next span from any place as it does from the first, and looks at few where it is near', () => {
  const columns = new SpanColumns()
  const track = new Track()
  for (let at = 0; at < 1_000; at++) {
    columns.put(record('authflight.refresh', at * 10, 5))
    track.insert(columns, at)
  }
  const ends = (index: number): number => columns.endedAt[index]!
  for (const from of [0, 1, 499, 998, 999, 1_000])
    for (const index of [from, from + 1, from + 7, 700, 999]) {
      if (index < from || index > 999) continue
      expect(track.firstEnding(columns, ends(index), from)).toBe(index)
      expect(track.firstEnding(columns, ends(index) + 1, from)).toBe(index + 1)
    }
  let looks = 0
  const { endedAt } = columns
  Object.defineProperty(columns, 'endedAt', { get: () => (looks++, endedAt) })
  track.firstEnding(columns, endedAt[502]!, 500)
  expect(looks).toBeLessThan(6)
})
