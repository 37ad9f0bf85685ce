import type { Session } from '@authflight/client'
import { expect, test } from 'vitest'
import { callsOutcome, errorOutcome, refreshOutcome } from '../src/outcome.ts'

function session(sessionId: string, revision: number): Session {
  return {
    accessToken: 'access',
    tokenType: 'bearer',
    expiresAt: null,
    scopes: [],
    user: null,
    account: 'account',
    sessionId,
    revision,
  }
}

class DiscardedError extends Error {
  override name = 'AuthRefreshDiscardedError'
  code = 'refresh_discarded'
  expected = true
}

test('a storm that one refresh served is good, and says so in words and figures', () => {
  const outcome = callsOutcome({ statuses: new Map([[200, 1_000]]), failures: [], ms: 1_234, tokenRequests: 1 })
  expect(outcome.tone).toBe('good')
  expect(outcome.text).toBe(
    '1,000 calls in 1.2 s: 1,000 × 200, 0 × 401, 0 failures. The server saw 1 token request meanwhile.',
  )
  expect(outcome.figures?.map(({ value, label }) => `${value} ${label}`)).toEqual([
    '1,000 × 200',
    '0 × 401',
    '0 failed',
    '1 token request',
  ])
})

test('any answer but 200 makes calls bad, and each status is counted', () => {
  const statuses = new Map([
    [200, 7],
    [401, 2],
    [503, 1],
  ])
  const outcome = callsOutcome({ statuses, failures: [], ms: 20, tokenRequests: 0 })
  expect(outcome.tone).toBe('bad')
  expect(outcome.text).toContain('10 calls in 20 ms: 7 × 200, 2 × 401, 1 × 503, 0 failures.')
})

test('calls without an answer count as failures and name the first error', () => {
  const failures = [Object.assign(new TypeError('offline'), { code: 'network' }), new Error('another')]
  const outcome = callsOutcome({ statuses: new Map(), failures, ms: 5, tokenRequests: 0 })
  expect(outcome).toMatchObject({ tone: 'bad', error: { name: 'TypeError', code: 'network', message: 'offline' } })
  expect(outcome.text).toContain('2 failures')
})

test('a refresh of the same session tells the two generations', () => {
  const outcome = refreshOutcome({ before: session('s', 3), after: session('s', 4), error: null, ms: 142 })
  expect(outcome).toEqual({ tone: 'good', text: 'Generation 3 → 4 in 142 ms.' })
})

test('a refresh that failed says whether the user is still signed in', () => {
  const error = new Error('Try again later.')
  const held = refreshOutcome({ before: session('s', 3), after: session('s', 3), error, ms: 1 })
  const gone = refreshOutcome({ before: session('s', 3), after: null, error, ms: 1 })
  expect(held.text).toContain('You are still signed in.')
  expect(gone.text).toContain('Nobody is signed in.')
})

test('an expected error is told without alarm, with its name, code and message', () => {
  expect(errorOutcome(new DiscardedError('The new tokens were discarded.'), 'Signed out.')).toEqual({
    tone: 'neutral',
    text: 'Signed out.',
    error: { name: 'AuthRefreshDiscardedError', code: 'refresh_discarded', message: 'The new tokens were discarded.' },
  })
  expect(errorOutcome(new Error('Broken.')).tone).toBe('bad')
})
