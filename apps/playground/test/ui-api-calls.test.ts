import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { callMany, callOnce } from '../src/api-calls.ts'
import type { LogEntry } from '../src/control.ts'

let log: LogEntry[]

beforeEach(() => {
  log = [entry(1, 'token')]
  vi.stubGlobal('fetch', async () => Response.json({ entries: log }))
})
afterEach(() => vi.unstubAllGlobals())

function entry(seq: number, endpoint: string): LogEntry {
  return { seq, at: seq, endpoint, status: 200 }
}

test('calls are made at once, and of the log only the token requests meanwhile are counted', async () => {
  let open = 0
  let most = 0
  const outcome = await callMany(async () => {
    const mine = (open += 1)
    most = Math.max(most, open)
    await Promise.resolve()
    open -= 1
    if (mine === 10) log = [...log, entry(2, 'token'), entry(3, 'revocation')]
    return new Response('{}')
  }, 10)
  expect(most).toBe(10)
  expect(outcome.tone).toBe('good')
  expect(outcome.text).toMatch(
    /^10 calls in .*: 10 × 200, 0 × 401, 0 failures\. The server saw 1 token request meanwhile\.$/,
  )
})

test('each call asks for an item of its own', async () => {
  const asked: unknown[] = []
  await callMany(async (input) => {
    asked.push(input)
    return new Response('{}')
  }, 3)
  expect(asked).toEqual(['/api/items/1', '/api/items/2', '/api/items/3'])
})

test('one call tells by whom the API was called', async () => {
  const me = { name: 'Alice Liddell', client: 'playground', expiresIn: 22 }
  const outcome = await callOnce(async () => Response.json(me))
  expect(outcome.text).toMatch(
    /the API knows you as Alice Liddell, by a token with 22 seconds left\. No token request was needed\.$/,
  )
})

test('one call that is refused, or gets no answer, is told as such', async () => {
  const refused = await callOnce(async () => new Response(null, { status: 401 }))
  expect(refused).toMatchObject({ tone: 'bad' })
  expect(refused.text).toContain('1 × 401')
  const lost = await callOnce(() => Promise.reject(new TypeError('Failed to fetch')))
  expect(lost).toMatchObject({ tone: 'bad', error: { name: 'TypeError', message: 'Failed to fetch' } })
})
