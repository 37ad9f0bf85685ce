import { expect, test } from 'vitest'
import { writeNumber, writeRatio, writeSpread, writeTable } from '../src/table.ts'

test('columns are as wide as their widest cell, figures stand to the right', () => {
  const rows = [
    ['limit', '152'],
    ['auth-js, lockless', '4,528'],
  ]
  expect(writeTable(['client', 'ns'], rows)).toBe(
    [
      '| client            |    ns |',
      '| ----------------- | ----: |',
      '| limit             |   152 |',
      '| auth-js, lockless | 4,528 |',
    ].join('\n'),
  )
})

test.each([
  [0, '0'],
  [0.012345, '0.0123'],
  [1.2, '1.20'],
  [17.456, '17.5'],
  [151.6, '152'],
  [4528.4, '4,528'],
  [100_000, '100,000'],
  [Number.NaN, '–'],
])('%d is written %s', (value, text) => {
  expect(writeNumber(value)).toBe(text)
})

test('a spread is written with its extremes, a ratio without', () => {
  const measured = { median: 1.5, min: 1, max: 2.25 }
  expect(writeSpread(measured)).toBe('1.50 (1 to 2.25)')
  expect(writeRatio(measured)).toBe('1.50×')
})
