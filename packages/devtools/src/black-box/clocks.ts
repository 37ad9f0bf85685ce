import type { AuthRecord } from '@authflight/client'
import { inOrder } from '../formats/recording.ts'
import { shiftOf } from '../model/clock-offset.ts'
import { readRecord } from '../model/record-shape.ts'
import { recordTime } from '../model/relay.ts'
import { limits, type Row } from './limits.ts'

/** One moment on the clock that stamps the records of a tab, and on the wall clock, which all tabs share. Epoch milliseconds. */
export interface Clocks {
  readonly own: number
  readonly wall: number
}

export const readClocks = (): Clocks => ({ own: recordTime(), wall: Date.now() })

/** Milliseconds: the wall clock tells whole ones only. */
const error = 2

/**
 * Moves the times of each tab onto the clock of who reads, so that records of several tabs line up. The clocks of tabs drift apart while the
 * machine sleeps, and the wall clock is set at times. So a tab is held against the one that wrote next after it, at that very time:
 *
 *     tab A    write   write            A's clock at its last write, less B's just then
 *     tab B        write   write  write               B's at its last, less the reader's now
 *     reader                           now
 *
 * One shift a tab: its own records stay as they were to each other. Tabs that are `here` have the reader's clock.
 */
export function lineUp(
  records: readonly AuthRecord[],
  rows: readonly Row[],
  here: Iterable<string>,
  now: Clocks,
): AuthRecord[] {
  const clocks = new Map(rows.map((row) => [row.id, row.clocks]))
  const writes = records
    .map(({ id, tab }) => ({ tab, ...(clocks.get(id) as Clocks | undefined) }))
    .filter(isPlausible)
    .sort((a, b) => b.wall - a.wall)
  const shifts = new Map(Array.from(here, (tab) => [tab, 0]))
  /** How far the reader's clock was ahead of the wall clock. */
  let ahead = now.own - now.wall
  for (const { tab, own, wall } of writes) {
    const shift = shifts.get(tab) ?? shiftOf({ ahead: own - wall - ahead, error })
    shifts.set(tab, shift)
    ahead = own - wall + shift
  }
  return inOrder(records.map((record) => readRecord(record, shifts.get(record.tab))!))
}

/** Who may write the database may write anything. A tab whose clock is further off has no record in it that is kept. */
function isPlausible<T extends Partial<Clocks>>(write: T): write is T & Clocks {
  return Math.abs(Number(write.own) - Number(write.wall)) <= limits.age
}
