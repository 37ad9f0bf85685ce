import { guarded } from '../base/guarded.ts'
import type { Clock, Settled } from '../realm/clock.ts'

/**
 * Everybody who waits for one outcome: a small object each, and one timer for all, because there may be a hundred thousand.
 * Who runs out of patience, or whose signal says so, goes; the others stay until the outcome is there.
 */
export interface WaitingRoom<T> {
  /** Calls `told` once: with the outcome, or with why this one went before. `deadline`: on the monotonic clock. */
  join(deadline: number, signal: AbortSignal | undefined, told: (settled: Settled<T>) => void): void
}

interface Waiter<T> {
  /** On the monotonic clock. */
  readonly deadline: number
  readonly told: (settled: Settled<T>) => void
  readonly signal: AbortSignal | undefined
  readonly aborted: (() => void) | undefined
}

/** `outcome` must not reject. */
export function openWaitingRoom<T>(clock: Clock, outcome: Promise<T>): WaitingRoom<T> {
  const waiters = new Set<Waiter<T>>()
  let arrived: Settled<T> | null = null
  /** The earliest deadline that a timer is set for. */
  let due = Infinity
  let cancel = (): void => {}

  function go(waiter: Waiter<T>, settled: Settled<T>): void {
    waiters.delete(waiter)
    waiter.told(settled)
    // Of what an app has handed in nothing may keep the others waiting.
    if (waiter.aborted) guarded(() => waiter.signal?.removeEventListener('abort', waiter.aborted as () => void))
  }

  function watch(deadline: number): void {
    if (deadline >= due) return
    cancel()
    due = deadline
    cancel = clock.after(deadline - clock.monotonic(), sendAway)
  }

  function sendAway(): void {
    const now = clock.monotonic()
    due = Infinity
    let next = Infinity
    for (const waiter of waiters) {
      if (waiter.deadline <= now) go(waiter, { by: 'timeout' })
      else next = Math.min(next, waiter.deadline)
    }
    if (next < Infinity) watch(next)
  }

  void outcome.then((value) => {
    cancel()
    arrived = { by: 'value', value }
    for (const waiter of waiters) go(waiter, arrived)
  })

  return {
    join(deadline, signal, told) {
      if (arrived) return told(arrived)
      if (signal?.aborted) return told({ by: 'aborted' })
      const aborted = signal && ((): void => go(waiter, { by: 'aborted' }))
      const waiter: Waiter<T> = { deadline, told, signal, aborted }
      waiters.add(waiter)
      if (aborted) signal.addEventListener('abort', aborted)
      watch(deadline)
    },
  }
}
