import { expect, test } from 'vitest'
import { generate } from '../../mutants/generate.ts'
import { complain, drawTable, type Result } from '../../mutants/report.ts'

const [mutant] = generate('f.ts', 'function f() {\n  a()\n}\n')
if (!mutant) throw new Error('No mutant.')
const caught: Result = { mutant, caught: { by: 'unit tests', how: 'f.test.ts: calls a' } }
const survived: Result = { mutant, caught: null }
const known = new Set([mutant.id])
const many = Array.from({ length: 19 }, () => caught)

test('all caught is nothing to complain about', () => {
  expect(complain(many, known, {})).toEqual([])
})

test('a survivor needs a reason', () => {
  expect(complain([...many, survived], known, {})).toEqual([expect.stringContaining('no reason is given (f.ts:2 ')])
  expect(complain([...many, survived], known, { [mutant.id]: 'Nobody can tell.' })).toEqual([
    expect.stringContaining('is said to change nothing, and is caught'),
    ...many.slice(1).map(() => expect.stringContaining('is said to change nothing, and is caught')),
  ])
})

test('more than five of a hundred survivors are too many, whatever the reasons', () => {
  expect(complain([survived], known, { [mutant.id]: 'Nobody can tell.' })).toEqual([
    '0.0 % are caught, and 95 % should be.',
  ])
})

test('a reason for a mutant that does not exist is out of date', () => {
  expect(complain(many, known, { 'gone:drop:000000': 'Nobody can tell.' })).toEqual([
    expect.stringContaining('gone:drop:000000 is said to change nothing, and does not exist'),
  ])
})

test('the table counts by file and operator', () => {
  expect(drawTable([caught, survived]).split('\n')).toEqual([
    '|  | mutants | explorer | unit tests | survived |',
    '| --- | --- | --- | --- | --- |',
    '| `f.ts`, statement dropped | 2 | 0 | 1 | 1 |',
    '| **all** | 2 | 0 | 1 | 1 |',
  ])
})
