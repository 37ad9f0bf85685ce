/** How long something took, and so when it may be done again. */
export class Cost {
  readonly #share: number
  readonly #most: number
  /** Milliseconds. */
  #rest = 0
  #ended = -Infinity

  /**
   * @param share so many times as long as it took it rests. Default 20
   * @param most milliseconds that it rests at the very most: what was measured may have been a machine that slept. Default 5,000
   */
  constructor(share = 20, most = 5_000) {
    this.#share = share
    this.#most = most
  }

  /** Begins to measure; returns the way to end that. */
  measure(): () => void {
    const began = performance.now()
    return () => {
      this.#ended = performance.now()
      this.#rest = Math.min((this.#ended - began) * this.#share, this.#most)
    }
  }

  /** Milliseconds until it may be done again, at least so many. */
  pause(least: number): number {
    return Math.max(least, this.#rest)
  }

  /** Milliseconds of the pause that are left; none or less once it is over. */
  left(): number {
    return this.#ended + this.#rest - performance.now()
  }
}
