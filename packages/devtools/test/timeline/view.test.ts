import { describe, expect, it } from 'vitest'
import { titleOf } from '../../src/model/describe.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import type { Verdict } from '../../src/verdicts/verdict.ts'
import { discardBySignOut, flight, mixed, noon, storm } from '../fixtures.ts'

function viewOf(records: readonly unknown[]): { view: TimelineView; model: RecordModel } {
  const model = new RecordModel()
  model.addAll(records)
  const view = new TimelineView(model)
  view.resize(1_000)
  return { view, model }
}

describe('following', () => {
  it('keeps now at the same place, and its zoom', () => {
    const { view } = viewOf([])
    view.follow(noon)
    view.follow(noon + 5_000)
    const { from, to } = view.scale
    expect(to - from).toBeCloseTo(20_000)
    expect((noon + 5_000 - from) / (to - from)).toBeCloseTo(0.88)
  })

  it('goes back far enough on opening late to show the last refresh', () => {
    const { view } = viewOf(storm())
    view.follow(noon + 154_000)
    expect(view.scale.from).toBeLessThan(noon + 34_000)
  })

  it.each([
    ['pan', (view: TimelineView) => view.pan(10)],
    ['zoom', (view: TimelineView) => view.zoom(2, 10)],
    ['fit', (view: TimelineView) => view.fit(noon + 40_000)],
  ])('pauses on %s', (_, act) => {
    const { view } = viewOf(storm())
    view.follow(noon + 40_000)
    act(view)
    expect(view.live).toBe(false)
    const { from } = view.scale
    expect(view.follow(noon + 41_000)).toBe(false)
    expect(view.scale.from).toBe(from)
  })
})

describe('stepping', () => {
  it('goes from problem to problem, and stays at the last', () => {
    const { view, model } = viewOf(mixed())
    const selected = () => model.columns.startedAt[model.columns.rowOf(view.selected!)!]! - noon
    const seen = [-1, -1, -1, 1, 1].map((direction) => {
      view.stepProblem(direction as 1 | -1)
      return selected()
    })
    expect(seen).toEqual([83_500, 53_000, 53_000, 83_500, 83_500])
  })

  it('goes from cause to effect along a refresh to the end of its session, and back', () => {
    const { view, model } = viewOf(discardBySignOut())
    const titles = () => titleOf(model, model.columns.rowOf(view.selected)!)
    const walk = (direction: 1 | -1) => {
      const seen = [titles()]
      for (let before = null as string | null; before !== view.selected;) {
        before = view.selected
        view.stepPart(direction)
        if (before !== view.selected) seen.push(titles())
      }
      return seen
    }
    view.stepPart(1)
    expect(view.selected).toBeNull()
    view.stepFlight(-1)
    const forth = walk(1)
    expect(forth).toEqual(['Refresh #1', 'POST token 200 of #1', 'Session end', 'Discard of #1'])
    expect(walk(-1)).toEqual(forth.toReversed())
  })

  it('goes from a refresh to the one that wanted the same generation meanwhile', () => {
    const other = { tab: 'tab-2', client: 'client-2' }
    const { view, model } = viewOf([
      ...flight({ at: 0, lasting: 100 }),
      ...flight({ at: 50, lasting: 100, outcome: 'rejected', status: 400, error: 'invalid_grant', ...other }),
    ])
    view.stepFlight(-1)
    expect(titleOf(model, model.columns.rowOf(view.selected)!)).toBe('Refresh #2')
    view.stepPart(-1)
    expect(titleOf(model, model.columns.rowOf(view.selected)!)).toBe('Refresh #1')
  })

  it('brings what it selects into view, large enough to see', () => {
    const { view } = viewOf(mixed())
    view.show(noon, noon + 100_000)
    view.stepFlight(-1)
    const { from, to } = view.scale
    expect(from).toBeLessThan(noon + 125_000)
    expect(to).toBeGreaterThan(noon + 125_240)
    expect(to - from).toBeLessThan(1_000)
  })

  it('keeps the zoom when the next one is in view already', () => {
    const { view } = viewOf(storm())
    view.show(noon + 33_900, noon + 34_300)
    const before = view.scale
    view.stepFlight(-1)
    expect(view.scale).toBe(before)
  })
})

describe('a race that is shown', () => {
  const incident = (id: string, ...steps: string[]): Verdict => ({
    cause: 'unknown',
    tone: 'bad',
    record: id,
    sentence: `It is known from ${id}.`,
    steps: steps.map((step, index) => ({ record: step, at: noon + index, text: step })),
    at: noon,
    session: 's1',
    missing: [],
  })

  it('is followed to the record that tells most of it by now, where that is another one', () => {
    const { view } = viewOf([])
    view.showRace(incident('end of B', 'refresh', 'end of B'))
    view.followRace([incident('something else', 'x'), incident('end of A', 'refresh', 'end of B', 'end of A')])
    expect(view.race?.sentence).toBe('It is known from end of A.')
    view.followRace([incident('something else', 'x')])
    expect(view.race?.sentence).toBe('It is known from end of A.')
  })
})
