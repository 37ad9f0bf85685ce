import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { TimelineView } from '../../src/timeline/view.ts'
import type { Verdict } from '../../src/verdicts/verdict.ts'
import { event, noon, signedIn, storm } from '../fixtures.ts'

function viewOf(records: readonly unknown[]): TimelineView {
  const model = new RecordModel()
  model.addAll(records)
  const view = new TimelineView(model)
  view.resize(1_000)
  return view
}

describe('following', () => {
  it('keeps now at the same place, and its zoom', () => {
    const view = viewOf([])
    view.follow(noon)
    view.follow(noon + 5_000)
    const { from, to } = view.scale
    expect(to - from).toBeCloseTo(20_000)
    expect((noon + 5_000 - from) / (to - from)).toBeCloseTo(0.88)
  })

  it('goes back far enough on opening late to show the last refresh', () => {
    const view = viewOf(storm())
    view.follow(noon + 154_000)
    expect(view.scale.from).toBeLessThan(noon + 34_000)
  })

  it.each([
    ['pan', (view: TimelineView) => view.pan(10)],
    ['zoom', (view: TimelineView) => view.zoom(2, 10)],
    ['fit', (view: TimelineView) => view.fit(noon + 40_000)],
  ])('pauses on %s', (_, act) => {
    const view = viewOf(storm())
    view.follow(noon + 40_000)
    act(view)
    expect(view.live).toBe(false)
    const { from } = view.scale
    expect(view.follow(noon + 41_000)).toBe(false)
    expect(view.scale.from).toBe(from)
  })
})

describe('what is over', () => {
  it('is not followed, whatever key is pressed', () => {
    const view = new TimelineView(new RecordModel(), 'still')
    view.setLive(true)
    expect(view.live).toBe(false)
  })
})

describe('an instant', () => {
  const end = event(1_000, 'SIGNED_OUT', {}, 'user')
  const incident: Verdict = {
    cause: 'signed_out_here',
    tone: 'notice',
    record: end.id,
    sentence: '',
    steps: [{ record: end.id, at: end.startedAt, text: '' }],
    at: end.startedAt,
    session: 's1',
    missing: [],
  }

  it.each([
    ['as the only step of an incident', (view: TimelineView) => view.showRace(incident)],
    ['as what is enlarged', (view: TimelineView) => view.reveal(end.id, true)],
  ])('is shown with seconds around it: %s', (_, act) => {
    const view = viewOf([...signedIn(0), end])
    act(view)
    expect(view.scale.from).toBeLessThanOrEqual(noon - 1_000)
    expect(view.scale.to).toBeGreaterThanOrEqual(noon + 3_000)
    expect(view.scale.to - view.scale.from).toBeLessThan(10_000)
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
    const view = viewOf([])
    view.showRace(incident('end of B', 'refresh', 'end of B'))
    view.followRace([incident('something else', 'x'), incident('end of A', 'refresh', 'end of B', 'end of A')])
    expect(view.race?.sentence).toBe('It is known from end of A.')
    view.followRace([incident('something else', 'x')])
    expect(view.race?.sentence).toBe('It is known from end of A.')
  })
})
