import { describe, expect, it } from 'vitest'
import { lift, measure, shiftOf } from '../../src/model/clock-offset.ts'

describe('the clock of another tab', () => {
  it('is ahead by what it says beyond the middle of the round trip', () => {
    expect(measure(null, 1_000, 1_510, 1_020)).toEqual({ ahead: 500, error: 10 })
  })

  it('is taken from the shortest round trip', () => {
    const sure = measure(null, 1_000, 1_510, 1_020)
    expect(measure(sure, 2_000, 2_900, 2_400)).toBe(sure)
    expect(measure(sure, 2_000, 2_503, 2_004)).toEqual({ ahead: 501, error: 2 })
  })

  it('is further ahead when a message would have arrived before it was sent', () => {
    const sure = measure(null, 1_000, 1_510, 1_020)
    expect(lift(sure, 3_000, 2_480)).toEqual({ ahead: 520, error: 10 })
    expect(lift(sure, 3_000, 2_600)).toBe(sure)
  })

  it('counts as ours when the difference is within the error', () => {
    expect(shiftOf({ ahead: 8, error: 10 })).toBe(0)
    expect(shiftOf({ ahead: 500, error: 10 })).toBe(-500)
    expect(shiftOf({ ahead: -500, error: 10 })).toBe(500)
  })
})
