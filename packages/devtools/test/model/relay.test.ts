import type { AuthRecord, RecordSource } from '@authflight/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describe as describeRow } from '../../src/model/describe.ts'
import { parseFilter } from '../../src/model/filter.ts'
import type { Flight } from '../../src/model/flights.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { readOtherTabs, type RelayChannel, shareRecords } from '../../src/model/relay.ts'
import { readSources } from '../../src/model/sources.ts'
import { countStats } from '../../src/model/stats.ts'
import { composeHeadline } from '../../src/verdicts/headline.ts'
import { flight, hookOf, noon, record, signedIn, sourceOf, storm } from '../fixtures.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Listener = (event: { data: unknown }) => void

/** Channels of one name: what one says, all others hear, as a copy. */
function network(): {
  open: () => RelayChannel
  said: { type: string; records?: AuthRecord[] }[]
  countOpen: () => number
} {
  const ends = new Set<{ listeners: Set<Listener> }>()
  const said: { type: string; records?: AuthRecord[] }[] = []
  const open = (): RelayChannel => {
    const end = { listeners: new Set<Listener>() }
    ends.add(end)
    return {
      postMessage(message) {
        said.push(structuredClone(message) as { type: string })
        for (const other of ends) {
          if (other !== end) for (const listener of other.listeners) listener({ data: structuredClone(message) })
        }
      },
      addEventListener: (_, listener) => void end.listeners.add(listener),
      removeEventListener: (_, listener) => void end.listeners.delete(listener),
      close: () => void ends.delete(end),
    }
  }
  return { open, said, countOpen: () => ends.size }
}

const now = () => noon

describe('between two tabs', () => {
  it('a panel that opens late is told all that the other tab holds', () => {
    const { open } = network()
    shareRecords({ hook: hookOf(sourceOf(storm())), open, now })
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    expect(model.columns.size).toBe(storm().length)
    expect(model.flights.all).toHaveLength(1)
  })

  it('new records follow in one message per 50 ms', () => {
    const { open, said } = network()
    const source = sourceOf([])
    shareRecords({ hook: hookOf(source), open, now })
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    said.length = 0
    for (const made of signedIn(0)) source.push(made)
    expect(said).toEqual([])
    vi.advanceTimersByTime(50)
    expect(said.map(({ type, records }) => [type, records?.length])).toEqual([['delta', 3]])
    expect(model.columns.size).toBe(3)
  })

  it('a tab that begins to share after the panel opened is heard', () => {
    const { open } = network()
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    shareRecords({ hook: hookOf(sourceOf(storm())), open, now })
    expect(model.flights.all).toHaveLength(1)
  })

  it('nothing is passed on that came from another tab', () => {
    const { open, said } = network()
    shareRecords({ hook: hookOf(sourceOf(storm())), open, now })
    const model = new RecordModel()
    shareRecords({ hook: hookOf(), open, now })
    readOtherTabs(model, { open, now })
    const speakers = said
      .filter(({ records }) => records !== undefined && records.length > 0)
      .map((message) => (message as { from?: string }).from)
    expect(new Set(speakers).size).toBe(1)
  })

  it('lanes line up: times of a tab whose clock is ahead are moved back', () => {
    const { open } = network()
    shareRecords({ hook: hookOf(sourceOf(storm())), open, now: () => noon + 250 })
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    const [only] = model.flights.all
    expect(model.columns.startedAt[only!.row]).toBe(noon + 34_000 - 250)
  })

  it('open operations of a tab that says goodbye are shown as ended', () => {
    const { open } = network()
    const stop = shareRecords({
      hook: hookOf(sourceOf(flight({ at: 0, lasting: null }))),
      open,
      now: () => noon,
    })
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    expect(model.open.size).toBe(2)
    stop()
    expect(model.open.size).toBe(0)
  })

  it('what was shown as ended is under way again where its tab shares once more', () => {
    const { open } = network()
    const hook = hookOf(sourceOf(flight({ at: 0, lasting: null })))
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    shareRecords({ hook, open, now })()
    expect(model.open.size).toBe(0)
    shareRecords({ hook, open, now })
    expect(model.open.size).toBe(2)
    model.settle()
    expect(model.flights.all).toHaveLength(1)
  })

  it('the panel of a tab that was heard of hundreds of times hears the next one too', () => {
    const { open } = network()
    const model = new RecordModel()
    readOtherTabs(model, { open, now })
    const channel = open()
    for (let count = 0; count < 300; count += 1)
      channel.postMessage({ v: 1, type: 'delta', from: `reload-${count}`, sentAt: noon, records: [] })
    shareRecords({ hook: hookOf(sourceOf(storm())), open, now })
    expect(model.flights.all).toHaveLength(1)
  })

  it('a page that is left holds no channel open, and is heard and hears again when it comes back', () => {
    const page = new EventTarget()
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const { open, countOpen } = network()
    const source = sourceOf(storm())
    const model = new RecordModel()
    const stops = [shareRecords({ hook: hookOf(source), open, now }), readOtherTabs(model, { open, now })]
    expect(countOpen()).toBe(2)
    page.dispatchEvent(new Event('pagehide'))
    expect(countOpen()).toBe(0)
    for (const made of flight({ at: 60_000, lasting: 90 })) source.push(made)
    page.dispatchEvent(new Event('pageshow'))
    page.dispatchEvent(new Event('pageshow'))
    expect(countOpen()).toBe(2)
    expect(model.flights.all).toHaveLength(2)
    for (const stop of stops) stop()
    page.dispatchEvent(new Event('pageshow'))
    expect(countOpen()).toBe(0)
    vi.unstubAllGlobals()
  })

  describe('a tab that is gone without a word', () => {
    /** A tab with a refresh under way, whose end of the channel can be cut. */
    function meetTab() {
      const { open, said } = network()
      const channel = open()
      let time = noon
      shareRecords({ hook: hookOf(sourceOf(flight({ at: 0, lasting: null }))), open: () => channel, now: () => time })
      const model = new RecordModel()
      const stop = readOtherTabs(model, { open, now: () => time })
      const pass = (ms: number) => {
        vi.advanceTimersByTime(ms)
        time += ms
      }
      return { model, said, channel, open, stop, pass, now: () => time }
    }

    it('is shown with its refresh cut off where it was heard last', () => {
      const { model, channel, pass } = meetTab()
      for (let pings = 0; pings < 3; pings++) pass(5_000)
      channel.close()
      pass(5_000)
      expect(model.open.size).toBe(2)
      pass(5_000)
      expect(model.open.size).toBe(0)
      const [{ row }] = model.flights.all as [Flight]
      expect(model.columns.endedAt[row]).toBe(noon + 10_000)
      expect(describeRow(model, row)).toMatchObject({
        outcome: 'cut off',
        tone: 'left',
        spoken: expect.stringContaining('cut off'),
      })
      expect(composeHeadline(model).sentence).toBe('Refresh #1 was cut off with its tab.')
      expect(countStats(model).outcomes).toEqual([['cut off', 1]])
      expect(parseFilter('outcome:cut').test!(model, row)).toBe(true)
    })

    it('is not one that answers, if only with nothing', () => {
      const { model, pass, said } = meetTab()
      for (let pings = 0; pings < 20; pings++) pass(5_000)
      expect(model.open.size).toBe(2)
      expect(said.filter(({ type }) => type === 'snapshot')).toHaveLength(1)
    })

    it('is under way again where it was only asleep', () => {
      const { model, channel, open, pass, now } = meetTab()
      channel.close()
      pass(5_000)
      pass(5_000)
      expect(model.open.size).toBe(0)
      shareRecords({ hook: hookOf(sourceOf(model.columns.records)), open, now })
      expect(model.open.size).toBe(2)
    })

    it('is not looked for while nothing is under way, nor by a panel that is closed', () => {
      const { model, said, stop, pass, now } = meetTab()
      model.silence('tab-1', now())
      said.length = 0
      pass(20_000)
      model.addAll(flight({ at: 0, lasting: null, tab: 'here' }))
      stop()
      pass(20_000)
      expect(said).toEqual([])
    })
  })

  it('a panel that stopped reading hears no more', () => {
    const { open } = network()
    const source = sourceOf([])
    shareRecords({ hook: hookOf(source), open, now })
    const model = new RecordModel()
    readOtherTabs(model, { open, now })()
    source.push(signedIn(0)[0]!)
    vi.advanceTimersByTime(50)
    expect(model.columns.size).toBe(0)
  })
})

describe('forged messages', () => {
  function listen(local: RecordSource[] = []): {
    model: RecordModel
    say: (message: unknown) => void
    greeting: { from: string }
  } {
    const { open, said } = network()
    const model = new RecordModel()
    readSources(model, hookOf(...local))
    readOtherTabs(model, { open, now })
    const channel = open()
    return { model, say: (message) => channel.postMessage(message), greeting: said[0] as unknown as { from: string } }
  }

  const snapshot = (to: string, records: unknown) => ({
    v: 1,
    type: 'snapshot',
    from: 'forger',
    to,
    askedAt: noon,
    sentAt: noon,
    records,
  })

  const flaws: readonly Record<string, unknown>[] = [
    { v: 2 },
    { v: '1' },
    { from: '' },
    { from: 7 },
    { from: 'x'.repeat(65) },
    { sentAt: 'now' },
    { sentAt: NaN },
    { askedAt: 'now' },
    { askedAt: undefined },
    { type: 'toast' },
    { type: 'hello' },
    { type: 'ping' },
    { type: 'constructor' },
    { records: { 0: record('authflight.refresh', 0, 10), length: 1 } },
    { records: JSON.stringify([record('authflight.refresh', 0, 10)]) },
  ]

  it.each(flaws)('change nothing, though all but this is right and they hold a record: %j', (flaw) => {
    const { model, say, greeting } = listen()
    const right = snapshot(greeting.from, [record('authflight.refresh', 0, null)])
    say({ ...right, ...flaw })
    expect([model.columns.size, model.malformed]).toEqual([0, 0])
    say(right)
    expect(model.columns.size).toBe(1)
  })

  it.each([{ sentAt: 'now' }, { v: 2 }, { records: null }, { type: 'bye' }])(
    'change nothing after a right greeting: %j',
    (flaw) => {
      const { model, say, greeting } = listen()
      say(snapshot(greeting.from, []))
      const right = {
        v: 1,
        type: 'delta',
        from: 'forger',
        sentAt: noon,
        records: [record('authflight.refresh', 0, 10)],
      }
      say({ ...right, ...flaw })
      expect([model.columns.size, model.malformed]).toEqual([0, 0])
      say(snapshot(greeting.from, []))
      say(right)
      expect(model.columns.size).toBe(1)
    },
  )

  it('change nothing where they are none, whatever is in them', () => {
    const { model, say, greeting } = listen()
    const right = snapshot(greeting.from, [record('authflight.refresh', 0, 10)])
    for (const message of [null, 'hello', 42, {}, [right], right.records, JSON.stringify(right)]) say(message)
    expect([model.columns.size, model.malformed]).toEqual([0, 0])
  })

  it('with wrong records are dropped and counted, right ones beside them are shown', () => {
    const { model, say, greeting } = listen()
    say(snapshot(greeting.from, [null, { tab: 'x' }, ...signedIn(0)]))
    expect([model.columns.size, model.malformed]).toEqual([3, 2])
  })

  it('meant for another panel are not read', () => {
    const { model, say } = listen()
    say(snapshot('somebody else', signedIn(0)))
    expect(model.columns.size).toBe(0)
  })

  it('cannot speak for this tab', () => {
    const { model, say, greeting } = listen([sourceOf([], 'tab-1')])
    say(
      snapshot(greeting.from, [
        record('authflight.refresh', 0, 10, { tab: 'tab-1' }),
        record('authflight.refresh', 0, 10, { tab: 'tab-9' }),
      ]),
    )
    expect(model.columns.records.map(({ tab }) => tab)).toEqual(['tab-9'])
  })
})
