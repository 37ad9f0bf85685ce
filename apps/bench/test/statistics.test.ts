import { expect, test } from 'vitest'
import { median, ratios, spread } from '../src/statistics.ts'

test('the median is the middle one, or between the two in the middle, whatever their order', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([8, 1, 2, 100])).toBe(5)
  expect(() => median([])).toThrow(RangeError)
})

test('a spread holds the extremes beside the median', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
})

test('a value is compared with what its own round measured', () => {
  expect(ratios([10, 40], [5, 10])).toEqual([2, 4])
})

test('a round without a base gives no ratio', () => {
  expect(ratios([10, 40], [5])).toEqual([2, Number.NaN])
})
