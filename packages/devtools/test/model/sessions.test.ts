import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Sessions } from '../../src/model/sessions.ts'
import { committed, noon } from '../fixtures.ts'

const told = fc.array(fc.record({ at: fc.nat(20), revision: fc.nat(6) }), { maxLength: 30 })

it('knows the generations of a session in order of time, whatever order they are told in, each from when it was told first', () => {
  fc.assert(
    fc.property(told, (all) => {
      const sessions = new Sessions()
      for (const { at, revision } of all) for (const record of committed(at, revision)) sessions.learn(record)
      const first = new Map<number, number>()
      for (const { at, revision } of all) first.set(revision, Math.min(first.get(revision) ?? Infinity, at))
      const expected = [...first].toSorted(([a, from], [b, other]) => from - other || a - b)
      const { generations, byRevision } = sessions.of('s1')
      expect(generations.map(({ revision, from }) => [revision, from - noon])).toEqual(expected)
      expect(generations.map(({ revision }) => byRevision.get(revision))).toEqual(generations)
      for (const { revision, toldAt } of generations) {
        const last = all.filter((one) => one.revision === revision).map(({ at }) => at)
        expect(toldAt - noon).toBe(Math.max(...last))
      }
    }),
  )
})

it('keeps the last five thousand', () => {
  const sessions = new Sessions()
  for (let revision = 1; revision <= 5_010; revision++)
    for (const record of committed(revision * 10, revision)) sessions.learn(record)
  const { generations, byRevision } = sessions.of('s1')
  expect([generations.length, byRevision.size, generations[0]?.revision]).toEqual([5_000, 5_000, 11])
})
