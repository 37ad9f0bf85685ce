import { expect, test } from 'vitest'
import { count, countdown, duration, timeOfDay } from '../src/time-words.ts'

test('a countdown rounds up, so that it shows 0 only when the time is over', () => {
  expect([30_000, 29_001, 1, 0, -5].map(countdown)).toEqual(['30 s', '30 s', '1 s', '0 s', '0 s'])
})

test('a long countdown reads as minutes, then as hours', () => {
  expect([60_000, 245_000, 3_599_000, 3_600_000, 7_100_000].map(countdown)).toEqual([
    '1:00',
    '4:05',
    '59:59',
    '1 h',
    '2 h',
  ])
})

test('a duration reads in milliseconds below a second', () => {
  expect([7.6, 999, 1_000, 3_140].map(duration)).toEqual(['8 ms', '999 ms', '1.0 s', '3.1 s'])
})

test('a time of day keeps its leading zeros', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime()
  expect(timeOfDay(at)).toBe('03:04:05')
  expect(timeOfDay(at, { milliseconds: true })).toBe('03:04:05.006')
})

test('a count agrees with its noun', () => {
  expect([0, 1, 1_000].map((n) => count(n, 'call'))).toEqual(['0 calls', '1 call', '1,000 calls'])
})
