import { expect, test } from 'vitest'
import { allMutants } from '../../mutants/catalogue.ts'
import { comparedFields } from '../../mutants/compared-fields.ts'
import { devices } from '../../mutants/devices.ts'
import { place } from '../../mutants/hand-made.ts'
import { promises } from '../../mutants/promises.ts'
import { readSource } from '../../mutants/sources.ts'

const breaking = new Set<unknown>([...promises, ...comparedFields, ...devices].map(({ breaks }) => breaks))

test.each([
  ...Array.from({ length: 12 }, (_, at) => at + 1),
  'compared field',
  're-read',
  'claim',
  'sign of life',
  'tombstone',
])('there is a mutant made by hand for %s', (what) => {
  expect(breaking.has(what)).toBe(true)
})

test('no two mutants have one id', () => {
  const ids = allMutants().map(({ id }) => id)

  expect(new Set(ids).size).toBe(ids.length)
})

test('a mutant by hand that no longer fits the code is an error that names it', () => {
  const made = { breaks: 1, file: 'claim/claim.ts', instead: '', what: 'forgets' } as const
  const source = readSource('claim/claim.ts')

  expect(() => place({ ...made, text: 'never written' }, source)).toThrow(
    /"forgets" \(claim\/claim.ts\).*not in it any more/,
  )
  expect(() => place({ ...made, text: 'const' }, source)).toThrow(/more than once/)
})
