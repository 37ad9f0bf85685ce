import type { AuthRecord } from '@authflight/client'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forgottenUntil, limits, type Row, sift } from '../../src/black-box/limits.ts'
import { explain } from '../../src/report/explain.ts'
import { anyRecord } from '../formats/arbitrary-record.ts'
import { committed, discardBySignOut, flight, noon, record } from '../fixtures.ts'

const now = noon + 3_600_000

/** Points that belong to nothing, one a millisecond. */
const points = (count: number, from = 0): AuthRecord[] =>
  Array.from({ length: count }, (_, at) =>
    record('authflight.record.network', from + at, 0, { attributes: { 'network.state': 'online' } }),
  )

const rowsOf = (records: readonly AuthRecord[]): Row[] => records.map((each) => ({ id: each.id, record: each }))

/** What stays, in the order given. */
function keep(records: readonly AuthRecord[], at = now): AuthRecord[] {
  const { kept, surplus } = sift(rowsOf(records), at)
  expect(kept.length + surplus.length).toBe(records.length)
  const gone = new Set(surplus)
  return records.filter(({ id }) => !gone.has(id))
}

describe('the limits of the black box', () => {
  it('leave what fits', () => {
    const records = discardBySignOut()
    expect(keep(records)).toEqual(records)
  })

  it('let the oldest of more than 500 records go', () => {
    const records = points(510)
    expect(keep(records)).toEqual(records.slice(10))
  })

  it('let a flight go as a whole', () => {
    const whole = flight({ at: 0, lasting: 100, waiters: 3 })
    const belongsTogether = whole.filter(({ name }) => !name.endsWith('.event') && !name.endsWith('timer_armed'))
    expect(keep([...belongsTogether, ...points(499, 1_000)])).toHaveLength(499)
  })

  it.each(['rejected', 'user'])('let what shows why a session ended go last: %s', (reason) => {
    const refused = flight({ at: 0, lasting: 100, outcome: 'rejected', status: 400, error: 'invalid_grant' })
    const end = record('authflight.session_end', 100, 0, { attributes: { 'session_end.reason': reason } })
    const evidence = [...refused, end]
    expect(keep([...evidence, ...points(600, 1_000)]).slice(0, 3)).toEqual(evidence)
  })

  it('let what shows that a clock was wrong go last: the refresh, the token that it presented, the jump', () => {
    const signIn = committed(0, 1)[0]!
    const [refresh] = flight({ at: 9_000, lasting: 100 })
    const jump = record('authflight.record.clock_jump', 9_050, 0, { attributes: { 'clock.jump': 20 } })
    const evidence = [signIn, refresh!, jump]
    const others = points(600, 20_000)
    const kept = keep([...evidence, ...others])
    expect(kept).toEqual([...evidence, ...others.slice(103)])
    expect(explain({ records: kept }).reason).toBe('clock')
  })

  it('let a refresh go that went well when it was due', () => {
    const wentWell = [committed(0, 1)[0]!, flight({ at: 29_000, lasting: 100 })[0]!]
    const others = points(600, 40_000)
    expect(keep([...wentWell, ...others])).toEqual(others.slice(100))
  })

  it('hold the bytes, evidence or not', () => {
    const heavy = points(300).map((each) => ({
      ...each,
      attributes: Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`long.${at}`, 'x'.repeat(200)])),
    }))
    const kept = keep(heavy)
    expect(kept.length).toBeGreaterThan(90)
    expect(JSON.stringify(kept).length).toBeLessThanOrEqual(limits.bytes + kept.length)
    expect(kept).toEqual(heavy.slice(-kept.length))
  })

  it('forget after seven days, and what a wrong clock has dated far ahead', () => {
    const records = points(1)
    expect(keep(records, noon + limits.age)).toEqual(records)
    expect(keep(records, noon + limits.age + 1)).toEqual([])
    expect(keep(records, noon - limits.age - 1)).toEqual([])
  })

  it('forget what ended before somebody said so, for as long as any of it could stay', () => {
    const records = points(4)
    const mark = forgottenUntil(noon + 1)
    const { kept, surplus } = sift([...rowsOf(records), mark], now)
    expect(kept).toEqual(records.slice(2))
    expect(surplus).toEqual(records.slice(0, 2).map(({ id }) => id))
    expect(sift([mark], noon + limits.age).surplus).toEqual([])
    expect(sift([mark], noon + 1 + limits.age).surplus).toEqual([mark.id])
  })

  it('forget a flight as a whole, and keep one that ends later', () => {
    const whole = flight({ at: 0, lasting: 100 }).filter(({ name }) => !name.startsWith('authflight.record'))
    expect(sift([...rowsOf(whole), forgottenUntil(noon + 99)], now).kept).toHaveLength(whole.length)
    expect(sift([...rowsOf(whole), forgottenUntil(noon + 100)], now).kept).toEqual([])
  })

  it.each([now + 3_600_000, Infinity, '1', null])('forget nothing because of %s, which nobody can have said', (at) => {
    const records = points(2)
    const { kept, surplus } = sift([...rowsOf(records), { id: forgottenUntil(0).id, record: at }], now)
    expect([kept, surplus]).toEqual([records, ['forgotten']])
  })

  it.each([
    ['has nothing', {}],
    ['has a record that is none', { record: { v: 1, id: 'x', attributes: {} } }],
    ['has a record without attributes', { record: { ...points(1)[0], id: 'x', attributes: undefined } }],
    ['stands under another id', { record: points(1)[0] }],
    ['says that it is very large', { record: null, bytes: Infinity }],
  ])('let a row go that %s, and it costs the others nothing', (_, row) => {
    const records = points(limits.records)
    const { kept, surplus } = sift([{ id: 'x', ...row } as Row, ...rowsOf(records)], now)
    expect(surplus).toEqual(['x'])
    expect(kept.map(({ id }) => id)).toEqual(records.map(({ id }) => id))
  })

  it('hold whatever is recorded, and hold it at once', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 60 }), fc.integer({ min: 0, max: 520 }), (some, more) => {
        const unique = [...new Map(some.map((each) => [each.id, each])).values()]
        const kept = keep([...unique, ...points(more)])
        expect(kept.length).toBeLessThanOrEqual(limits.records)
        expect(kept.map((each) => JSON.stringify(each)).join('').length).toBeLessThanOrEqual(limits.bytes)
        expect(keep(kept)).toEqual(kept)
      }),
    )
  })
})
