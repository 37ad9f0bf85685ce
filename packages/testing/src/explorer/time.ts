import { currentCall, onBehalfOf, type Call } from './call.ts'

interface Timer {
  /** Milliseconds of the world. */
  readonly due: number
  readonly nth: number
  readonly task: () => void
  readonly call: Call | null
}

/** Timers of one tab: they fire in their order, and not while the tab is frozen. */
export interface Timers {
  set(ms: number, task: () => void): () => void
  readonly size: number
  clear(): void
}

/** How late a timer of a tab that runs may be, milliseconds: what a loaded machine does, less than any margin of the client's. */
const latest = 1_000

/** The time of a world. It passes only when a timer is chosen, or somebody sleeps. */
export class Time {
  /** Milliseconds since the world began, of all monotonic clocks in it. */
  now = 0
  #timers = new Map<object, { timers: Timer[]; isHeld: () => boolean }>()
  #count = 0

  /** `isHeld`: no timer fires at the moment. */
  timersFor(owner: object, isHeld: () => boolean): Timers {
    const timers: Timer[] = []
    this.#timers.set(owner, { timers, isHeld })
    return {
      set: (ms, task) => {
        const timer = { due: this.now + Math.max(ms, 0), nth: (this.#count += 1), task, call: currentCall() }
        timers.push(timer)
        return () => {
          const at = timers.indexOf(timer)
          if (at !== -1) timers.splice(at, 1)
        }
      },
      get size() {
        return timers.length
      },
      clear: () => void timers.splice(0),
    }
  }

  /** The next timer of each tab whose time may have come, earliest first: no tab runs far ahead of another one. */
  eligible(): { readonly due: number; readonly fire: () => void }[] {
    const next: { timer: Timer; timers: Timer[] }[] = []
    for (const { timers, isHeld } of this.#timers.values()) {
      if (timers.length === 0 || isHeld()) continue
      let timer = timers[0] as Timer
      for (const other of timers) if (isBefore(other, timer)) timer = other
      next.push({ timer, timers })
    }
    next.sort((a, b) => (isBefore(a.timer, b.timer) ? -1 : 1))
    const bound = (next[0]?.timer.due ?? 0) + latest
    return next
      .filter(({ timer }) => timer.due <= bound)
      .map(({ timer, timers }) => ({ due: timer.due, fire: () => this.#fire(timer, timers) }))
  }

  #fire(timer: Timer, timers: Timer[]): void {
    timers.splice(timers.indexOf(timer), 1)
    this.now = Math.max(this.now, timer.due)
    onBehalfOf(timer.call, timer.task)
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.nth < b.nth)
