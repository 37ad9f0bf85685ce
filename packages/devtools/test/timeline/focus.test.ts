import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { parseFilter } from '../../src/model/filter.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { Focuser } from '../../src/timeline/focus.ts'
import { itemOf } from '../../src/timeline/hit.ts'
import { arrangeRows } from '../../src/timeline/lane-rows.ts'
import { layOut } from '../../src/timeline/layout.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import { judge } from '../../src/verdicts/judge.ts'
import { flight, mixed } from '../fixtures.ts'

function viewOf(records: readonly unknown[]) {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  const view = new TimelineView(model, 'still')
  view.resize(1_000)
  view.fit()
  const focuser = new Focuser()
  const draw = () => {
    const { rows } = arrangeRows(model)
    const focus = focuser.read(view, view.now())
    return layOut({ model, scale: view.scale, now: view.now(), focus }, rows, { top: 0, bottom: 1_000 })
  }
  return { model, view, draw }
}

async function raceOf(name: string) {
  const { records } = JSON.parse(
    await readFile(new URL(`../verdicts/recordings/${name}.json`, import.meta.url), 'utf8'),
  ) as { records: unknown[] }
  const drawn = viewOf(records)
  drawn.view.showRace(judge(drawn.model)[0]!)
  return drawn
}

describe('an incident that is shown', () => {
  it('numbers its steps where their records are drawn, in order of time', async () => {
    const { draw } = await raceOf('reuse-by-a-copied-tab')
    const steps = draw().items.filter((item) => item.type === 'step')
    expect(steps.map((item) => [item.number, item.current])).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, false],
      [5, false],
    ])
    const xs = steps.slice(0, 4).map(({ x }) => x)
    expect(xs).toEqual(xs.toSorted((a, b) => a - b))
    expect(steps[0]!.y).toBeLessThan(steps[2]!.y)
  })

  it.each(['reuse-by-a-copied-tab', 'signed-out-during-refresh'])(
    'covers no words and no glyph with a number: %s',
    async (name) => {
      const { draw } = await raceOf(name)
      const { items } = draw()
      const steps = items.filter((item) => item.type === 'step')
      for (const { x, row } of steps) {
        const item = itemOf({ items, bars: 0, mode: 'shapes' }, row)!
        const end = item.type === 'bar' ? item.x + item.width : 0
        // On the end of a bar whose words leave it free, before any other, before the glyph of a mark.
        const [from, to] =
          item.type === 'bar' && item.reserved !== undefined
            ? [end - item.reserved - 1, end]
            : [-Infinity, item.type === 'mark' ? item.x - 4 : 'x' in item ? item.x : 0]
        expect([x - 9 >= from, x + 9 <= to]).toEqual([true, true])
      }
    },
  )

  it('shows an old colour under a new ribbon: the refused bar presents generation 1 while 2 is there', async () => {
    const { draw } = await raceOf('reuse-by-a-copied-tab')
    const { items } = draw()
    const refused = items.find((item) => item.type === 'bar' && item.tone === 'rejected')
    const ribbon = items.filter((item) => item.type === 'generation').at(-1)
    expect(refused).toMatchObject({ revision: 1 })
    expect(ribbon).toMatchObject({ revision: 2 })
    expect(ribbon!.x).toBeLessThan(refused!.x)
  })

  it('dims what has no part in it, and is in view from cause to effect', async () => {
    const { model, view, draw } = await raceOf('two-incidents-at-once')
    const { race } = view
    const { dimmed } = draw()
    for (const flights of model.flights.all) {
      const isPart = race!.steps.some(({ record }) => model.flightOf(model.columns.rowOf(record)!) === flights)
      expect(dimmed![flights.row]).toBe(isPart ? 0 : 1)
    }
    for (const { at } of race!.steps) expect(at > view.scale.from && at < view.scale.to).toBe(true)
  })

  it('is left again, and nothing stays dimmed', async () => {
    const { view, draw } = await raceOf('reuse-by-a-copied-tab')
    view.showRace(null)
    const list = draw()
    expect(list.dimmed).toBeNull()
    expect(list.items.some((item) => item.type === 'step')).toBe(false)
  })
})

describe('a filter', () => {
  it('dims what it does not mean', () => {
    const { model, view, draw } = viewOf(mixed())
    view.setFilter(parseFilter('is:refresh outcome:failed').test)
    const { dimmed } = draw()
    const bright = model.columns.records.filter((_, row) => dimmed![row] === 0)
    expect(bright.map(({ attributes }) => attributes['authflight.refresh.outcome'])).toEqual(['failed', 'failed'])
  })

  it('shows what it means also where thousands share a pixel', () => {
    const many = Array.from({ length: 1_600 }, (_, index) => flight({ at: index * 20, lasting: 10 })).flat()
    const rare = flight({ at: 15_012, lasting: 3, outcome: 'failed', error: 'server_error', status: 500, tab: 'tab-1' })
    const { view, draw } = viewOf([...many, ...rare])
    view.setFilter(parseFilter('is:refresh outcome:failed').test)
    const list = draw()
    expect(list.mode).toBe('strips')
    const pixels = list.items.filter((item) => item.type === 'strip').flatMap((item) => [...item.pixels])
    expect(pixels.filter((tone) => tone > 0 && tone < 255)).toHaveLength(1)
  })
})

describe('marks and folds', () => {
  it('have their own lines on the picture', () => {
    const { view, draw } = viewOf([...flight({ at: 0, lasting: 100 }), ...flight({ at: 900_000, lasting: 100 })])
    view.toggleMarker(view.scale.from + 1_000)
    expect(draw().items.filter((item) => item.type === 'marker')).toMatchObject([{ label: '1' }])
    view.toggleMarker(view.scale.from + 1_000)
    expect(draw().items.some((item) => item.type === 'marker')).toBe(false)
  })
})

it('looks less often for what is meant where that takes long', () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] })
  const { model, view } = viewOf(mixed())
  let looks = 0
  view.setFilter((_, row) => {
    if (row === 0) looks++
    if (row % 10 === 0) vi.advanceTimersByTime(1)
    return true
  })
  const focuser = new Focuser()
  const began = performance.now()
  focuser.read(view, 0)
  const took = performance.now() - began
  model.addAll(flight({ at: 200_000, lasting: 90 }))
  focuser.read(view, took * 50 - 1)
  expect(looks).toBe(1)
  focuser.read(view, took * 50)
  expect(looks).toBe(2)
  vi.useRealTimers()
})
