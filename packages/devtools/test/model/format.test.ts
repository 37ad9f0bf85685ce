import { expect, it } from 'vitest'
import { formatDuration, plural } from '../../src/model/format.ts'

it.each([
  [0.42, '0.4 ms'],
  [118.4, '118 ms'],
  [999.7, '1 s'],
  [1_240, '1.24 s'],
  [19_000, '19 s'],
  [123_000, '2 min 3 s'],
  [120_000, '2 min'],
  [3_900_000, '1 h 5 min'],
])('says %d ms as %s', (milliseconds, words) => {
  expect(formatDuration(milliseconds)).toBe(words)
})

it('counts one thing and many', () => {
  expect([plural(1, 'caller'), plural(1_000, 'caller')]).toEqual(['1 caller', '1,000 callers'])
  expect(plural(2, 'refresh', 'es')).toBe('2 refreshes')
})
