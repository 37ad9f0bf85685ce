import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { exploreWith } from '../../explore/workers.ts'
import { type Failure, play, reachableCells, schedules } from '../../src/explorer/index.ts'
import { profileNames } from '../../src/explorer/profiles.ts'
import fc from 'fast-check'

/** What a person needs to see it again. */
const tell = (failure: Failure | null): string =>
  failure === null
    ? ''
    : [
        failure.timeline,
        ...failure.violations.map(({ promise, invariant, what }) => `Promise ${promise}, ${invariant}: ${what}`),
        `npm run explore -- --seed ${failure.seed} --path ${failure.path}`,
      ].join('\n')

// The same ones each time: what nobody has seen yet is for `npm run explore`, until it finds nothing any more (docs/explorer.md).
test('no promise is broken in 10,000 schedules that are the same each time', { timeout: 600_000 }, async () => {
  const { failure, decisions } = await exploreWith(availableParallelism(), 10_000, 2026)

  expect(tell(failure)).toBe('')
  expect(decisions.toSorted((a, b) => a - b)[decisions.length >> 1]).toBeGreaterThanOrEqual(40)
})

test.each(profileNames)('with a server that is %s a schedule plays the same way each time', async (profile) => {
  const schedule = fc.sample(schedules, { numRuns: 100, seed: 7 }).find(({ setting }) => setting.profile === profile)
  if (!schedule) throw new Error('No schedule.')

  const [one, two] = [await play(schedule), await play(schedule)]

  expect(one.history.facts.length).toBeGreaterThan(20)
  expect(JSON.stringify(two.history)).toBe(JSON.stringify(one.history))
})

test('what only one kind of server has is never expected beside what only the other kind has', () => {
  const cells = reachableCells()

  expect(cells).toContain('overlap: verifyOtp, waiting for answer | signOut')
  expect(cells).toContain('overlap: handleRedirect, waiting for answer | signOut')
  expect(cells.filter((cell) => cell.includes('verifyOtp') && cell.includes('handleRedirect'))).toEqual([])
  expect(new Set(cells).size).toBe(cells.length)
})
