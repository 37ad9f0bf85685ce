import { describe, expect, it } from 'vitest'
import { fitTo, panBy, ticksOf, toTime, toX, zoomAt } from '../../src/timeline/scale.ts'

const scale = { from: 1_000, to: 2_000, width: 500 }

describe('the scale', () => {
  it('puts times on pixels and back', () => {
    expect(toX(scale, 1_500)).toBe(250)
    expect(toTime(scale, 250)).toBe(1_500)
  })

  it('zooms around the cursor: what is there stays there', () => {
    const closer = zoomAt(scale, 4, 100)
    expect(toTime(closer, 100)).toBeCloseTo(toTime(scale, 100))
    expect(closer.to - closer.from).toBe(250)
  })

  it('does not zoom below half a millisecond or beyond a month', () => {
    const near = zoomAt(scale, 1e12, 0)
    const far = zoomAt(scale, 1e-12, 0)
    expect([near.to - near.from, far.to - far.from]).toEqual([0.5, 30 * 24 * 3_600_000])
  })

  it('pans by pixels', () => {
    expect(panBy(scale, 50)).toEqual({ from: 1_100, to: 2_100, width: 500 })
  })

  it('fits a span with room at both ends, and an instant in a millisecond', () => {
    expect(fitTo(scale, 0, 1_000, 0.1)).toMatchObject({ from: -100, to: 1_100 })
    const instant = fitTo(scale, 500, 500, 0)
    expect(instant.to - instant.from).toBe(1)
  })

  it('has round ticks, never closer than asked', () => {
    const { step, ticks } = ticksOf(scale, 110)
    expect(step).toBe(500)
    expect(ticks).toEqual([
      { time: 1_000, x: 0 },
      { time: 1_500, x: 250 },
      { time: 2_000, x: 500 },
    ])
  })
})
