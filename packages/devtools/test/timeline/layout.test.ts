import type { AuthRecord } from '@authflight/client'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import type { DrawItem } from '../../src/timeline/display-list.ts'
import { fillStrip, type Scene } from '../../src/timeline/draw-lane.ts'
import { hitTest, itemOf } from '../../src/timeline/hit.ts'
import { arrangeRows } from '../../src/timeline/lane-rows.ts'
import { layOut } from '../../src/timeline/layout.ts'
import {
  claimWait,
  committed,
  discardBySignOut,
  event,
  flight,
  mixed,
  noon,
  record,
  signedIn,
  storm,
} from '../fixtures.ts'

const all = { top: 0, bottom: 100_000 }

/** A scene of 1,000 pixels from `from` to `to`, in milliseconds after noon. */
function sceneOf(records: readonly unknown[], from: number, to: number, now = to): Scene {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return { model, scale: { from: noon + from, to: noon + to, width: 1_000 }, now: noon + now }
}

function draw(scene: Scene): DrawItem[] {
  return [...layOut(scene, arrangeRows(scene.model).rows, all).items]
}

function only<Type extends DrawItem['type']>(
  items: readonly DrawItem[],
  type: Type,
): Extract<DrawItem, { type: Type }>[] {
  return items.filter((item): item is Extract<DrawItem, { type: Type }> => item.type === type)
}

describe('a storm', () => {
  const items = draw(sceneOf(storm(), 34_000, 34_200))

  it('is one flight bar, as long as it took, with its request inside', () => {
    const [refresh, request, ...rest] = only(items, 'bar')
    expect(rest).toEqual([])
    expect(refresh).toMatchObject({ x: 0, width: 590, tone: 'good', shape: 'flight', open: false, struck: false })
    expect(refresh!.label).toBe('#1 gen 1 → 2 rotated · ×999')
    expect(request).toMatchObject({ x: 20, width: 540, tone: 'request', shape: 'nested', label: 'POST token 200' })
    expect(request!.y).toBeGreaterThan(refresh!.y)
  })

  it('folds its waiters into one bar that ends with the flight', () => {
    const [fold] = only(items, 'fold')
    expect(fold).toMatchObject({ x: 5, width: 585, label: '×999 waiters · longest 117 ms' })
    expect(fold!.joins).toHaveLength(32)
    expect(only(items, 'fan')).toMatchObject([{ x: 590 }])
  })

  it('keeps the words of the request off the line where the waiters are let go', () => {
    const [refresh, request] = only(items, 'bar')
    expect([refresh!.gap, request!.gap]).toEqual([0, 30])
    const alone = only(draw(sceneOf(flight({ at: 0, lasting: 100 }), 0, 200)), 'bar')
    expect(alone.map(({ gap }) => gap)).toEqual([0, 0])
  })

  it('stands under a ribbon: the old generation expired until the new one began', () => {
    expect(
      only(items, 'generation').map(({ revision, expired, x, width }) => [revision, expired, x, x + width]),
    ).toEqual([
      [1, true, -4, 585],
      [2, false, 585, 1_004],
    ])
  })
})

describe('a discard', () => {
  const items = draw(sceneOf(discardBySignOut(), 32_500, 35_000))

  it('strikes out the flight and says why', () => {
    const [refresh] = only(items, 'bar')
    expect(refresh).toMatchObject({ tone: 'discarded', struck: true, label: '#1 gen 1 discarded · signed out · ×2' })
    expect(only(items, 'bar').map(({ label }) => label)).toContain('discarded: signed out')
  })

  it('draws up to four waiters one by one', () => {
    expect(only(items, 'bar').filter(({ shape }) => shape === 'wait')).toHaveLength(2)
    expect(only(items, 'fold')).toEqual([])
  })

  it('ends the ribbon where the session ended', () => {
    const [expired] = only(items, 'generation')
    expect(expired!.x + expired!.width).toBeCloseTo(439.6)
  })
})

it('puts who is signed in above who was, and of each the newest above the others', () => {
  const who = (number: number) => ({ session: `s${number}`, account: `a${number}` })
  const end = (at: number, number: number) => event(at, 'SIGNED_OUT', who(number), 'user')
  const { model } = sceneOf(
    [...[1, 2, 3, 4].flatMap((number) => signedIn(number * 1_000, who(number))), end(5_000, 2), end(6_000, 4)],
    0,
    10_000,
  )
  const { rows } = arrangeRows(model)
  expect(rows.filter(({ kind }) => kind === 'ribbon').map(({ group }) => group?.number)).toEqual([3, 1, 4, 2])
})

it('puts lanes by tab between the ribbons and what was stored, where that is asked for', () => {
  const bob = { session: 's2', account: 'a2' }
  const { model } = sceneOf([...mixed(), ...flight({ at: 126_000, lasting: 90, revision: 2, ...bob })], 0, 200_000)
  const lines = (grouping: 'account' | 'tab') =>
    arrangeRows(model, grouping).rows.map((row) =>
      [row.kind, row.group?.number, row.kind === 'lane' && row.lane.tab].filter(Boolean).join(' '),
    )
  const stored = ['storage 2', 'events 2', 'storage 1', 'events 1']
  const [storage, events, ...theirs] = stored
  const newest = ['ribbon 2', 'lane 2 tab-2', 'lane 2 tab-1', storage, events]
  expect(lines('account')).toEqual([...newest, 'ribbon 1', 'lane 1 tab-1', ...theirs, 'page'])
  const byTab = ['ribbon 2', 'ribbon 1', 'lane 2 tab-1', 'lane 1 tab-1', 'lane 2 tab-2']
  expect(lines('tab')).toEqual([...byTab, ...stored, 'page'])
  const { rows, height } = arrangeRows(model, 'tab')
  for (const [at, row] of rows.entries())
    expect(row.y).toBeGreaterThanOrEqual(at === 0 ? 0 : rows[at - 1]!.y + rows[at - 1]!.height)
  expect(height).toBe(rows.at(-1)!.y + rows.at(-1)!.height)
})

it('nests what a store took in the flight that waited for it, as long as it took, and marks what belongs to none', () => {
  const all = flight({ at: 0, lasting: 100 })
  const { id: parentId, traceId } = all[0]!
  const attributes = { 'storage.operation': 'transact', 'storage.type': 'indexeddb', 'storage.result': 'done' }
  const claimed = record('authflight.storage', 0, 4, { parentId, traceId, attributes })
  const landed = record('authflight.storage', 95, 5, {
    parentId,
    traceId,
    attributes: { ...attributes, 'storage.result': 'failed' },
  })
  const signedOut = record('authflight.storage', 150, 30, { attributes })
  // As a file has them that was written when they ended.
  const items = draw(sceneOf([claimed, landed, ...all, signedOut], 0, 200))
  const stored = only(items, 'bar').filter(({ shape, tone }) => shape === 'nested' && tone !== 'request')
  expect(stored).toMatchObject([
    { x: 0, width: 20, shape: 'nested', tone: 'mark' },
    { x: 475, width: 25, shape: 'nested', tone: 'request_failed' },
  ])
  expect(only(items, 'mark').map(({ label }) => label)).toContain('storage · A')
})

describe('two tabs that want one token', () => {
  const scene = sceneOf(claimWait(), 33_900, 34_300)
  const items = draw(scene)

  it('have a lane each, the wait for the claim dotted, a bolt at both where they meet', () => {
    const dotted = only(items, 'bar').filter((bar) => bar.dotted)
    expect(dotted).toMatchObject([{ label: 'waited for a claim', x: 290, width: 395 }])
    const flights = only(items, 'bar').filter(({ shape }) => shape === 'flight')
    expect(flights.map(({ tone }) => tone)).toEqual(['good', 'adopted'])
    expect(flights[0]!.y).toBeLessThan(flights[1]!.y)
    expect(only(items, 'bolt')).toHaveLength(2)
  })

  it('share the storage lane: who wrote, who saw', () => {
    const marks = only(items, 'mark').filter(({ glyph }) => ['committed', 'stored'].includes(glyph))
    expect(marks.map(({ glyph, x }) => [glyph, x])).toEqual([
      ['committed', 647.5],
      ['stored', 680],
    ])
  })

  it('are found by the pointer', () => {
    const list = layOut(scene, arrangeRows(scene.model).rows, all)
    const bar = only(items, 'bar')[0]!
    const row = scene.model.columns.rowOf(hitTest(scene.model, list, scene.scale, bar.x + 5, bar.y + 5)!)
    expect(row).toBe(bar.row)
    expect(itemOf(list, bar.row)).toEqual(bar)
    expect(hitTest(scene.model, list, scene.scale, 5, bar.y + 5)).toBeNull()
  })
})

it('marks two flights that meet one generation, though no contention was recorded', () => {
  const meeting = [
    ...flight({ at: 0, lasting: 90 }),
    ...flight({ at: 40, lasting: 90, tab: 'tab-2', client: 'client-2' }),
  ]
  expect(only(draw(sceneOf(meeting, -50, 250)), 'bolt')).toHaveLength(2)
  const apart = [
    ...flight({ at: 0, lasting: 90 }),
    ...flight({ at: 40, lasting: 90, revision: 2 }),
    ...flight({ at: 140, lasting: 9 }),
  ]
  expect(only(draw(sceneOf(apart, -50, 250)), 'bolt')).toEqual([])
})

describe('a refresh that was refused after another had rotated its generation, long before', () => {
  const refused = (at: number, more: Parameters<typeof flight>[0] | object = {}) =>
    flight({ at, lasting: 9, outcome: 'rejected', status: 400, error: 'invalid_grant', ...more })
  const bolts = (...records: AuthRecord[][]) => only(draw(sceneOf(records.flat(), -50, 10_000)), 'bolt').length
  it('is marked with the one that did', () => {
    const failed = flight({ at: 200, lasting: 9, outcome: 'failed', status: 500, error: 'server_error' })
    expect(bolts(flight({ at: 0, lasting: 90 }), failed, refused(5_000, { tab: 'tab-2' }))).toBe(2)
  })
  it('and not where that was another generation, another session, or later, or where the token had stayed the same', () => {
    expect(bolts(flight({ at: 0, lasting: 90 }), refused(5_000, { revision: 2 }))).toBe(0)
    expect(bolts(flight({ at: 0, lasting: 90 }), refused(5_000, { session: 's2' }))).toBe(0)
    expect(bolts(refused(0), flight({ at: 5_000, lasting: 90 }))).toBe(0)
    expect(bolts(flight({ at: 0, lasting: 90, outcome: 'renewed' }), refused(5_000))).toBe(0)
  })
})

it('says of an event in a narrow place what it was, and leaves out where', () => {
  const events = [0, 1_600].map((at) => event(at, 'SIGNED_OUT'))
  const label = (to: number) => only(draw(sceneOf(events, -50, to)), 'mark')[0]!.label
  expect([label(10_000), label(15_500)]).toEqual(['SIGNED_OUT · A', 'SIGNED_OUT'])
})

describe('what is open', () => {
  it('grows until now', () => {
    const records = flight({ at: 1_000, lasting: null, waiters: 5 })
    const width = (now: number) => only(draw(sceneOf(records, 0, 10_000, now)), 'bar')[0]!.width
    expect(width(2_000)).toBe(100)
    expect(width(3_000)).toBe(200)
  })

  it('is marked as open', () => {
    const items = draw(sceneOf(flight({ at: 1_000, lasting: null, waiters: 5 }), 0, 10_000, 3_000))
    expect([...only(items, 'bar'), ...only(items, 'fold')].every((item) => item.open)).toBe(true)
  })
})

describe('the armed timer', () => {
  it('counts down where it will fire, and at the edge when that is out of view', () => {
    expect(only(draw(sceneOf(signedIn(0), 0, 40_000, 4_000)), 'countdown')).toMatchObject([
      { x: 600, label: 'refresh in 20 s', offEdge: false },
    ])
    expect(only(draw(sceneOf(signedIn(0), 0, 10_000, 4_500)), 'countdown')).toMatchObject([
      { x: 1_000, label: 'refresh in 20 s', offEdge: true },
    ])
  })

  describe('where several tabs have one', () => {
    const armed = (at: number, tab: string, seconds: number) =>
      record('authflight.record.timer_armed', at, 0, {
        tab,
        client: `client of ${tab}`,
        attributes: { 'timer.due_in': seconds, 'session.id': 's1' },
      })
    const tabs = [...signedIn(0), armed(1_000, 'tab-2', 9), armed(2_000, 'tab-3', 18)]
    const label = (scene: Scene) => only(draw(scene), 'countdown').map((item) => item.label)

    it('is the one that is due first, whoever armed last', () => {
      expect(label(sceneOf(tabs, 0, 40_000, 4_000))).toEqual(['refresh in 6 s'])
    })

    it('is another as soon as that has fired', () => {
      const fired = record('authflight.record.timer_fired', 3_000, 0, {
        tab: 'tab-2',
        client: 'client of tab-2',
        attributes: { 'session.id': 's1' },
      })
      expect(label(sceneOf([...tabs, fired], 0, 40_000, 4_000))).toEqual(['refresh in 16 s'])
      expect(label(sceneOf(tabs, 0, 40_000, 12_000))).toEqual(['refresh in 8 s'])
    })

    it('is none of a client that was disposed of, nor of a tab that fell silent, until it speaks again', () => {
      const disposed = record('authflight.dispose', 3_000, 0, { tab: 'tab-2', client: 'client of tab-2' })
      const scene = sceneOf([...tabs, disposed], 0, 40_000, 4_000)
      expect(label(scene)).toEqual(['refresh in 16 s'])
      scene.model.silence('tab-3', noon + 3_500)
      expect(label(scene)).toEqual(['refresh in 20 s'])
      scene.model.addAll(flight({ at: 3_600, lasting: null, tab: 'tab-3', client: 'client of tab-3' }))
      expect(label(scene)).toEqual(['refresh in 16 s'])
    })

    it('is none once the session has ended, also where a tab is heard late', () => {
      const end = record('authflight.session_end', 3_000, 0, {
        attributes: { 'session_end.reason': 'user', 'session.id': 's1' },
      })
      const scene = sceneOf([...tabs, end], 0, 40_000, 4_000)
      scene.model.add(armed(2_500, 'tab-4', 30))
      expect(label(scene)).toEqual([])
    })
  })

  it('is gone when it is due', () => {
    expect(only(draw(sceneOf(signedIn(0), 0, 40_000, 24_001)), 'countdown')).toEqual([])
  })
})

/** How often the layout of a scene reads where a span ends. */
function countReads(scene: Scene): number {
  const { columns } = scene.model
  const { endedAt } = columns
  let reads = 0
  columns.endedAt = new Proxy(endedAt, {
    get(target, key) {
      reads++
      return Reflect.get(target, key) as unknown
    },
  })
  try {
    layOut(scene, arrangeRows(scene.model).rows, all)
  } finally {
    columns.endedAt = endedAt
  }
  return reads
}

describe('a hundred thousand spans', () => {
  const records = Array.from({ length: 50_000 }, (_, index) => {
    const failed = index === 31_415
    const [refresh, request] = flight({
      at: index * 20,
      lasting: 14,
      outcome: failed ? 'failed' : 'renewed',
      ...(failed ? { error: 'timeout' } : {}),
    })
    return [refresh!, request!]
  }).flat()
  const scene = sceneOf(records, 0, 1_000_000)

  it('are drawn as one strip a track, not as shapes', () => {
    const list = layOut(scene, arrangeRows(scene.model).rows, all)
    expect(list).toMatchObject({ mode: 'strips', bars: 100_000 })
    expect(only(list.items, 'strip')).toHaveLength(2)
    expect(only(list.items, 'bar')).toEqual([])
  })

  it('keep the one failure visible', () => {
    const [track] = scene.model.lanes.groups[0]!.lanes[0]!.flights
    const pixels = fillStrip(scene, track!)
    const tones = new Set(pixels)
    expect(tones.size).toBe(2)
    expect(pixels[628]).not.toBe(pixels[100])
  })

  it('are found by the pointer inside of a strip', () => {
    const list = layOut(scene, arrangeRows(scene.model).rows, all)
    const [strip] = only(list.items, 'strip')
    const id = hitTest(scene.model, list, scene.scale, 500, strip!.y + 2)
    expect(Math.abs(scene.model.columns.startedAt[scene.model.columns.rowOf(id!)!]! - (noon + 500_000))).toBeLessThan(
      3_000,
    )
  })

  it('cost what is in view: the layout reads pixels, not spans', () => {
    const near = { ...scene, scale: { ...scene.scale, from: noon + 500_000, to: noon + 501_000 } }
    const { endedAt } = scene.model.columns
    const reads = [scene, near].map((shown) => countReads(shown))
    // Of 100,000: so few that a scan of all would show, and more than none.
    expect(reads[0]).toBeLessThan(60_000)
    expect(reads[1]).toBeLessThan(6_000)
    for (const count of reads) expect(count).toBeGreaterThan(100)
    expect(scene.model.columns.endedAt).toBe(endedAt)
  })
})

describe('four thousand generations', () => {
  const end = record('authflight.session_end', 500_060, 0, {
    attributes: { 'session_end.reason': 'rejected', 'session.id': 's2' },
  })
  const records = Array.from({ length: 4_000 }, (_, index) => committed(index * 250, index + 1)).flat()
  const scene = sceneOf([...records, end], 0, 1_000_000)

  it('are drawn as far as they can be told apart', () => {
    const items = draw(scene)
    expect(only(items, 'generation').length).toBeLessThanOrEqual(334)
    expect(only(items, 'generation').length).toBeGreaterThan(300)
    // On two lines: commits and timers.
    expect(only(items, 'mark').length).toBeLessThanOrEqual(2 * 168)
  })

  it('are all there when one comes near', () => {
    const items = draw({ ...scene, scale: { ...scene.scale, from: noon + 500_000, to: noon + 501_000 } })
    expect(only(items, 'generation').map(({ revision, x, width }) => [revision, x, width])).toEqual([
      [2_000, -4, 4],
      [2_001, 0, 250],
      [2_002, 250, 250],
      [2_003, 500, 250],
      [2_004, 750, 250],
      [2_005, 1_000, 4],
    ])
  })

  it('hide no end of a session among their marks', () => {
    const crowd = Array.from({ length: 100 }, (_, index) => committed(500_000 + index, index + 1)).flat()
    const ended = record('authflight.session_end', 500_099, 0, {
      attributes: { 'session_end.reason': 'rejected', 'session.id': 's1' },
    })
    const marks = only(draw(sceneOf([...crowd, ended], 0, 1_000_000)), 'mark')
    expect(marks.map(({ glyph }) => glyph)).toContain('end')
  })
})

it('leaves out lines that are scrolled away', () => {
  const tabs = Array.from({ length: 40 }, (_, index) =>
    flight({ at: index, lasting: 50, tab: `tab-${index}`, client: `c-${index}` }),
  ).flat()
  const scene = sceneOf(tabs, 0, 100)
  const rows = arrangeRows(scene.model)
  const inView = layOut(scene, rows.rows, { top: 0, bottom: 200 })
  expect(only(inView.items, 'bar').length).toBeLessThan(20)
  expect(only(layOut(scene, rows.rows, all).items, 'bar').length).toBe(80)
})

it('merges instants that fall on one spot into the weightiest', () => {
  const timer = record('authflight.record.timer_armed', 100, 0, {
    attributes: { 'timer.due_in': 5, 'session.id': 's1' },
  })
  const out = record('authflight.record.event', 100, 0, {
    attributes: { 'event.name': 'SIGNED_OUT', 'session.id': 's1' },
  })
  const marks = only(draw(sceneOf([timer, out], 0, 60_000)), 'mark')
  expect(marks).toMatchObject([{ glyph: 'end', label: 'SIGNED_OUT · A' }])
})

it('leaves out the words of an instant that would run into the next, in capitals too', () => {
  const labels = (apart: number) => {
    const items = draw(sceneOf([event(100, 'TOKEN_REFRESHED'), event(100 + apart, 'SIGNED_OUT', {}, 'user')], 0, 1_000))
    return only(items, 'mark').map(({ label }) => label)
  }
  // As wide as the browser draws it, with its glyph and a little air.
  expect(labels(150)[0]).toBe('TOKEN_REFRESHED')
  expect(labels(130)[0]).toBe('')
})

it('stands with a short countdown beside the ribbon that is shown whole, and with the long one where there is room', () => {
  const records = signedIn(0)
  const countdown = (to: number) => only(draw(sceneOf(records, 0, to, 10_000)), 'countdown')
  expect(countdown(10_500)).toMatchObject([{ label: '14 s', offEdge: true }])
  expect(countdown(12_000)).toMatchObject([{ label: 'refresh in 14 s', offEdge: true }])
})
