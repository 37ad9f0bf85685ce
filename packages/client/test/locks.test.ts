import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  internals,
  LockAcquireTimeoutError,
  type LockFunction,
  navigatorLock,
  NavigatorLockAcquireTimeoutError,
  processLock,
  ProcessLockAcquireTimeoutError,
} from '../src/locks.ts'
import { createDeferred } from './support/deferred.ts'

let names = 0
const newName = (): string => `lock-${(names += 1)}`

describe.each<[string, LockFunction, abstract new (...args: never[]) => Error]>([
  ['processLock', processLock, ProcessLockAcquireTimeoutError],
  ['navigatorLock', navigatorLock, NavigatorLockAcquireTimeoutError],
])('%s', (_, lock, TooLate) => {
  test('gives what the work gives, and passes on what it throws', async () => {
    expect(await lock(newName(), -1, async () => 7)).toBe(7)
    await expect(lock(newName(), -1, () => Promise.reject(new TypeError('theirs')))).rejects.toThrow('theirs')
  })

  test('lets one in at a time, in order, also after one has thrown', async () => {
    const name = newName()
    const seen: string[] = []
    const work = (id: string) => async () => {
      seen.push(`${id} in`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${id} out`)
      if (id === 'b') throw new Error('b')
    }
    await Promise.allSettled(['a', 'b', 'c'].map((id) => lock(name, -1, work(id))))
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  test('with a timeout of zero is had at once or not at all', async () => {
    const name = newName()
    const held = createDeferred()
    const holding = lock(name, -1, () => held.promise)
    await new Promise((resolve) => setImmediate(resolve))
    const refused = lock(name, 0, async () => 'never')
    await expect(refused).rejects.toBeInstanceOf(TooLate)
    await expect(refused).rejects.toBeInstanceOf(LockAcquireTimeoutError)
    held.resolve()
    await holding
    expect(await lock(name, 0, async () => 'now')).toBe('now')
  })

  test('whoever waits longer than its timeout goes, and those behind it do not come in early', async () => {
    const name = newName()
    const held = createDeferred()
    const holding = lock(name, -1, () => held.promise)
    await expect(lock(name, 5, async () => 'never')).rejects.toMatchObject({ isAcquireTimeout: true })
    const seen: string[] = []
    const behind = lock(name, -1, async () => void seen.push('behind'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).toEqual([])
    held.resolve()
    await Promise.all([holding, behind])
    expect(seen).toEqual(['behind'])
  })

  test.each([Number.NaN, undefined])('a timeout of %s is none: it waits for ever', async (timeout) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const name = newName()
    const held = createDeferred()
    const holding = lock(name, -1, () => held.promise)
    const waiting = lock(name, timeout as never, async () => 'its turn')
    await vi.advanceTimersByTimeAsync(3_600_000)
    held.resolve()
    await holding
    expect(await waiting).toBe('its turn')
  })

  test('a timeout of an hour that is not needed leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const name = newName()
    await Promise.all([lock(name, 3_600_000, async () => 1), lock(name, 3_600_000, async () => 2)])
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('says who takes and leaves a lock when asked to', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  internals.debug = true
  onTestFinished(() => {
    internals.debug = false
    log.mockRestore()
  })
  await processLock('named', -1, async () => {})
  expect(log.mock.calls.flat()).toEqual(['Authflight: lock taken: named', 'Authflight: lock left: named'])
})

test('a runtime without Web Locks is told what to do', async () => {
  vi.stubGlobal('navigator', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  await expect(navigatorLock('any', 0, async () => 1)).rejects.toThrow(/needs Web Locks.*Leave `lock` out/)
})
