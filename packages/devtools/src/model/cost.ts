/** How long something took, and so when it may be done again. */
export class Cost {
  readonly #share: number
  readonly #most: number
  #spent = 0
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
      this.#spent = this.#ended - began
    }
  }

  /** Milliseconds until it may be done again, at least so many. */
  pause(least: number): number {
    return Math.max(least, this.#rest())
  }

  /** Milliseconds of the pause that are left. */
  left(): number {
    return Math.max(0, this.#ended + this.#rest() - performance.now())
  }

  #rest(): number {
    return Math.min(this.#spent * this.#share, this.#most)
  }
}
