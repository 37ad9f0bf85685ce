import { busy } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { AuthRetryableFetchError } from '../../src/base/errors.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { createPauses } from '../../src/refresh/pauses.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { apiOrigin, setUp } from '../support/app.ts'
import { letTokensDie } from '../support/stores.ts'

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

  test('counts no failure of long ago, and refuses nobody for it', () => {
    const { hands, pauses, isPaused } = createPaused()
    for (let failure = 0; failure < 7; failure += 1) pauses.fail('k', 's1', fault, null)
    expect(isPaused('s1', true)).toBe(false)
    hands.monotonic += 36_000_000
    expect((pauses.fail('k', 's1', fault, null).retryAt ?? 0) - hands.now).toBeLessThanOrEqual(1_000)
    expect(isPaused('s1', true)).toBe(false)
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

  test('is forgotten with its failure when nobody has tried for a minute after it', () => {
    const { hands, pauses } = createPaused()
    const fail = (key: string): number => (pauses.fail(key, 's1', fault, null).retryAt ?? 0) - hands.now
    fail('k')
    fail('k')
    hands.monotonic = 60_999
    fail('other')
    expect(fail('k')).toBeGreaterThanOrEqual(2_000)
    hands.monotonic += 64_000
    fail('other')
    expect(fail('k')).toBeLessThanOrEqual(1_000)
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

/** A store that two clients know, of a session whose access token is dead. */
async function setUpDead() {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await createClient({ storage }).getSession()
  await letTokensDie(storage)
  return { server, createClient, storage }
}

test('a server that asked for a minute is asked once by the clients of a store, also by one that was made since', async () => {
  const { server, createClient, storage } = await setUpDead()
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  const { error } = await createClient({ storage }).getSession()
  expect(error).toMatchObject({ code: 'rate_limited' })
  for (const client of [createClient({ storage }), createClient({ storage })]) {
    expect((await client.getSession()).error).toEqual(error)
    const retryAt = (error as AuthRetryableFetchError).retryAt
    expect(client.getSnapshot()).toMatchObject({ status: 'stale', retryAt })
  }
  expect(server.count('refresh_token')).toBe(1)
})

test('a failure that two clients of a store have waited for is one, and one pause', async () => {
  const { server, createClient, storage } = await setUpDead()
  const gate = server.hold({ when: 'before', grant: 'refresh_token' })
  server.faults.always(busy(), { grant: 'refresh_token' })
  const clients = [createClient({ storage }), createClient({ storage })]
  const asked = clients.map((client) => client.getSession())
  await gate.arrived
  gate.release()
  const [first, second] = await Promise.all(asked)
  expect(first?.error).toMatchObject({ code: 'rate_limited' })
  expect(second?.error).toEqual(first?.error)
  expect(clients[1]?.getSnapshot()).toEqual(clients[0]?.getSnapshot())
  expect(server.count('refresh_token')).toBe(1)
})
