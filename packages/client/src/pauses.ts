import { type Clock, rest } from './clock.ts'
import { AuthRetryableFetchError } from './errors.ts'
import type { Failure } from './parts.ts'
import { backoff } from './schedule.ts'

interface Pause {
  readonly failures: number
  readonly failure: Failure
}

/** The back-off after failures, one for each slot: shared by all who ask, and over when its cause may be over. */
export interface Pauses {
  /** The failure to answer with at once; null when it is time to try. */
  current(key: string): Failure | null
  /** Notes one more failure. `retryAfter`: what the server asked for, milliseconds. */
  fail(key: string, failure: Omit<Failure, 'kind' | 'retryAt'>, retryAfter: number | null): Failure
  end(key: string): void
  endAll(): void
}

export function createPauses(clock: Clock): Pauses {
  const pauses = new Map<string, Pause>()
  return {
    current(key) {
      const failure = pauses.get(key)?.failure
      return failure && clock.now() < (failure.retryAt ?? 0) ? failure : null
    },
    fail(key, failure, retryAfter) {
      const failures = (pauses.get(key)?.failures ?? 0) + 1
      const retryAt = clock.now() + backoff(failures, retryAfter, Math.random())
      const error = failure.error instanceof AuthRetryableFetchError ? failure.error.scheduled(retryAt) : failure.error
      const made: Failure = { kind: 'failed', error, errorType: failure.errorType, retryAt }
      pauses.set(key, { failures, failure: made })
      return made
    },
    end: (key) => void pauses.delete(key),
    endAll: () => pauses.clear(),
  }
}

/** Does what is owed to a failing store, with back-off, until it succeeds. Keeps no Node process alive. */
export async function untilDone<R>(clock: Clock, attempt: () => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    await rest(clock, backoff(tries, null, Math.random()), 'background')
    try {
      return await attempt()
    } catch {
      // The store still fails. What is owed stays owed.
    }
  }
}
