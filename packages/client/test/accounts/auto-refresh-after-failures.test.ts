import { busy, withoutRefreshToken } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { systemClock } from '../../src/realm/clock.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { createRealm } from '../support/realm.ts'
import { letTokensDie } from '../support/stores.ts'

test('a refresh that fails for a hundred callers sets the timer once', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  const { named } = recordAll()
  await Promise.all(Array.from({ length: 100 }, () => auth.refreshSession()))
  const armed = named('authflight.record.timer_armed')
  expect(armed).toHaveLength(1)
  expect(armed[0]?.attributes['authflight.timer.due_in']).toBeGreaterThan(55)
})

test('who asks during the pause does not set the timer', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  const { named } = recordAll()
  for (let n = 0; n < 5; n += 1) await auth.refreshSession()
  expect(named('authflight.record.timer_armed')).toHaveLength(server.count('refresh_token'))
})

// timer   fires ── answered by the pause, which is over a moment later ─ fires again ── tries
test('goes on when it fires a moment before the pause after a failure is over', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 2 })
  const { operations } = recordAll()
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  server.faults.always(busy({ retryAfter: 2 }), { grant: 'refresh_token' })
  await vi.advanceTimersByTimeAsync(2_000)
  await expect.poll(() => operations('authflight.refresh').length, { interval: 0 }).toBe(1)
  const { now } = performance
  const behind = vi.spyOn(performance, 'now').mockImplementation(() => Reflect.apply(now, performance, []) - 100)
  onTestFinished(() => behind.mockRestore())

  await vi.advanceTimersByTimeAsync(2_050)
  expect(server.count('refresh_token')).toBe(1)
  const passAndCount = async (): Promise<number> => {
    await vi.advanceTimersByTimeAsync(100)
    return server.count('refresh_token')
  }
  await expect.poll(passAndCount, { interval: 0 }).toBe(2)
})

async function setUpDying() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 20 })
  const auth = createClient({ autoRefresh: 'always' })
  return { server, auth, signIn: () => signIn(auth) }
}

describe('a session whose access token dies while nobody asks', () => {
  test('ends where nothing can renew it (promise 5)', async () => {
    const { server, auth, signIn } = await setUpDying()
    server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
    await signIn()
    await vi.advanceTimersByTimeAsync(19_000)
    expect(auth.getSnapshot().status).toBe('signed-in')
    await vi.advanceTimersByTimeAsync(1_000)
    await expect.poll(auth.getSnapshot, { interval: 0 }).toEqual({ status: 'signed-out', reason: 'expired' })
  })

  test('is shown as stale where its refresh has failed and is not tried again yet', async () => {
    const { server, auth, signIn } = await setUpDying()
    await signIn()
    server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
    const { error } = await auth.refreshSession()
    expect(auth.getSnapshot().status).toBe('signed-in')
    await vi.advanceTimersByTimeAsync(20_000)
    await expect
      .poll(auth.getSnapshot, { interval: 0 })
      .toMatchObject({ status: 'stale', error, session: { stale: true } })
    expect(server.count('refresh_token')).toBe(1)
  })
})

test('a network that comes and goes does not shorten the time that a server has asked for', async () => {
  const window = new EventTarget()
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const { server, auth, signIn } = await setUpDying()
  await signIn()
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  await auth.refreshSession()
  await vi.advanceTimersByTimeAsync(20_000)
  const { named } = recordAll()
  for (let n = 0; n < 5; n += 1) {
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(server.count('refresh_token')).toBe(1)
  expect(named('authflight.record.timer_fired')).toHaveLength(5)
})

test('the timer of another client of the store waits for the pause as well', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 20 })
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const other = createClient({ storage, autoRefresh: 'always' })
  await other.getSession()
  server.faults.always(busy({ retryAfter: 60 }), { grant: 'refresh_token' })
  await auth.refreshSession()
  const { named } = recordAll()
  await vi.advanceTimersByTimeAsync(50_000)
  expect(other.getSnapshot().status).toBe('stale')
  expect(named('authflight.record.timer_fired').length).toBeLessThan(4)
  expect(server.count('refresh_token')).toBe(1)
})

test('what failed by a clock that was a day ahead is tried again soon after that was set right', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  let ahead = 86_400_000
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  server.faults.next(busy({ status: 503 }), { grant: 'refresh_token' })
  const auth = createClient({ storage, autoRefresh: 'always' }, (given) =>
    createAuthClientIn(createRealm({ clock }), given),
  )
  async function passUntil(status: string): Promise<void> {
    for (let steps = 0; steps < 200 && auth.getSnapshot().status !== status; steps += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate)
    }
    expect(auth.getSnapshot().status).toBe(status)
  }
  await passUntil('stale')
  ahead = 0
  await passUntil('signed-in')
})
