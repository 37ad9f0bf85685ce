import { busy } from '@authflight/testing'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAutoRefresh } from '../src/auto-refresh.ts'
import { firstRevision, type SlotRecord } from '../src/slot.ts'
import { systemRealm } from '../src/system-realm.ts'
import { createTelemetry } from '../src/telemetry/operation.ts'
import { setUp } from './support/app.ts'
import { recordAll } from './support/observe.ts'
import { unknownTokens } from './support/realm.ts'

const slotOf = (expiresIn: number | null, refreshToken: string | null = 'r'): SlotRecord =>
  firstRevision(
    systemRealm,
    unknownTokens({
      accessToken: 'a',
      tokenType: 'bearer',
      refreshToken,
      expiresIn,
      refreshExpiresIn: null,
      scopes: null,
      user: null,
    }),
  )

describe('the timer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function create() {
    const due = vi.fn()
    return { due, timer: createAutoRefresh(systemRealm, createTelemetry(systemRealm, 'client', null), 'always', due) }
  }

  test('is due before the token dies', async () => {
    const { due, timer } = create()
    timer.follow(slotOf(600))
    await vi.advanceTimersByTimeAsync(539_000)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(due).toHaveBeenCalledOnce()
  })

  test.each([0.001, 1, 0])('takes a second at least, also for a lifetime of %d seconds', async (lifetime) => {
    const { due, timer } = create()
    timer.follow({ ...slotOf(1), tokens: { ...slotOf(1).tokens, expiresAt: Date.now() + lifetime * 1_000 } })
    await vi.advanceTimersByTimeAsync(999)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(due).toHaveBeenCalledOnce()
  })

  test('waits for the next try after a failure', async () => {
    const { due, timer } = create()
    timer.follow(slotOf(1), Date.now() + 30_000)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(due).toHaveBeenCalledOnce()
  })

  test.each([
    ['without a refresh token', slotOf(60, null)],
    ['that lives nobody knows how long', slotOf(null)],
    ['that is nobody’s', null],
  ])('is not set for a session %s', (_, slot) => {
    create().timer.follow(slot)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is one, whatever is followed and however often, and none after the end', () => {
    const { timer } = create()
    for (const lifetime of [60, 120, 180]) timer.follow(slotOf(lifetime))
    timer.review()
    expect(vi.getTimerCount()).toBe(1)
    timer.stop()
    timer.follow(slotOf(60))
    timer.setMode('always')
    timer.review()
    expect(vi.getTimerCount()).toBe(0)
  })
})

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
