import { expect, test } from 'vitest'
import type { StormResult } from '../src/alone/storm.ts'
import { stormRounds, summarizeStorms } from '../src/measures/storm.ts'

const rounds = (...cpu: number[]): StormResult[] =>
  cpu.map((ms) => ({ waiters: 100, requests: 1, served: 100, cpu: ms, wall: ms, heap: 500 }))

test('each round is compared with the limit of its own round', () => {
  expect(summarizeStorms(rounds(20, 60, 40), rounds(10, 20, 40))?.cpu).toEqual({
    value: { median: 40, min: 20, max: 60 },
    ratio: { median: 2, min: 1, max: 3 },
  })
})

test('of requests and of callers without a token the worst round is told', () => {
  const [first, ...others] = rounds(1, 1, 1)
  const told = [...others, ...(first ? [{ ...first, requests: 7, served: 99 }] : [])]
  expect(summarizeStorms(told, rounds(1, 1, 1))).toMatchObject({ requests: 7, served: 99 })
})

test('a size that one round did not finish has no figures', () => {
  expect(summarizeStorms(rounds(1, 1, 1).slice(1), rounds(1, 1, 1))).toBe(null)
  expect(rounds(1, 1, 1)).toHaveLength(stormRounds)
})
