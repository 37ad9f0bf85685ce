import { readFileSync, rmSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'
import type * as schedule from '../../../client/src/base/schedule.ts'
import { tellFailure } from '../../explore/report.ts'
import { explore, type Failure } from '../../src/explorer/index.ts'

// A client that takes every token for a living one.
vi.mock('../../../client/src/base/schedule.ts', async (original) => ({
  ...(await original<typeof schedule>()),
  isFresh: () => true,
}))

const seed = 2026

async function fail(shrinkFor: number): Promise<Failure> {
  const { failure } = await explore({ runs: 500, seed, shrinkFor })
  if (!failure) throw new Error('Nothing was found.')
  return failure
}

const sizeOf = (failure: Failure): number => JSON.stringify(failure.schedule).length

test('a promise that a client breaks is found, made smaller, and found again by what is printed of it', async () => {
  const [first, smaller] = [await fail(0), await fail(3_000)]
  expect(smaller.violations.map(({ promise }) => promise)).toContain(6)
  expect(sizeOf(smaller)).toBeLessThan(sizeOf(first))

  const again = await explore({ runs: 1, seed: smaller.seed, path: smaller.path })

  expect(again.failure?.timeline).toBe(smaller.timeline)
})

test('what is told of a failure leads to a file that holds its records, at the address where the playground serves it', async () => {
  const failure = await fail(0)
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)))
  tellFailure(failure, true)
  vi.restoreAllMocks()

  const told = said.join('\n')
  expect(told).toContain(failure.timeline)
  expect(told).toContain(`npm run explore -- --seed ${failure.seed} --path ${failure.path}`)
  const address = new URL(/\/\?recording=\S+/.exec(told)?.[0] ?? '', 'http://localhost').searchParams.get('recording')
  const file = address?.replace(/^\/@fs/, '') ?? ''
  onTestFinished(() => rmSync(file))
  expect(address).toMatch(/^\/@fs\//)
  expect((JSON.parse(readFileSync(file, 'utf8')) as { records: object[] }).records).toHaveLength(failure.records.length)
})
