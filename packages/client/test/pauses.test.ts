import { busy } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { AuthRetryableFetchError } from '../src/errors.ts'
import { createPauses } from '../src/pauses.ts'
import { systemRealm } from '../src/system-realm.ts'
import { apiOrigin, setUp } from './support/app.ts'

const fault = { errorType: 'rate_limited', error: new AuthRetryableFetchError('rate_limited', 'Busy.') } as const

/** Pauses on a clock whose two hands a test sets. */
function createPaused() {
  const hands = { now: 1_000_000, monotonic: 0 }
  const pauses = createPauses({
    ...systemRealm,
    clock: { ...systemRealm.clock, now: () => hands.now, monotonic: () => hands.monotonic },
  })
  return {
    hands,
    pauses,
    isPaused: (sessionId = 's1', forced = false) => pauses.current('k', sessionId, forced) !== null,
  }
}

describe('a pause', () => {
  test('lasts as long as the server asked, and says until when', () => {
    const { hands, pauses, isPaused } = createPaused()
    const { retryAt, error } = pauses.fail('k', 's1', fault, 5_000)
    expect(retryAt).toBe(1_005_000)
    expect(error).toMatchObject({ code: 'rate_limited', retryAt: 1_005_000 })
    hands.monotonic = 4_999
    expect(isPaused()).toBe(true)
    hands.monotonic = 5_000
    expect(isPaused()).toBe(false)
  })

  test('is neither longer nor shorter when somebody sets the clock', () => {
    const { hands, pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', fault, 5_000)
    hands.now -= 600_000
    hands.monotonic = 5_000
    expect(isPaused()).toBe(false)
    pauses.fail('k', 's1', fault, 5_000)
    hands.now += 600_000
    expect(isPaused()).toBe(true)
  })

  test('is that of its session: the next sign-in in the same slot begins without', () => {
    const { pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', fault, 60_000)
    expect(isPaused('s1')).toBe(true)
    expect(isPaused('s2')).toBe(false)
  })

  test('lets one forced refresh through, also when that fails as well', () => {
    const { pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', fault, 60_000)
    expect(isPaused('s1', true)).toBe(false)
    expect(isPaused('s1', true)).toBe(true)
    pauses.fail('k', 's1', fault, 60_000)
    expect(isPaused('s1', true)).toBe(true)
    pauses.end('k')
    pauses.fail('k', 's1', fault, 60_000)
    expect(isPaused('s1', true)).toBe(false)
  })

  test('ends for all when the network is back', () => {
    const { pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', fault, null)
    pauses.endOwn()
    expect(isPaused()).toBe(false)
  })

  test('ends when the network is back that has led the request astray', () => {
    const { pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', { ...fault, errorType: 'redirect' }, 60_000)
    pauses.endOwn()
    expect(isPaused()).toBe(false)
  })

  test('stays when the network is back, where the server has asked for it', () => {
    const { pauses, isPaused } = createPaused()
    pauses.fail('k', 's1', fault, 60_000)
    pauses.endOwn()
    expect(isPaused()).toBe(true)
  })
})

test('ten forced refreshes of a server that asked for a minute make two requests', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  for (let n = 0; n < 10; n += 1) expect((await auth.refreshSession()).error?.code).toBe('rate_limited')
  expect(server.count('refresh_token')).toBe(2)
})

test('who signs out and in again does not inherit the pause of the session before', async () => {
  const { server, network, createClient, signIn } = setUp()
  const auth = createClient({ fetchOrigins: [apiOrigin] })
  network.use(
    http.get(
      `${apiOrigin}/me`,
      ({ request }) => new HttpResponse(null, { status: server.accessOf(request) ? 200 : 401 }),
    ),
  )
  await signIn(auth)
  server.faults.next(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  await auth.refreshSession()
  await auth.signOut()
  await signIn(auth)
  server.expireAccessTokens({ user: 'ada' })
  expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(200)
})
