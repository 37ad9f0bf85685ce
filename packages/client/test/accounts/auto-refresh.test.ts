import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAutoRefresh } from '../../src/accounts/auto-refresh.ts'
import { createAuthClientIn } from '../../src/client.ts'
import { type createAuthClient, memoryStore } from '../../src/index.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { createPage, createRealm, unknownTokens } from '../support/realm.ts'

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

const died = (): SlotRecord => ({ ...slotOf(1), tokens: { ...slotOf(1).tokens, expiresAt: Date.now() } })

describe('the timer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function create() {
    const due = vi.fn()
    const telemetry = createTelemetry(systemRealm, 'client', null)
    const never = (): boolean => false
    const parts = { isLeft: never, checkClocks: never, due }
    return { due, timer: createAutoRefresh(systemRealm, telemetry, 'always', parts) }
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
    timer.follow(died(), Date.now() + 30_000)
    await vi.advanceTimersByTimeAsync(29_000)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(due).toHaveBeenCalledOnce()
  })

  test('waits out no pause once the network is back', async () => {
    const { due, timer } = create()
    timer.follow(died(), Date.now() + 30_000)
    timer.review('focus')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(due).not.toHaveBeenCalled()
    timer.review('online')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(due.mock.calls).toEqual([['online']])
    // A server may have asked for this time, and then what was tried comes to nothing.
    timer.review()
    await vi.advanceTimersByTimeAsync(26_000)
    expect(due).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(due).toHaveBeenCalledTimes(2)
  })

  test('is due when a token dies that nothing can renew, and not before', async () => {
    const { due, timer } = create()
    timer.follow(slotOf(600, null))
    await vi.advanceTimersByTimeAsync(599_999)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(due).toHaveBeenCalledOnce()
    // A store that does not take its end is not asked each second.
    timer.review()
    await vi.advanceTimersByTimeAsync(29_999)
    expect(due).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1)
    expect(due).toHaveBeenCalledTimes(2)
  })

  test('is due at once where a token that nothing can renew has died while the page slept', async () => {
    const { due, timer } = create()
    timer.follow(slotOf(600, null))
    vi.setSystemTime(Date.now() + 700_000)
    timer.review('resume')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(due).toHaveBeenCalledOnce()
  })

  test('is due when a token dies before the next try, and once more for that', async () => {
    const { due, timer } = create()
    timer.follow(slotOf(10), Date.now() + 60_000)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(due).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(due).toHaveBeenCalledOnce()
    timer.review()
    await vi.advanceTimersByTimeAsync(49_999)
    expect(due).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(1)
    expect(due).toHaveBeenCalledTimes(2)
  })

  test.each([
    ['that lives nobody knows how long', slotOf(null)],
    ['that is nobody’s', null],
  ])('is not set for a session %s', (_, slot) => {
    create().timer.follow(slot)
    expect(vi.getTimerCount()).toBe(0)
  })

  describe('tells what asked for a refresh', () => {
    /** The token has died, and no timer has run meanwhile: the page was frozen, or the machine slept. */
    function outlive() {
      const { due, timer } = create()
      timer.follow(slotOf(600))
      vi.setSystemTime(Date.now() + 600_000)
      return { due, timer }
    }

    test.each(['visibility', 'focus', 'online', 'resume', 'pageshow', 'clock_jump'] as const)(
      '%s, where the token has died by then',
      async (cause) => {
        const { due, timer } = outlive()
        timer.review(cause)
        await vi.advanceTimersByTimeAsync(1_000)
        expect(due.mock.calls).toEqual([[cause]])
      },
    )

    test('the first of several', async () => {
      const { due, timer } = outlive()
      timer.review('visibility')
      timer.review('focus')
      timer.review()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(due.mock.calls).toEqual([['visibility']])
    })

    test('the timer itself, where the token lives and the timer only goes on', async () => {
      const { due, timer } = create()
      timer.follow(slotOf(600))
      timer.review('focus')
      await vi.advanceTimersByTimeAsync(599_000)
      expect(due.mock.calls).toEqual([['timer']])
    })

    test('the beginning, where the timer begins with a dead token', async () => {
      const { due, timer } = outlive()
      timer.setMode('off')
      timer.setMode('always')
      await vi.advanceTimersByTimeAsync(1_000)
      expect(due.mock.calls).toEqual([['startup']])
    })

    test('nothing that was over before it came to that', async () => {
      const { due, timer } = outlive()
      timer.review('online')
      timer.follow(slotOf(600))
      await vi.advanceTimersByTimeAsync(599_000)
      expect(due.mock.calls).toEqual([['timer']])
    })
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

describe('a client whose token has died while nothing ran', () => {
  async function sleep() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const { page, tell } = createPage()
    const realm = createRealm({ page })
    const { operations } = recordAll()
    const { createClient, signIn } = setUp()
    const inRealm = ((options: never) => createAuthClientIn(realm, options)) as unknown as typeof createAuthClient
    const create = (): ReturnType<typeof createClient> => createClient({ autoRefresh: 'always', storage }, inRealm)
    const storage = memoryStore()
    const auth = create()
    await signIn(auth)
    return {
      auth,
      create,
      tell,
      triggers: () =>
        operations('authflight.refresh').map(({ attributes }) => attributes['authflight.refresh.trigger']),
    }
  }
  /** Both clocks: what sleeps so is no jump of one of them. */
  const pass = (ms: number): void => {
    const { now } = performance
    vi.setSystemTime(Date.now() + ms)
    const later = vi.spyOn(performance, 'now').mockImplementation(() => Reflect.apply(now, performance, []) + ms)
    onTestFinished(() => later.mockRestore())
  }

  test.each([
    ['visible', 'visibility'],
    ['focus', 'focus'],
    ['online', 'online'],
    ['resumed', 'resume'],
    ['restored', 'pageshow'],
    ['pageshow', 'pageshow'],
  ] as const)('told %s says that %s asked for its refresh', async (signal, trigger) => {
    const { tell, triggers } = await sleep()
    pass(3_600_000)
    tell(signal)
    await vi.advanceTimersByTimeAsync(1_000)
    await expect.poll(triggers, { interval: 0 }).toEqual([trigger])
  })

  test('by a clock that was moved says so, whatever else it is told', async () => {
    const { tell, triggers } = await sleep()
    vi.setSystemTime(Date.now() + 3_600_000)
    tell('visible')
    await vi.advanceTimersByTimeAsync(1_000)
    await expect.poll(triggers, { interval: 0 }).toEqual(['clock_jump'])
  })

  test('and that is begun anew says that it began', async () => {
    const { auth, create, triggers } = await sleep()
    auth.dispose()
    pass(3_600_000)
    create()
    await vi.advanceTimersByTimeAsync(1_000)
    await expect.poll(triggers, { interval: 0 }).toEqual(['startup'])
  })
})
