import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { settleWithin, systemClock } from '../../src/realm/clock.ts'
import { createDeferred } from '../support/deferred.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new Promise<never>(() => {})

describe('settleWithin', () => {
  test('gives the value, and leaves no timer behind', async () => {
    await expect(settleWithin(Promise.resolve(7), systemClock, 100)).resolves.toEqual({ by: 'value', value: 7 })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('passes a rejection on, and leaves no timer behind', async () => {
    for (const fault of [new Error('broken'), 'text', null])
      await expect(settleWithin(Promise.reject(fault), systemClock, 100)).rejects.toBe(fault)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes when the time is over, not before', async () => {
    const settled = vi.fn<(by: string) => void>()
    void settleWithin(never, systemClock, 100).then(({ by }) => settled(by))
    await vi.advanceTimersByTimeAsync(99)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledExactlyOnceWith('timeout')
  })

  test('goes by the signal, and leaves neither timer nor listener behind', async () => {
    const leave = new AbortController()
    const removed = vi.spyOn(leave.signal, 'removeEventListener')
    const settled = settleWithin(never, systemClock, 100, leave.signal)
    leave.abort()
    await expect(settled).resolves.toEqual({ by: 'aborted' })
    expect(vi.getTimerCount()).toBe(0)
    expect(removed).toHaveBeenCalled()
  })

  test('a signal that was aborted before goes at once, even where the value is there', async () => {
    await expect(settleWithin(Promise.resolve(7), systemClock, 100, AbortSignal.abort())).resolves.toEqual({
      by: 'aborted',
    })
  })

  test('a rejection that comes after the wait is over is nobody’s unhandled one', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { promise, reject } = createDeferred<never>()
    const unwatched = createDeferred<never>()
    await settleWithin(unwatched.promise, systemClock, 10, AbortSignal.abort())
    const settled = settleWithin(promise, systemClock, 10)
    await vi.advanceTimersByTimeAsync(10)
    await expect(settled).resolves.toEqual({ by: 'timeout' })
    reject(new Error('late'))
    unwatched.reject(new Error('late'))
    vi.useRealTimers()
    await new Promise((resolve) => setTimeout(resolve, 0))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('the system clock', () => {
  test('runs a task after its time, unless it was cancelled', async () => {
    const task = vi.fn()
    const cancelled = vi.fn()
    systemClock.after(50, task)
    systemClock.after(50, cancelled)()
    await vi.advanceTimersByTimeAsync(50)
    expect(task).toHaveBeenCalledOnce()
    expect(cancelled).not.toHaveBeenCalled()
  })

  test('runs a task that is overdue at once', async () => {
    const task = vi.fn()
    systemClock.after(-5, task)
    await vi.advanceTimersByTimeAsync(0)
    expect(task).toHaveBeenCalledOnce()
  })

  test.each([Number.POSITIVE_INFINITY, 2 ** 40])(
    'does not run a task of %d ms at once, as timers would',
    async (ms) => {
      const task = vi.fn()
      const cancel = systemClock.after(ms, task)
      await vi.advanceTimersByTimeAsync(60_000)
      expect(task).not.toHaveBeenCalled()
      cancel()
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('runs a task that lies further ahead than a timer reaches when its time has come, not before', async () => {
    const task = vi.fn()
    const thirtyDays = 30 * 24 * 60 * 60 * 1_000
    systemClock.after(thirtyDays, task)
    await vi.advanceTimersByTimeAsync(thirtyDays - 1)
    expect(task).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(task).toHaveBeenCalledOnce()
  })

  test('its precise time does not follow a changed wall clock', () => {
    vi.useRealTimers()
    vi.useFakeTimers({ toFake: ['Date'] })
    const before = systemClock.precise()
    vi.setSystemTime(before + 3_600_000)
    expect(systemClock.precise() - before).toBeLessThan(60_000)
  })
})

test('a promise that never settles keeps nothing of those who have waited for it', async () => {
  vi.useRealTimers()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const never = new Promise<void>(() => {})
  const waitFor = async (signal: AbortSignal): Promise<void> => void (await settleWithin(never, systemClock, 0, signal))
  const signals: WeakRef<AbortSignal>[] = []
  for (let n = 0; n < 10; n += 1) {
    const { signal } = new AbortController()
    signals.push(new WeakRef(signal))
    await waitFor(signal)
  }
  // A reference that was looked at, or just made, holds until the next task.
  await new Promise((resolve) => setTimeout(resolve, 20))
  collect()
  // The last one may be in somebody's hand still.
  expect(signals.filter((signal) => signal.deref()).length).toBeLessThanOrEqual(1)
})
