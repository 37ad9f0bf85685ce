import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordModel } from '../../src/model/record-model.ts'
import { findIdle, Folds } from '../../src/timeline/folds.ts'
import { fitTo, lengthOf, panBy, ticksOf, toTime, toX, zoomAt } from '../../src/timeline/scale.ts'
import { flight, noon } from '../fixtures.ts'

function idleOf(records: readonly unknown[], now: number): Folds {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return findIdle(model, now)
}

/** Two refreshes a quarter of an hour apart. */
const apart = [...flight({ at: 0, lasting: 100 }), ...flight({ at: 900_000, lasting: 100 })]

describe('idle time', () => {
  it('is what lies between activities, with air at both ends', () => {
    expect(idleOf(apart, noon + 2_000_000).list).toEqual([{ from: noon + 600, to: noon + 899_500 }])
  })

  it('is not the time while something is open, nor that after the last record', () => {
    const open = flight({ at: 0, lasting: null })
    expect(idleOf([...open, ...flight({ at: 900_000, lasting: 100 })], noon + 2_000_000).list).toEqual([])
    expect(idleOf(flight({ at: 0, lasting: 100 }), noon + 2_000_000).list).toEqual([])
    expect(idleOf([], noon).list).toEqual([])
  })

  it('of a few seconds stays as it is', () => {
    expect(
      idleOf([...flight({ at: 0, lasting: 100 }), ...flight({ at: 4_000, lasting: 100 })], noon + 10_000).list,
    ).toEqual([])
  })
})

const anyFolds = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 4_000, max: 1_000_000 })), { maxLength: 8 })
  .map((gaps) => {
    let at = noon
    return new Folds(
      gaps.map(([busy, idle]) => {
        const from = at + busy
        at = from + idle
        return { from, to: at }
      }),
    )
  })
const anyTime = fc.integer({ min: -100_000, max: 9_000_000 }).map((after) => noon + after)

describe('a scale with folds', () => {
  it('goes to pixels and back', () => {
    fc.assert(
      fc.property(anyFolds, anyTime, (folds, time) => {
        const scale = { from: noon - 1_000, to: noon + 8_000_000, width: 1_000, folds }
        expect(toTime(scale, toX(scale, time))).toBeCloseTo(time, 0)
      }),
    )
  })

  it('never runs backwards', () => {
    fc.assert(
      fc.property(anyFolds, anyTime, anyTime, (folds, a, b) => {
        expect(Math.sign(folds.enter(a) - folds.enter(b))).toBe(Math.sign(a - b))
      }),
    )
  })

  it('shows a quarter of an hour of nothing as a second', () => {
    const folds = idleOf(apart, noon + 2_000_000)
    const scale = fitTo({ from: 0, to: 1, width: 1_000, folds }, noon, noon + 900_100, 0)
    expect(lengthOf(scale)).toBeCloseTo(2_200)
    expect(toX(scale, noon + 899_500) - toX(scale, noon + 600)).toBeCloseTo((1_000 / 2_200) * 1_000)
  })

  it('pans and zooms by what is drawn', () => {
    const folds = idleOf(apart, noon + 2_000_000)
    const scale = fitTo({ from: 0, to: 1, width: 1_000, folds }, noon, noon + 900_100, 0)
    const panned = panBy(scale, 100)
    expect(toX(panned, noon + 900_000)).toBeCloseTo(toX(scale, noon + 900_000) - 100)
    const zoomed = zoomAt(scale, 4, 950)
    expect(toX(zoomed, toTime(scale, 950))).toBeCloseTo(950)
    expect(lengthOf(zoomed)).toBeCloseTo(550)
  })

  it('has no time of the axis inside of a fold', () => {
    const folds = idleOf(apart, noon + 2_000_000)
    const scale = fitTo({ from: 0, to: 1, width: 1_000, folds }, noon, noon + 900_100)
    const { ticks } = ticksOf(scale, 110)
    expect(ticks.length).toBeGreaterThan(1)
    for (const { time } of ticks) expect(time <= noon + 600 || time >= noon + 899_500).toBe(true)
  })
})
