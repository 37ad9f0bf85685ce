/** How long something took, and so when it may be done again. */
export class Cost {
  readonly #share: number
  #spent = 0
  #ended = -Infinity

  /** @param share of the time that passes it takes at most one part in so many. Default 20 */
  constructor(share = 20) {
    this.#share = share
  }

  /** Begins to measure; returns the way to end that. */
  measure(): () => void {
    const began = performance.now()
    return () => {
      this.#ended = performance.now()
      this.#spent = this.#ended - began
    }
  }

  /** Milliseconds until it may be done again, at least so many. */
  pause(least: number): number {
    return Math.max(least, this.#spent * this.#share)
  }

  /** Milliseconds of the pause that are left. */
  left(): number {
    return Math.max(0, this.#ended + this.#spent * this.#share - performance.now())
  }
}
