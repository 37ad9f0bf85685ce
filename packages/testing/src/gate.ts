import type { Fault } from './faults.ts'

/** A closed gate on the way of requests. It holds every one that comes until it is released. */
export interface Gate {
  /** Settles when the first request stands at the gate. */
  readonly arrived: Promise<void>
  /** How many have come so far. */
  readonly count: number
  /** Settles when `count` is at least `n`. */
  arrivals(n: number): Promise<void>
  /** Opens the gate for good. */
  release(): void
}

/** `before`: held on the way to the server. `after`: held on the way back, when the server has acted. */
export type GateSide = 'before' | 'after'

export function createGate(side: GateSide, onRelease: () => void): { gate: Gate; fault: Fault } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => void (open = resolve))
  const waiting: { readonly n: number; readonly resolve: () => void }[] = []
  let count = 0

  function arrivals(n: number): Promise<void> {
    if (count >= n) return Promise.resolve()
    return new Promise((resolve) => void waiting.push({ n, resolve }))
  }
  function pass(): Promise<void> {
    count++
    for (const waiter of waiting) if (count >= waiter.n) waiter.resolve()
    return opened
  }
  const fault: Fault = {
    name: `hold_${side}`,
    async apply(next) {
      if (side === 'before') await pass()
      const answer = await next()
      if (side === 'after') await pass()
      return answer
    },
  }
  const gate: Gate = {
    arrived: arrivals(1),
    get count() {
      return count
    },
    arrivals,
    release() {
      onRelease()
      open()
    },
  }
  return { gate, fault }
}
