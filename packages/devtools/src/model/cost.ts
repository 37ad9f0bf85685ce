/** Of the time that passes, work that is done again and again takes at most one part in so many. */
const calm = 10

/** How long something took, and so when it may be done again. */
export class Cost {
  #spent = 0

  /** Begins to measure; returns the way to end that. */
  measure(): () => void {
    const began = performance.now()
    return () => void (this.#spent = performance.now() - began)
  }

  /** Milliseconds until it may be done again, at least so many. */
  pause(least: number): number {
    return Math.max(least, this.#spent * calm)
  }
}
