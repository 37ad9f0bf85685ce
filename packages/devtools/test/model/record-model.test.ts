import type { AuthRecord } from '@authflight/client'
import { describe, expect, it, vi } from 'vitest'
import { waitLinesOf } from '../../src/model/lanes.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { SpanColumns } from '../../src/model/span-columns.ts'
import { countStats } from '../../src/model/stats.ts'
import {
  claimWait,
  committed,
  discardBySignOut,
  flight,
  mixed,
  noon,
  record,
  seen,
  signedIn,
  storm,
} from '../fixtures.ts'

function modelOf(records: readonly unknown[], options?: { limit: number }): RecordModel {
  const model = new RecordModel(options)
  model.addAll(records)
  model.settle()
  return model
}

/** Five records each, a second apart. */
function flights(count: number): AuthRecord[] {
  return Array.from({ length: count }, (_, index) => flight({ at: index * 1_000, lasting: 100 })).flat()
}

/** The model in plain words, so that two of them can be compared. */
function picture(model: RecordModel): unknown {
  model.settle()
  const ids = (rows: Iterable<number>) => [...rows].map((row) => model.columns.record(row).id).sort()
  return {
    flights: model.flights.all.map((made) => ({
      id: made.id,
      number: made.number,
      waiters: model.flights.waiterCount(made),
      requests: ids(made.requests),
      waits: ids(made.waits),
      discards: ids(made.discards),
      contentions: ids(made.contentions),
    })),
    problems: ids(model.problems),
    groups: model.lanes.groups.map((group) => ({
      lanes: group.lanes.map((lane) => `${lane.tab} ${waitLinesOf(lane)}`).toSorted(),
      storage: ids(group.storage.rows.subarray(0, group.storage.size)),
      events: ids(group.events.rows.subarray(0, group.events.size)),
      generations: group.sessions.map((session) => session.generations),
    })),
  }
}

describe('a flight', () => {
  it('shows 999 waiters though 32 waits and one aggregate are recorded', () => {
    const model = modelOf(storm())
    const [only] = model.flights.all
    expect(model.flights.all).toHaveLength(1)
    expect(only!.waits).toHaveLength(32)
    expect(model.flights.aggregated(only!)).toBe(967)
    expect(model.flights.waiterCount(only!)).toBe(999)
  })

  it('adds up the waits that were summed up at several times, and knows the longest of all', () => {
    const [refresh] = flight({ at: 0, lasting: null })
    const summed = (at: number, count: number, longest: number) =>
      record('authflight.record.waits', at, 0, {
        attributes: {
          'flight.id': String(refresh!.attributes['authflight.flight.id']),
          'wait.count': count,
          'wait.max': longest,
        },
      })
    const model = modelOf([refresh, summed(20, 500, 0.9), summed(50, 3, 0.01)])
    const [only] = model.flights.all
    expect(model.flights.waiterCount(only!)).toBe(503)
    expect(model.flights.longestAggregated(only!)).toBe(900)
  })

  it('is open from its start record and ends with its end record, in the same row', () => {
    const model = new RecordModel()
    const [ended] = flight({ at: 0, lasting: 100 })
    const { endedAt: _, ...started } = ended!
    model.add(started)
    const row = model.columns.rowOf(ended!.id)!
    expect(model.columns.endedAt[row]).toBe(Infinity)
    expect([...model.open]).toEqual([row])
    model.add(ended)
    expect(model.columns.endedAt[row]).toBe(noon + 100)
    expect([...model.open]).toEqual([])
    expect(model.columns.size).toBe(1)
  })

  it('does not open again when its start record comes after its end', () => {
    const model = new RecordModel()
    const [ended] = flight({ at: 0, lasting: 100 })
    const { endedAt: _, ...started } = ended!
    model.add(ended)
    model.add(started)
    expect(model.open.size).toBe(0)
  })

  it('cannot be ended by another tab that uses its id', () => {
    const model = new RecordModel()
    const [ended] = flight({ at: 0, lasting: 100 })
    const { endedAt: _, ...started } = ended!
    model.add(started)
    model.add({ ...ended, tab: 'forger' })
    expect(model.open.size).toBe(1)
  })

  it('counts from 1 by start, whoever is heard first', () => {
    const late = flight({ at: 5_000, lasting: 10 })
    const early = flight({ at: 1_000, lasting: 10, tab: 'tab-2', client: 'client-2' })
    const model = modelOf(late)
    model.addAll(early)
    expect(model.flights.all.map(({ number, id }) => [number, id])).toEqual([
      [1, early[0]!.attributes['authflight.flight.id']],
      [2, late[0]!.attributes['authflight.flight.id']],
    ])
  })
})

describe('the order in which records come', () => {
  it.each([
    ['storm', storm],
    ['discard', discardBySignOut],
    ['claim wait', claimWait],
    ['mixed', mixed],
  ])('makes no difference: %s', (_, scene) => {
    const records = scene()
    const oneByOne = new RecordModel()
    for (const made of records) oneByOne.add(made)
    const backwards = new RecordModel()
    for (const made of [...records].reverse()) backwards.add(made)
    const expected = picture(modelOf(records))
    expect(picture(oneByOne)).toEqual(expected)
    expect(picture(backwards)).toEqual(expected)
  })

  it('may repeat itself: a second snapshot changes nothing', () => {
    const model = modelOf(mixed())
    const before = picture(model)
    model.addAll([...model.columns.records])
    expect(picture(model)).toEqual(before)
  })
})

describe('lanes', () => {
  it('are one a client, under the account the session belongs to', () => {
    const model = modelOf(mixed())
    expect(model.lanes.groups.map((group) => group.lanes.map((lane) => lane.tab))).toEqual([['tab-1'], ['tab-2']])
  })

  it('move to their account when it becomes known after the flight', () => {
    const model = new RecordModel()
    model.addAll(flight({ at: 0, lasting: 100, outcome: 'failed', error: 'timeout' }))
    model.addAll(committed(5_000, 2))
    model.settle()
    expect(model.lanes.groups.map((group) => group.key)).toEqual(['a1'])
    expect(model.lanes.groups[0]!.lanes).toHaveLength(1)
  })

  it('of an account have one number from the first session on, also while nobody knew whose it was', () => {
    const failed = (session: string, at: number) =>
      flight({ at, lasting: 10, session, outcome: 'failed', error: 'timeout' })
    const model = modelOf(['s1', 's2', 's3'].flatMap((session, at) => failed(session, at * 100)))
    const numbers = () => model.lanes.groups.map(({ number }) => number)
    expect(numbers()).toEqual([1, 2, 3])
    for (const session of ['s1', 's2']) model.addAll(committed(5_000, 2, { session }))
    model.settle()
    expect(numbers()).toEqual([1, 3])
    model.addAll([
      ...committed(6_000, 2, { session: 's4', account: 'a4' }),
      ...committed(7_000, 2, { session: 's3', account: 'a3' }),
    ])
    model.settle()
    expect(numbers()).toEqual([1, 3, 4])
  })

  it('are named by letter, and numbered where a tab has several clients', () => {
    const model = modelOf([
      ...flight({ at: 0, lasting: 10, tab: 'x', client: 'one' }),
      ...flight({ at: 20, lasting: 10, tab: 'x', client: 'two' }),
      ...flight({ at: 40, lasting: 10, tab: 'y', client: 'three' }),
    ])
    expect([
      model.labels.client('x', 'one'),
      model.labels.client('x', 'two'),
      model.labels.client('y', 'three'),
    ]).toEqual(['Tab A · client 1', 'Tab A · client 2', 'Tab B'])
  })

  it('count no client that did nothing, as the one that strict mode disposes of at once', () => {
    const first = { tab: 'x', client: 'one' }
    const model = modelOf([
      seen(0, 1, first, 'loaded'),
      record('authflight.dispose', 5, 0, first),
      ...flight({ at: 20, lasting: 10, tab: 'x', client: 'two' }),
    ])
    expect(['one', 'two'].map((client) => model.labels.client('x', client))).toEqual(['Tab A', 'Tab A'])
    model.addAll(flight({ at: 40, lasting: 10, tab: 'x', client: 'three' }))
    expect(['one', 'two', 'three'].map((client) => model.labels.client('x', client))).toEqual([
      'Tab A',
      'Tab A · client 1',
      'Tab A · client 2',
    ])
  })

  // Whoever looks at each lane or each name for each record runs out of time.
  it('are found at once among ten thousand', () => {
    const count = 10_000
    const model = modelOf(
      Array.from({ length: count }, (_, index) => record('authflight.refresh', index, 1, { tab: `tab-${index}` })),
    )
    const [group] = model.lanes.groups
    expect(group!.lanes).toHaveLength(count)
    expect(new Set(group!.lanes.map(({ tab }) => model.labels.tab(tab))).size).toBe(count)
  })

  it('are one a client also where names of tabs and clients could be read as one', () => {
    const model = modelOf([
      ...flight({ at: 0, lasting: 10, tab: 'a b', client: 'c' }),
      ...flight({ at: 0, lasting: 10, tab: 'a', client: 'b c' }),
    ])
    expect(model.lanes.groups[0]!.lanes).toHaveLength(2)
  })

  it('stack flights that overlap', () => {
    const model = modelOf([
      ...flight({ at: 0, lasting: 100 }),
      ...flight({ at: 50, lasting: 100 }),
      ...flight({ at: 200, lasting: 5 }),
    ])
    expect(model.lanes.groups[0]!.lanes[0]!.flights.map((track) => track.size)).toEqual([2, 1])
  })
})

describe('generations', () => {
  it('begin at the commit, die at their expiry, and are told once by all tabs', () => {
    const model = modelOf(claimWait())
    const generations = model.sessions.of('s1').generations
    expect(generations.map(({ revision, from, expiresAt }) => [revision, from - noon, expiresAt - noon])).toEqual([
      [1, 0, 30_000],
      [2, 34_159, 64_159],
    ])
  })

  it('die earlier when the store says so later', () => {
    const model = modelOf([...signedIn(0), seen(9_000, 1, { tab: 'tab-1', client: 'client-1' }, 'foreign', 0)])
    expect(model.sessions.of('s1').generations).toMatchObject([{ from: noon, expiresAt: noon + 9_000 }])
  })

  it('end with the session, and the reason is kept', () => {
    const model = modelOf(discardBySignOut())
    expect(model.sessions.of('s1')).toMatchObject({ endedAt: noon + 33_599, endReason: 'user', timers: new Map() })
  })

  it('begin where a tab that loaded them says, when nobody saw the commit', () => {
    const model = modelOf([seen(100, 7, {}, 'loaded', 12)])
    expect(model.sessions.of('s1').generations).toMatchObject([
      { revision: 7, from: noon + 100, expiresAt: noon + 12_100 },
    ])
  })
})

describe('problems', () => {
  it('are discards, rejections, failures and lost sessions, in order of time', () => {
    const end = record('authflight.session_end', 400, 0, {
      attributes: { 'session_end.reason': 'rejected', 'session.id': 's1' },
    })
    const model = modelOf([
      end,
      ...flight({ at: 300, lasting: 90, outcome: 'rejected', status: 400, error: 'invalid_grant' }),
      ...flight({ at: 0, lasting: 90 }),
      ...flight({ at: 100, lasting: 90, outcome: 'discarded', discard: 'replaced' }),
      ...flight({ at: 200, lasting: 90, outcome: 'failed', status: 500, error: 'server_error' }),
    ])
    expect(model.problems.map((row) => model.columns.startedAt[row]! - noon)).toEqual([100, 200, 300, 400])
  })

  it('are not a claim that was waited for, nor a sign-out that the user wanted', () => {
    expect(modelOf(claimWait()).problems).toEqual([])
    const end = record('authflight.session_end', 0, 0, {
      attributes: { 'session_end.reason': 'user', 'session.id': 's1' },
    })
    expect(modelOf([end]).problems).toEqual([])
  })
})

describe('bounds', () => {
  it('evicts the oldest flights whole, and counts on', () => {
    const records = Array.from({ length: 100 }, (_, index) =>
      flight({ at: index * 1_000, lasting: 100, waiters: 5 }),
    ).flat()
    const model = new RecordModel({ limit: 300 })
    for (const made of records) model.add(made)
    model.settle()
    expect(model.columns.size).toBeLessThanOrEqual(300)
    expect(model.evicted + model.columns.size).toBe(records.length)
    expect(model.flights.all.at(-1)!.number).toBe(100)
    for (const { requests, waits } of model.flights.all) expect([requests.length, waits.length]).toEqual([1, 5])
  })

  it('holds its limit also when nothing ever ends', () => {
    const model = new RecordModel({ limit: 100 })
    for (let index = 0; index < 400; index++) model.addAll(flight({ at: index, lasting: null }))
    expect(model.columns.size).toBeLessThanOrEqual(100)
  })

  it('makes room by a little with each record that comes, in no frame by all', () => {
    const put = vi.spyOn(SpanColumns.prototype, 'put')
    const model = new RecordModel({ limit: 1_600 })
    let most = 0
    for (const made of flights(330)) {
      put.mockClear()
      model.add(made)
      most = Math.max(most, put.mock.calls.length)
    }
    put.mockRestore()
    expect(model.evicted).toBeGreaterThan(0)
    expect(most).toBeLessThan(100)
  })

  it('makes room by a little also where part of it never ends', () => {
    const put = vi.spyOn(SpanColumns.prototype, 'put')
    const model = new RecordModel({ limit: 1_600 })
    let most = 0
    for (let at = 0; at < 1_200; at++) {
      for (const made of flight({ at: at * 1_000, lasting: at % 10 === 0 ? null : 100 })) {
        put.mockClear()
        model.add(made)
        most = Math.max(most, put.mock.calls.length)
      }
      expect(model.columns.size).toBeLessThanOrEqual(1_600)
    }
    put.mockRestore()
    expect(model.evicted).toBeGreaterThan(1_600)
    expect(most).toBeLessThan(300)
  })

  it('holds its limit also where late records make it begin anew all the while, which costs less than to put them in order', () => {
    const put = vi.spyOn(SpanColumns.prototype, 'put')
    const model = new RecordModel({ limit: 640 })
    let [moved, ordered] = [0, 0]
    const count = (work: () => void) => {
      put.mockClear()
      work()
      return put.mock.calls.length
    }
    for (let at = 0; at < 400; at++) {
      // The refresh comes last, so that all that belongs to it has another place.
      for (const made of flight({ at: at * 1_000, lasting: 100 }).reverse()) moved += count(() => model.add(made))
      ordered += count(() => model.settle())
      expect(model.columns.size).toBeLessThanOrEqual(640)
    }
    put.mockRestore()
    expect(model.evicted).toBeGreaterThan(1_000)
    expect(moved).toBeLessThan(ordered)
  })

  it.each([
    ['ends', (model: RecordModel, open: AuthRecord) => model.add({ ...open, endedAt: noon + 99_999 })],
    ['is cut off', (model: RecordModel, open: AuthRecord) => model.silence(open.tab, noon + 99_999)],
  ])('shows what comes while it makes room: what was open %s', (_, close) => {
    const model = new RecordModel({ limit: 640 })
    const [open] = flight({ at: 0, lasting: null, tab: 'tab-2', client: 'client-2' })
    model.add(open)
    for (const made of flights(130)) {
      model.add(made)
      if (model.columns.size === 575 && model.evicted === 0) close(model, open!)
    }
    model.settle()
    expect(model.evicted).toBeGreaterThan(0)
    expect(model.columns.endedAt[model.columns.rowOf(open!.id)!]).toBe(noon + 99_999)
    expect(model.open.size).toBe(0)
    const alike = new RecordModel()
    alike.addAll([...model.columns.records])
    alike.silence(open!.tab, noon + 99_999)
    const first = model.flights.all[0]!.number
    for (const each of model.flights.all) each.number += 1 - first
    expect(picture(model)).toEqual(picture(alike))
  })

  it('drops and counts what is no record', () => {
    const model = modelOf([null, 'x', { v: 1 }, ...signedIn(0)])
    expect(model.malformed).toBe(3)
    expect(model.columns.size).toBe(3)
  })

  it('forgets what has ended when cleared, and a snapshot does not bring it back', () => {
    const model = modelOf(storm())
    const open = flight({ at: 34_200, lasting: null })
    model.addAll(open)
    model.clear(noon + 35_000)
    expect(model.columns.size).toBe(open.length)
    model.addAll(storm())
    expect(model.flights.all).toHaveLength(1)
  })
})

it('shows what a tab had open as ended when the tab falls silent', () => {
  const model = new RecordModel()
  model.addAll([...flight({ at: 0, lasting: null, tab: 'tab-2' }), ...flight({ at: 10, lasting: null })])
  model.silence('tab-2', noon + 500)
  expect([...model.open].every((row) => model.columns.record(row).tab === 'tab-1')).toBe(true)
  const gone = model.flights.all.find(({ row }) => model.columns.record(row).tab === 'tab-2')!
  expect(model.columns.endedAt[gone.row]).toBe(noon + 500)
})

it('tells its listeners once a batch, and no longer after they left', () => {
  const model = new RecordModel()
  const listener = vi.fn<() => void>()
  const stop = model.subscribe(listener)
  model.addAll(storm())
  expect(listener).toHaveBeenCalledTimes(1)
  stop()
  model.add(signedIn(0)[0])
  expect(listener).toHaveBeenCalledTimes(1)
})

it('counts flights, shared callers, times, waiters, discards and contentions', () => {
  const stats = countStats(
    modelOf([
      ...claimWait(),
      ...flight({ at: 60_000, lasting: 40, outcome: 'discarded', discard: 'cleared', status: 429 }),
    ]),
  )
  expect(stats).toMatchObject({
    flights: 3,
    waiters: 15,
    shared: 15 / 18,
    p50: 160,
    p95: 170,
    discards: 1,
    outcomes: [
      ['rotated', 1],
      ['adopted', 1],
      ['discarded', 1],
    ],
    discardReasons: [['cleared', 1]],
    contentionKinds: [['claim_wait', 1]],
    durations: Float64Array.of(40, 160, 170),
    contentions: 1,
    busy: 1,
  })
})

it('shows a contention without a flight among the marks of the page', () => {
  const attributes = {
    'contention.kind': 'lost_race',
    'contention.scope': 'origin',
    'contention.resolution': 'adopted',
  }
  const model = modelOf([record('authflight.contention', 0, 3, { attributes })])
  expect(model.lanes.page.size).toBe(1)
  expect(model.problems).toEqual([])
})

it('tells of the end of a session the same in whatever order the tabs tell of it', () => {
  const end = (tab: string, at: number) =>
    record('authflight.session_end', at, 0, {
      tab,
      attributes: { 'session_end.reason': 'replaced', 'session.id': 's1' },
    })
  const [doer, follower] = [end('tab-2', 10), end('tab-1', 30)]
  for (const order of [
    [doer, follower],
    [follower, doer],
  ]) {
    const model = new RecordModel()
    for (const each of order) model.add(each)
    expect(model.sessions.all.get('s1')).toMatchObject({ endReason: 'replaced', endRecord: doer.id })
  }
})

it('takes of earlier visits what is of tabs that nobody has told of: others are on a clock that was brought in line', () => {
  const model = new RecordModel()
  const other = flight({ at: 1_000, lasting: null, tab: 'tab-2', client: 'client-2' })
  model.addAll(other, -250)
  const gone = signedIn(0, { tab: 'tab-3', client: 'client-3' })
  expect(model.addEarlier([...gone, ...other])).toEqual(gone)
  model.settle()
  const [only] = model.flights.all
  expect(model.columns.startedAt[only!.row]).toBe(noon + 1_000 - 250)
  expect(model.labels.tab('tab-3')).toBe('Tab A')
})

describe('a refresh that was refused and the end that came of it are one problem', () => {
  const [refresh] = flight({ at: 0, lasting: 90, outcome: 'rejected', status: 400, error: 'invalid_grant' })
  const { endedAt: _, attributes, ...started } = refresh!
  const { 'authflight.refresh.outcome': __, ...asked } = attributes
  const open = { ...started, attributes: asked }
  const end = (parentId?: string) =>
    record('authflight.session_end', 80, 0, {
      ...(parentId && { parentId }),
      attributes: { 'session.id': 's1', 'session_end.reason': 'rejected' },
    })
  const problemsOf = (...records: AuthRecord[]) => {
    const model = new RecordModel()
    for (const each of records) model.add(each)
    return model.problems.map((row) => model.columns.record(row).name)
  }

  it('in whatever order they come', () => {
    const its = end(refresh!.id)
    for (const records of [
      [open, its, refresh!],
      [refresh!, its],
      [its, refresh!],
    ])
      expect(problemsOf(...records)).toEqual(['authflight.refresh'])
  })

  it('but not while it is under way, nor with an end of another', () => {
    expect(problemsOf(open, end(refresh!.id))).toEqual(['authflight.session_end'])
    expect(problemsOf(end(), refresh!)).toHaveLength(2)
    expect(problemsOf(end('0000000000000001'), refresh!)).toHaveLength(2)
  })
})
