/** How far another tab's record clock is ahead of ours, in milliseconds, and how wrong that may be. */
export interface ClockEstimate {
  readonly ahead: number
  readonly error: number
}

/**
 * A question sent at `askedAt` (our clock), answered at `theirs` (their clock), back at `arrivedAt` (ours). The answer was
 * written somewhere between, so half the round trip bounds the error; of two estimates the surer one stays.
 */
export function measure(held: ClockEstimate | null, askedAt: number, theirs: number, arrivedAt: number): ClockEstimate {
  const error = Math.abs(arrivedAt - askedAt) / 2
  if (held !== null && held.error <= error) return held
  return { ahead: theirs - (askedAt + arrivedAt) / 2, error }
}

/**
 * A message stamped `theirs` cannot arrive before it was sent: their clock is ahead by at least the difference. Corrects an
 * estimate that says less.
 */
export function lift(held: ClockEstimate, theirs: number, arrivedAt: number): ClockEstimate {
  const atLeast = theirs - arrivedAt
  return held.ahead >= atLeast ? held : { ahead: atLeast, error: held.error }
}

/** Milliseconds to add to their times. A difference within the error counts as none. */
export function shiftOf(clock: ClockEstimate): number {
  return Math.abs(clock.ahead) <= clock.error ? 0 : -clock.ahead
}
