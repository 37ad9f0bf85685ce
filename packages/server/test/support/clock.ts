import type { Clock } from '@authflight/client/realm'

interface Timer {
  readonly due: number
  readonly task: () => void
  readonly isBackground: boolean
}

/** A clock that moves when the test says so. */
export function createManualClock(epoch = 1_800_000_000_000) {
  let now = 0
  const timers = new Set<Timer>()
  const clock: Clock = {
    now: () => epoch + now,
    monotonic: () => now,
    precise: () => epoch + now,
    after(ms, task, kind) {
      const timer = { due: now + Math.max(ms, 0), task, isBackground: kind === 'background' }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
  }
  return {
    clock,
    /** Lets so many milliseconds pass, with all timers that come due, in their order. */
    advance(ms: number): void {
      const end = now + ms
      for (;;) {
        const [next] = [...timers].filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)
        if (!next) break
        now = Math.max(now, next.due)
        timers.delete(next)
        next.task()
      }
      now = end
    },
    /** The clock moves, and the timers that are overdue have not run: a process that stood still. */
    stall(ms: number): void {
      now += ms
    },
    get timers() {
      return timers.size
    },
    /** Those that would keep a process alive. */
    get foregroundTimers() {
      return [...timers].filter(({ isBackground }) => !isBackground).length
    },
  }
}

/** Lets everything run that waits for nothing but its turn, real cryptography included. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** A few turns, for what must not happen. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
