import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { type Clocks, lineUp } from '../../src/black-box/clocks.ts'
import type { Row } from '../../src/black-box/limits.ts'
import { noon, record } from '../fixtures.ts'

const minute = 60_000
const hour = 60 * minute

/** A point that a tab recorded and wrote at `wall` after noon, when its own clock was `ahead` of the wall clock. */
function write(tab: string, wall: number, ahead: number, clocks?: unknown): Row & { record: AuthRecord } {
  const made = record('authflight.record.network', wall + ahead, 0, { tab })
  return { id: made.id, record: made, clocks: clocks ?? { own: noon + wall + ahead, wall: noon + wall } }
}

const clocks = (wall: number, ahead: number): Clocks => ({ own: noon + wall + ahead, wall: noon + wall })

/** Where each record is shown, milliseconds after noon, oldest first. */
function places(rows: readonly (Row & { record: AuthRecord })[], now: Clocks, here: string[] = []): [string, number][] {
  const records = rows.map((row) => row.record)
  return lineUp(records, rows, here, now).map(({ tab, startedAt }) => [tab, startedAt - noon])
}

describe('kept records of several tabs', () => {
  it('line up where the clock of one is behind', () => {
    const rows = [write('slept', 2, -hour), write('other', 1, 0), write('other', 3, 0)]
    expect(places(rows, clocks(10, 0))).toEqual([
      ['other', 1],
      ['slept', 2],
      ['other', 3],
    ])
  })

  it('are on the clock of who reads', () => {
    expect(places([write('other', 1, 0), write('mine', 2, hour)], clocks(10, hour), ['mine'])).toEqual([
      ['other', hour + 1],
      ['mine', hour + 2],
    ])
  })

  it('of who reads stay where they are, though it slept since it wrote', () => {
    expect(places([write('other', 1, 0), write('mine', 2, 0)], clocks(hour, -minute), ['mine'])).toEqual([
      ['other', 1],
      ['mine', 2],
    ])
  })

  it('stay in order though the wall clock was set, where both clocks agreed at that time', () => {
    const rows = [write('gone', 1, 0), write('lives', 2, 0), write('lives', hour + 3, -hour)]
    expect(places(rows, clocks(hour + 10, -hour), ['lives'])).toEqual([
      ['gone', 1],
      ['lives', 2],
      ['lives', 3],
    ])
  })

  it('are held against a tab that was moved itself', () => {
    const rows = [write('first', 1, 5 * minute), write('second', 2, -minute), write('second', hour + 3, -hour)]
    expect(places(rows, clocks(2 * hour, 0))).toEqual([
      ['first', hour - minute + 1],
      ['second', hour - minute + 2],
      ['second', hour + 3],
    ])
  })

  it('of one tab are as far apart as they were, though it slept between', () => {
    expect(places([write('slept', 0, 0), write('slept', hour, -minute)], clocks(2 * hour, 0))).toEqual([
      ['slept', minute],
      ['slept', hour],
    ])
  })

  it('are not moved by what the wall clock leaves out', () => {
    expect(places([write('other', 1, 1.5)], clocks(10, 0))).toEqual([['other', 2.5]])
  })

  it.each([
    ['none', null],
    ['no numbers', { own: '1', wall: {} }],
    ['no wall clock', { own: noon }],
    ['no end', { own: Infinity, wall: noon }],
    ['another age', { own: noon, wall: 0 }],
  ])('are left where they are with clocks that are %s', (_, forged) => {
    const row = { ...write('forged', 1, hour), clocks: forged }
    expect(places([row, write('other', 2, -minute)], clocks(10, 0))).toEqual([
      ['other', 2],
      ['forged', hour + 1],
    ])
  })
})
