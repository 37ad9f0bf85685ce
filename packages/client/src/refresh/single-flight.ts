/** Anything under way whose end is a promise. */
interface Flying {
  readonly landing: Promise<unknown>
}

/**
 * At most one flight a key. The check and the registration are one synchronous step: `start` runs to its first `await`
 * before anybody else can ask, so it must hand back the flight without awaiting. An entry is removed only by the flight that
 * made it, so a flight that lands late never takes a younger one's place away.
 */
export class SingleFlight<F extends Flying> {
  readonly #flights = new Map<string, F>()

  /** Joins the flight of this key, or starts it. A `start` that throws leaves no entry behind. */
  join(key: string, start: () => F): { readonly flight: F; readonly started: boolean } {
    const found = this.#flights.get(key)
    if (found) return { flight: found, started: false }
    const flight = start()
    this.#flights.set(key, flight)
    const remove = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.landing.then(remove, remove)
    return { flight, started: true }
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  get size(): number {
    return this.#flights.size
  }
}
