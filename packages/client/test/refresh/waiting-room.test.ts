import { expect, test, vi } from 'vitest'
import { systemClock, type Settled } from '../../src/realm/clock.ts'
import { openWaitingRoom } from '../../src/refresh/waiting-room.ts'

function listener() {
  const heard: Settled<string>[] = []
  return { heard, told: (settled: Settled<string>) => void heard.push(settled) }
}

test('everybody is told the outcome once, also who comes after it', async () => {
  const room = openWaitingRoom(systemClock, Promise.resolve('done'))
  const early = listener()
  const late = listener()
  room.join(performance.now() + 1_000, undefined, early.told)
  await Promise.resolve()
  room.join(performance.now() + 1_000, undefined, late.told)

  expect(early.heard).toEqual([{ by: 'value', value: 'done' }])
  expect(late.heard).toEqual([{ by: 'value', value: 'done' }])
})

test('who runs out of patience goes, in the order of patience, and the others stay', async () => {
  vi.useFakeTimers()
  try {
    let arrive: (value: string) => void = () => {}
    const room = openWaitingRoom(systemClock, new Promise<string>((resolve) => (arrive = resolve)))
    const [long, short, middle] = [listener(), listener(), listener()]
    room.join(performance.now() + 3_000, undefined, long.told)
    room.join(performance.now() + 1_000, undefined, short.told)
    room.join(performance.now() + 2_000, undefined, middle.told)

    await vi.advanceTimersByTimeAsync(1_000)
    expect([short.heard, middle.heard, long.heard]).toEqual([[{ by: 'timeout' }], [], []])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(middle.heard).toEqual([{ by: 'timeout' }])
    arrive('done')
    await vi.advanceTimersByTimeAsync(0)

    expect(long.heard).toEqual([{ by: 'value', value: 'done' }])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('who is called away by a signal goes at once, and its listener goes too', () => {
  const room = openWaitingRoom(systemClock, new Promise<string>(() => {}))
  const leave = new AbortController()
  const removed = vi.spyOn(leave.signal, 'removeEventListener')
  const { heard, told } = listener()
  room.join(performance.now() + 60_000, leave.signal, told)
  leave.abort()
  leave.abort()

  expect(heard).toEqual([{ by: 'aborted' }])
  expect(removed).toHaveBeenCalledOnce()
  const before = listener()
  room.join(performance.now() + 60_000, leave.signal, before.told)
  expect(before.heard).toEqual([{ by: 'aborted' }])
})
