import { expect, test } from 'vitest'
import { generate } from '../../mutants/generate.ts'
import { complain, drawScore, drawTable, type Result } from '../../mutants/report.ts'

const [mutant] = generate('f.ts', 'function f() {\n  a()\n}\n')
if (!mutant) throw new Error('No mutant.')
const caught: Result = { mutant, verdict: { kind: 'caught', by: 'unit tests', how: 'f.test.ts: calls a' } }
const survived: Result = { mutant: { ...mutant, id: 'f:drop:another' }, verdict: { kind: 'survived' } }
const unsettled: Result = { mutant, verdict: { kind: 'unsettled' } }
const many = Array.from({ length: 19 }, () => caught)

test('all caught is nothing to complain about', () => {
  expect(complain(many, {})).toEqual([])
})

test('a survivor needs a reason', () => {
  expect(complain([...many, survived], {})).toEqual([
    'No reason is given why this has survived: f:drop:another f.ts:2 drops `a()`',
  ])
  expect(complain([...many, survived], { 'f:drop:another': 'Nobody can tell.' })).toEqual([])
})

test('more than five of a hundred that are not caught are too many', () => {
  expect(complain([caught, survived, survived], {})).toContain(
    '33.3 % of those that can be told from the client are caught, and 95 % should be.',
  )
})

test('the score is told of all, and of those that can be told from the client', () => {
  const reasons = { 'f:drop:another': 'Nobody can tell.' }
  expect(drawScore([...many, survived, unsettled], reasons)).toBe(
    '19 of 21 are caught: 90.5 %, and 95.0 % without the 1 that nobody can tell from the client.',
  )
})

test('what is not settled is no success', () => {
  expect(complain([...many, unsettled], {})).toEqual(['1 are not settled yet: --unsettled plays those.'])
})

test('a reason for a mutant that is caught, or does not exist, is out of date', () => {
  const reasons = { [mutant.id]: 'Nobody can tell.', 'gone:drop:000000': 'Nobody can tell.' }
  expect(complain([caught], reasons)).toEqual([
    expect.stringMatching(/^f:drop:.* is caught/),
    expect.stringMatching(/^gone:drop:000000 .* does not exist/),
  ])
})

test('the table counts by file and operator', () => {
  expect(drawTable([caught, survived, unsettled]).split('\n')).toEqual([
    '|  | mutants | explorer | unit tests | survived | unsettled |',
    '| --- | --- | --- | --- | --- | --- |',
    '| `f.ts`, statement dropped | 3 | 0 | 1 | 1 | 1 |',
    '| **all** | 3 | 0 | 1 | 1 | 1 |',
  ])
})
