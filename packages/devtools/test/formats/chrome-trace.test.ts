import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TraceEvent, writeChromeTrace } from '../../src/formats/index.ts'
import { claimWait, discardBySignOut, flight, noon, storm } from '../fixtures.ts'
import { anyRecord } from './arbitrary-record.ts'

/** What the Trace Event Format asks of each kind of event. */
function findFaults(events: readonly TraceEvent[]): string[] {
  const open = new Map<string, TraceEvent[]>()
  const lastEnd = new Map<string, number>()
  const faults = events.flatMap((event, index) => {
    const faults: string[] = []
    const claim = (holds: boolean, what: string) => void (holds || faults.push(`${index}: ${what}`))
    claim(typeof event.name === 'string' && event.name !== '', 'a name')
    claim(Number.isInteger(event.pid) && Number.isInteger(event.tid), 'whole pid and tid')
    if (event.ph === 'M') {
      claim(event.name === 'process_name' || event.name === 'thread_name', 'a known kind of metadata')
      claim(typeof event.args?.['name'] === 'string', 'the name that it gives')
      return faults
    }
    claim(event.cat === 'authflight', 'the category that is part of its key')
    claim(Number.isInteger(event.ts) && event.ts! > 0, 'a time in microseconds')
    if (event.ph === 'i') claim(event.s === 't', 'a scope')
    if (event.ph === 'b' || event.ph === 'e') {
      const key = `${event.cat} ${event.id}`
      claim(typeof event.id === 'string', 'an id')
      const stack = open.get(key) ?? []
      open.set(key, stack)
      if (event.ph === 'b') {
        claim(stack.length === 0 || stack.at(-1)!.ts! <= event.ts!, 'a begin after that of what it lies in')
        stack.push(event)
      } else {
        const begun = stack.pop()
        claim(begun?.name === event.name && begun.ts! <= event.ts!, 'an end of what began last')
        claim((lastEnd.get(key) ?? 0) <= event.ts!, 'an end after the one before it')
        lastEnd.set(key, event.ts!)
      }
    }
    return faults
  })
  const unended = [...open].filter(([, stack]) => stack.length > 0).map(([key]) => `${key}: an end`)
  return [...faults, ...unended]
}

describe('the Chrome trace', () => {
  it('keeps to the format, whatever the records are, and every begin has an end', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), (records) => {
        const { traceEvents } = writeChromeTrace(records)
        expect(findFaults(traceEvents)).toEqual([])
        const count = (ph: string) => traceEvents.filter((event) => event.ph === ph).length
        expect(count('b')).toBe(count('e'))
      }),
    )
  })

  it('has a process a tab, a thread a client, and what is inside of a flight under its id', () => {
    const { traceEvents } = writeChromeTrace(claimWait())
    const names = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args?.['name'])
    expect(names).toEqual(['Tab A', 'Tab B'])
    const refresh = traceEvents.find(({ name, ph }) => name === 'refresh: rotated' && ph === 'b')!
    const request = traceEvents.find(({ name, ph }) => name.startsWith('POST token') && ph === 'b')!
    expect(request.id).toBe(refresh.id)
  })

  it('nests what lies in a flight below it, and gives an id of its own to what outlasts it', () => {
    const [refresh, request] = flight({ at: 0, lasting: 100 })
    const early = { ...request!, id: 'a'.repeat(16), startedAt: noon + 10, endedAt: noon + 50 }
    const late = { ...request!, id: 'b'.repeat(16), startedAt: noon + 40, endedAt: noon + 130 }
    const { traceEvents } = writeChromeTrace([late, early, refresh!])
    expect(findFaults(traceEvents)).toEqual([])
    const spans = traceEvents.filter(({ ph }) => ph !== 'M')
    const inFlight = spans.filter(({ id }) => id === refresh!.id)
    expect(inFlight.map(({ ph, ts }) => `${ph} ${ts! / 1000 - noon}`)).toEqual(['b 0', 'b 10', 'e 50', 'e 100'])
    expect(spans.length).toBe(6)
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
    const ends = writeChromeTrace([...open, ...late]).traceEvents.filter(({ ph }) => ph === 'e')
    expect(ends.every(({ ts }) => ts! <= (noon + 150) * 1000)).toBe(true)
    expect(ends.filter(({ ts }) => ts === (noon + 150) * 1000).length).toBeGreaterThan(2)
  })
})
