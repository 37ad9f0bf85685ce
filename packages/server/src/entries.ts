import type { Clock } from '@authflight/client/realm'

/** What is under way about one token in this process. */
export interface Entry<Flight> {
  readonly token: string
  /** The refresh that everybody joins; null where there is none. */
  flight: Flight | null
  /**
   * Takes the token for oneself, in the order of asking. Gives the way to let go of it, or null where it did not become free
   * within `ms`.
   */
  take(clock: Clock, ms: number): Promise<(() => void) | null>
  readonly isTaken: boolean
}

/**
 * One entry a token, for as long as somebody holds it: entered and left in pairs, and gone when its last holder leaves, so that a
 * process that runs for months remembers no token it has done with.
 */
export class Entries<Flight> {
  readonly #entries = new Map<string, Counted<Flight>>()

  get size(): number {
    return this.#entries.size
  }

  [Symbol.iterator](): Iterator<Entry<Flight>> {
    return this.#entries.values()
  }

  enter(token: string): Entry<Flight> {
    let entry = this.#entries.get(token)
    if (!entry) this.#entries.set(token, (entry = new Counted(token)))
    this.stay(entry)
    return entry
  }

  /** For somebody beside who has entered it: also where a reset has dropped it since. */
  stay(entry: Entry<Flight>): void {
    ;(entry as Counted<Flight>).holders += 1
  }

  leave(entry: Entry<Flight>): void {
    const counted = entry as Counted<Flight>
    counted.holders -= 1
    // After a reset a younger entry may stand in its place: that one is not this holder's to remove.
    if (counted.holders === 0 && this.#entries.get(counted.token) === counted) this.#entries.delete(counted.token)
  }

  /** Drops all entries. Who holds one goes on with it; who comes later gets a new one. */
  reset(): void {
    this.#entries.clear()
  }
}

class Counted<Flight> implements Entry<Flight> {
  readonly token: string
  flight: Flight | null = null
  holders = 0
  isTaken = false
  readonly #queue: (() => void)[] = []

  constructor(token: string) {
    this.token = token
  }

  take(clock: Clock, ms: number): Promise<(() => void) | null> {
    if (!this.isTaken) {
      this.isTaken = true
      return Promise.resolve(() => this.#letGo())
    }
    return new Promise((resolve) => {
      const next = (): void => {
        cancel()
        resolve(() => this.#letGo())
      }
      const cancel = clock.after(ms, () => {
        this.#queue.splice(this.#queue.indexOf(next), 1)
        resolve(null)
      })
      this.#queue.push(next)
    })
  }

  #letGo(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.isTaken = false
  }
}
