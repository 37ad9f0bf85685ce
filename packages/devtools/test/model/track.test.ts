import { expect, it } from 'vitest'
import { SpanColumns } from '../../src/model/span-columns.ts'
import { insertIntoTracks, type Track } from '../../src/model/track.ts'
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
