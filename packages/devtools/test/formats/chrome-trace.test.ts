import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TraceEvent, writeChromeTrace } from '../../src/formats/index.ts'
import { claimWait, discardBySignOut, flight, noon, record, storm } from '../fixtures.ts'
import { anyRecord } from './arbitrary-record.ts'

/** What the Trace Event Format asks of each kind of event, and its viewers of each thread. */
function findFaults(events: readonly TraceEvent[]): string[] {
  const open = new Map<string, number[]>()
  return events.flatMap((event, index) => {
    const faults: string[] = []
    const claim = (holds: boolean, what: string) => void (holds || faults.push(`${index}: ${what}`))
    claim(typeof event.name === 'string' && event.name !== '', 'a name')
    claim(Number.isInteger(event.pid) && Number.isInteger(event.tid), 'whole pid and tid')
    if (event.ph === 'M') {
      claim(event.name === 'process_name' || event.name === 'thread_name', 'a known kind of metadata')
      claim(typeof event.args?.['name'] === 'string', 'the name that it gives')
      return faults
    }
    claim(event.cat === 'authflight', 'a category')
    claim(Number.isInteger(event.ts) && event.ts! > 0, 'a time in microseconds')
    if (event.ph === 'I') claim(event.s === 't', 'a scope')
    else {
      claim(event.ph === 'X' && Number.isInteger(event.dur) && event.dur! >= 0, 'how long it took')
      const end = event.ts! + event.dur!
      const ends = (open.get(`${event.tid}`) ?? []).filter((other) => other > event.ts!)
      claim(
        ends.every((other) => end <= other),
        'an end before that of whatever it lies in',
      )
      open.set(`${event.tid}`, [...ends, end])
    }
    return faults
  })
}

/** Records that often overlap, in one client, and belong to one of two flights. */
const oneOfFew = fc
  .record({
    record: anyRecord,
    tab: fc.constantFrom('tab-1', 'tab-2'),
    parentId: fc.constantFrom('a'.repeat(16), 'b'.repeat(16)),
    at: fc.nat({ max: 100 }),
    lasting: fc.nat({ max: 100 }),
  })
  .map(({ record, at, lasting, ...rest }) => {
    const startedAt = noon + at
    return { ...record, ...rest, client: 'client-1', startedAt, endedAt: startedAt + lasting }
  })

const slicesOf = (events: readonly TraceEvent[]) => events.filter(({ ph }) => ph === 'X')
const threadsOf = (events: readonly TraceEvent[]) =>
  events.filter(({ name }) => name === 'thread_name').map(({ args }) => args?.['name'])

describe('the Chrome trace', () => {
  it('keeps to the format, whatever the records are, and in a thread nothing outlasts what it lies in', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyRecord, oneOfFew), { maxLength: 20 }), (records) => {
        const { traceEvents } = writeChromeTrace(records)
        expect(findFaults(traceEvents)).toEqual([])
        expect(traceEvents.filter(({ ph }) => ph !== 'M').length).toBe(records.length)
      }),
    )
  })

  it('has a process a tab, a thread a client, and what is inside of a flight in its thread', () => {
    const { traceEvents } = writeChromeTrace(claimWait())
    const names = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args?.['name'])
    expect(names).toEqual(['Tab A', 'Tab B'])
    const [refresh, request] = ['refresh: rotated', 'POST token'].map((name) =>
      slicesOf(traceEvents).find((event) => event.name.startsWith(name)),
    )
    expect(request!.tid).toBe(refresh!.tid)
  })

  it('nests what lies in a flight below it, and gives a row of its own to what outlasts it', () => {
    const [refresh, request] = flight({ at: 0, lasting: 100 })
    const early = { ...request!, id: 'a'.repeat(16), startedAt: noon + 10, endedAt: noon + 50 }
    const late = { ...request!, id: 'b'.repeat(16), startedAt: noon + 40, endedAt: noon + 130 }
    const { traceEvents } = writeChromeTrace([late, early, refresh!])
    expect(findFaults(traceEvents)).toEqual([])
    expect(slicesOf(traceEvents).map(({ tid, ts, dur }) => [tid, ts! / 1000 - noon, dur! / 1000])).toEqual([
      [1, 0, 100],
      [1, 10, 40],
      [2, 40, 90],
    ])
    expect(threadsOf(traceEvents)).toEqual(['Tab A', 'Tab A · row 2'])
  })

  it('takes nothing for a part of a flight that only happened meanwhile, and gives its row to the next one', () => {
    const [one] = flight({ at: 0, lasting: 100 })
    const [other] = flight({ at: 20, lasting: 30 })
    const [next] = flight({ at: 200, lasting: 30 })
    expect(slicesOf(writeChromeTrace([one!, other!, next!]).traceEvents).map(({ tid }) => tid)).toEqual([1, 2, 1])
  })

  it('puts a refresh around what lasted as long as it did', () => {
    const [refresh, request] = flight({ at: 0, lasting: 100 })
    const { traceEvents } = writeChromeTrace([{ ...request!, startedAt: noon, endedAt: noon + 100 }, refresh!])
    expect(slicesOf(traceEvents).map(({ name }) => name.split(/[: ]/)[0])).toEqual(['refresh', 'POST'])
  })

  it('makes no more rows than can be read', () => {
    const overlapping = Array.from({ length: 1_000 }, (_, at) => flight({ at, lasting: 2_000 })[0]!)
    expect(threadsOf(writeChromeTrace(overlapping).traceEvents).length).toBe(128)
  })

  it('ends what a page that is gone had open where that was heard last', () => {
    const [refresh] = flight({ at: 0, lasting: null })
    const later = { ...flight({ at: 3_600_000, lasting: 50 })[0]!, tab: 'tab-9' }
    const last = record('authflight.record.network', 40, 0)
    const [slice] = slicesOf(writeChromeTrace([refresh!, last, later]).traceEvents)
    expect([slice?.name, slice?.dur]).toEqual(['refresh: cut off', 40_000])
  })

  it('says in names what became of things', () => {
    const names = new Set(writeChromeTrace([...storm(), ...discardBySignOut()]).traceEvents.map(({ name }) => name))
    expect([...names]).toEqual(
      expect.arrayContaining([
        'refresh: rotated',
        'refresh: discarded',
        'discard: signed out',
        'session end: signed out here',
      ]),
    )
  })

  it('ends with the recording what is still open', () => {
    const open = flight({ at: 0, lasting: null })
    const late = flight({ at: 100, lasting: 50 })
    const ends = slicesOf(writeChromeTrace([...open, ...late]).traceEvents).map(({ ts, dur }) => ts! + dur!)
    expect(Math.max(...ends)).toBe((noon + 150) * 1000)
    expect(ends.filter((end) => end === (noon + 150) * 1000).length).toBeGreaterThan(2)
  })
})
