import { describe, expect, it } from 'vitest'
import { titleOf } from '../../src/model/describe.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { stepFlight, stepPart, stepProblem } from '../../src/timeline/steps.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import { discardBySignOut, flight, mixed, noon, storm } from '../fixtures.ts'

function viewOf(records: readonly unknown[]): { view: TimelineView; model: RecordModel } {
  const model = new RecordModel()
  model.addAll(records)
  const view = new TimelineView(model)
  view.resize(1_000)
  return { view, model }
}

describe('stepping', () => {
  it('goes from problem to problem, and stays at the last', () => {
    const { view, model } = viewOf(mixed())
    const selected = () => model.columns.startedAt[model.columns.rowOf(view.selected!)!]! - noon
    const seen = [-1, -1, -1, 1, 1].map((direction) => {
      stepProblem(view, direction as 1 | -1)
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
        stepPart(view, direction)
        if (before !== view.selected) seen.push(titles())
      }
      return seen
    }
    stepPart(view, 1)
    expect(view.selected).toBeNull()
    stepFlight(view, -1)
    const forth = walk(1)
    expect(forth).toEqual(['Refresh #1', 'POST token 200 of #1', 'Session end', 'Discard of #1'])
    expect(walk(-1)).toEqual(forth.toReversed())
  })

  it.each([
    ['meanwhile', 50],
    ['before, and rotated it', 5_000],
  ])('goes from a refresh to the one that wanted the same generation %s', (_, at) => {
    const other = { tab: 'tab-2', client: 'client-2' }
    const { view, model } = viewOf([
      ...flight({ at: 0, lasting: 100 }),
      ...flight({ at, lasting: 100, outcome: 'rejected', status: 400, error: 'invalid_grant', ...other }),
    ])
    stepFlight(view, -1)
    expect(titleOf(model, model.columns.rowOf(view.selected)!)).toBe('Refresh #2')
    stepPart(view, -1)
    expect(titleOf(model, model.columns.rowOf(view.selected)!)).toBe('Refresh #1')
  })

  it('brings what it selects into view, large enough to see', () => {
    const { view } = viewOf(mixed())
    view.show(noon, noon + 100_000)
    stepFlight(view, -1)
    const { from, to } = view.scale
    expect(from).toBeLessThan(noon + 125_000)
    expect(to).toBeGreaterThan(noon + 125_240)
    expect(to - from).toBeLessThan(1_000)
  })

  it('keeps the zoom when the next one is in view already', () => {
    const { view } = viewOf(storm())
    view.show(noon + 33_900, noon + 34_300)
    const before = view.scale
    stepFlight(view, -1)
    expect(view.scale).toBe(before)
  })
})
