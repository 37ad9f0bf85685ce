/** The only source of time. A test owns time by handing in a clock of its own. */
export interface Clock {
  /** Epoch milliseconds. May jump in both directions: people and network time correct it. */
  now(): number
  /** Milliseconds since some start, never backwards. The one for durations and waits. */
  monotonic(): number
  /** Epoch milliseconds with a sub-millisecond part, for records: unlike `now()` it does not follow a changed wall clock. */
  precise(): number
  /** Runs `task` after `ms` (0 to any length). Returns cancel. A background timer does not keep a Node process alive. */
  after(ms: number, task: () => void, kind?: 'background'): () => void
}

/** Browsers and Node run a longer timer at once. */
const longestTimer = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  precise: () => performance.timeOrigin + performance.now(),
  after(ms, task, kind) {
    let timer: unknown
    const arm = (left: number): void => {
      const step = Math.min(left, longestTimer)
      timer = setTimeout(() => (step < left ? arm(left - step) : task()), step)
      if (kind === 'background') unref(timer)
    }
    arm(Math.max(ms, 0))
    return () => clearTimeout(timer as number)
  },
}

/** Lets a Node process end although this timer or channel is open. Elsewhere there is nothing to do. */
export function unref(handle: unknown): void {
  ;(handle as { unref?: () => void } | null | undefined)?.unref?.()
}

/** The same clock for those who wait, until it is stopped: then all time has passed, and every wait by it is over at once. */
export function stoppable(clock: Clock): Clock & { stop(): void } {
  const pending = new Set<() => void>()
  let isStopped = false
  return {
    ...clock,
    monotonic: () => (isStopped ? Infinity : clock.monotonic()),
    after(ms, task, kind) {
      const leave = (): void => {
        cancel()
        pending.delete(end)
      }
      const end = (): void => {
        leave()
        task()
      }
      const cancel = clock.after(isStopped ? 0 : ms, end, kind)
      pending.add(end)
      return leave
    },
    stop() {
      isStopped = true
      for (const end of pending) end()
    },
  }
}

/** Why a caller went without a value: patience ran out, its signal said so, or what it gave for a signal is none. */
export type Leave = 'timeout' | 'aborted' | 'misused'

/** How a wait ended. */
export type Settled<T> = { readonly by: 'value'; readonly value: T } | { readonly by: Leave }

/** Why nothing is waited for with this signal; null: it may be. */
export function leftBefore(signal: AbortSignal | undefined): Leave | null {
  if (!signal) return null
  if (signal.aborted) return 'aborted'
  const isSignal = typeof signal.addEventListener === 'function' && typeof signal.removeEventListener === 'function'
  return isSignal ? null : 'misused'
}

/** Waits for a promise at most `ms`, or until the signal aborts. The promise itself goes on; its rejection is passed on. */
export function settleWithin<T>(
  promise: Promise<T>,
  clock: Clock,
  ms: number,
  signal?: AbortSignal,
): Promise<Settled<T>> {
  const left = leftBefore(signal)
  if (left) {
    promise.catch(() => {})
    return Promise.resolve({ by: left })
  }
  return new Promise((resolve, reject) => {
    const leave = (by: 'timeout' | 'aborted') => (): void => {
      tidy()
      resolve({ by })
    }
    const aborted = leave('aborted')
    const cancel = clock.after(ms, leave('timeout'))
    const tidy = (): void => {
      seat.waiter = null
      cancel()
      signal?.removeEventListener('abort', aborted)
    }
    const seat: Seat<T> = {
      waiter: {
        settle(value) {
          tidy()
          resolve({ by: 'value', value })
        },
        fail(error) {
          tidy()
          reject(error)
        },
      },
    }
    signal?.addEventListener('abort', aborted, { once: true })
    sit(seat, promise)
  })
}

interface Seat<T> {
  waiter: { readonly settle: (value: T) => void; readonly fail: (error: Error) => void } | null
}

/** By itself, so that a promise that never settles keeps an empty seat of whoever has gone, and nothing else. */
function sit<T>(seat: Seat<T>, promise: Promise<T>): void {
  promise.then(
    (value) => seat.waiter?.settle(value),
    (error: Error) => seat.waiter?.fail(error),
  )
}

/** Rests for `ms`. */
export const rest = (clock: Clock, ms: number, kind?: 'background'): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve, kind))
