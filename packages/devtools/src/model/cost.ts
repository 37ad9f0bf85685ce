/** How long something took, and so when it may be done again. */
export class Cost {
  readonly #share: number
  /** Milliseconds. */
  #rest = 0
  #ended = -Infinity

  /** @param share so many times as long as it took it rests, five seconds at most: what was measured may have been a machine that slept. Default 50 */
  constructor(share = 50) {
    this.#share = share
  }

  /** Begins to measure; returns the way to end that. */
  measure(): () => void {
    const began = performance.now()
    return () => {
      this.#ended = performance.now()
      this.#rest = Math.min((this.#ended - began) * this.#share, 5_000)
    }
  }

  /** Milliseconds until it may be done again, at least so many. */
  pause(least: number): number {
    return Math.max(least, this.#rest)
  }

  /** Milliseconds that are left of such a pause; none or less once it is over. */
  left(least = 0): number {
    return this.#ended + this.pause(least) - performance.now()
  }
}
