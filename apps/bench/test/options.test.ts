import { expect, test } from 'vitest'
import { measureNames, readOptions } from '../src/options.ts'

test('without words everything is measured, and nothing is checked or written', () => {
  expect(readOptions([])).toEqual({ only: measureNames, rounds: 100, check: false, writeDocs: false })
})

test('a check plays a thousand rounds unless it is told another number', () => {
  expect(readOptions(['--check']).rounds).toBe(1_000)
  expect(readOptions(['--check', '--rounds', '20']).rounds).toBe(20)
})

test('measures are chosen by name', () => {
  expect(readOptions(['--only', 'storm,fresh']).only).toEqual(['storm', 'fresh'])
})

test.each([
  ['--only', 'stormy'],
  ['--rounds', '0'],
  ['--rounds', 'many'],
  ['--chek'],
  ['--only', 'fresh', '--write-docs'],
])('%s %s is refused, with how it is used', (...words) => {
  expect(() => readOptions(words)).toThrow('npm run bench --')
})
