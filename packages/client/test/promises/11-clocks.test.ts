import { busy, withExpiresIn } from '@authflight/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { type Client, setUp } from '../support/app.ts'

afterEach(() => void vi.useRealTimers())

const hour = 3_600_000

describe.each([0.001, 0, -5, 1e300, 'soon', null, true])('a lifetime of %j', (lifetime) => {
  test('makes one request for one question at most, and signs nobody out', async () => {
    const { server, createClient, signIn } = setUp()
    server.faults.always(withExpiresIn(lifetime))
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    const auth = createClient({ storage })
    const { data, error } = await auth.getSession()
    expect(error).toBeNull()
    expect(data.session).not.toBeNull()
    // Whatever the server calls long, the app gets a date.
    expect(new Date(data.session?.expiresAt ?? 0).getTime()).not.toBeNaN()
    expect(server.count('refresh_token')).toBeLessThan(2)
  })

  test('does not make the timer spin', async () => {
    const { server, createClient, signIn } = setUp()
    server.faults.always(withExpiresIn(lifetime))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const auth = createClient({ autoRefresh: 'always' })
    await signIn(auth)
    for (let passed = 0; passed < 2_000; passed += 20) {
      await vi.advanceTimersByTimeAsync(20)
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.count('refresh_token')).toBeLessThan(3)
    expect(auth.getSnapshot().status).toBe('signed-in')
    // Joins what may still be on its way.
    expect((await auth.getSession()).error).toBeNull()
  })
})

test('a clock that jumps ahead costs one refresh, and none signs out', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  vi.setSystemTime(Date.now() + 24 * hour)
  await Promise.all([auth.getSession(), auth.getSession()])
  const { data, error } = await auth.getSession()
  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(server.count('refresh_token')).toBe(1)
})

test('a clock that is set back costs nothing, and a session refused by then is renewed', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  vi.setSystemTime(Date.now() - 24 * hour)
  expect((await auth.getSession()).data.session?.revision).toBe(1)
  expect(server.count('refresh_token')).toBe(0)
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
})

test('a clock that is set back during a back-off does not stretch it', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  const auth = createClient({ storage })
  await signIn(auth)
  vi.setSystemTime(Date.now() + hour)
  server.faults.next(busy({ retryAfter: 5 }), { grant: 'refresh_token' })
  expect((await auth.getSession()).error?.code).toBe('rate_limited')
  vi.setSystemTime(Date.now() - 10 * 60_000)
  await vi.advanceTimersByTimeAsync(4_900)
  expect((await auth.getSession()).error?.code).toBe('rate_limited')
  await vi.advanceTimersByTimeAsync(100)
  expect((await auth.getSession()).error).toBeNull()
  expect(server.count('refresh_token')).toBe(2)
})

describe.each<['off' | 'always', string, (auth: Client) => Promise<unknown>]>([
  ['off', 'somebody asks', (auth) => auth.getSession()],
  ['always', 'its timer has looked', () => vi.advanceTimersByTimeAsync(30_000)],
])('where its timer is %s, a session that died of a clock set ahead', (autoRefresh, _, look) => {
  test(`is shown as alive once that is set back and ${_}`, async () => {
    const { server, createClient, signIn } = setUp()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const auth = createClient({ autoRefresh })
    const session = await signIn(auth)
    server.faults.always(busy())
    vi.setSystemTime(Date.now() + hour)
    await auth.getSession()
    expect(auth.getSnapshot()).toMatchObject({ status: 'stale', error: { code: 'rate_limited' } })
    const seen: unknown[] = []
    auth.subscribe(() => seen.push(auth.getSnapshot()))
    vi.setSystemTime(Date.now() - hour)
    await look(auth)
    expect(seen).toEqual([{ status: 'signed-in', session }])
    expect((await auth.getSession()).data.session).toBe(session)
  })
})

// setSession   presents the token ───────────────── keeps the next one
// clock                            a week ahead ┐
// sign-in                                       └── forgets old attempts ──┘
test('a clock that jumps ahead while the token of a set session is presented does not lose the next one', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const setting = auth.setSession({ accessToken, refreshToken, expiresAt: 1 })
  await gate.arrived
  vi.setSystemTime(Date.now() + 7 * 24 * hour)
  await auth.signIn()
  gate.release()
  expect((await setting).error).toBeNull()
  expect((await auth.refreshSession()).data.session?.revision).toBe(3)
  expect(server.liveSessions).toHaveLength(1)
})
