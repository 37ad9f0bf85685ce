import { rest } from '../realm/clock.ts'
import { AuthRetryableFetchError } from '../base/errors.ts'
import { onePer } from '../base/one-per.ts'
import type { Failure } from '../slot/parts.ts'
import type { Realm } from '../realm/realm.ts'
import { backoff } from '../base/schedule.ts'
import type { Store } from '../storage/store.ts'

interface Pause {
  readonly sessionId: string
  readonly failures: number
  readonly failure: Failure
  /** On the monotonic clock: a clock that is set back must not make a pause longer. */
  readonly until: number
  /** A user-forced refresh has gone through it already. */
  readonly isForced: boolean
  /** It is as long as the server has asked. */
  readonly isAsked: boolean
}

/** The back-off after failures, one for each session: shared by all who ask, and over when its cause may be over. */
export interface Pauses {
  /** The failure to answer with at once; null when it is time to try. `forced` goes through a pause once. */
  current(key: string, sessionId: string, forced: boolean): Failure | null
  /** Notes one more failure. `retryAfter`: what the server asked for, milliseconds. */
  fail(key: string, sessionId: string, failure: Omit<Failure, 'kind' | 'retryAt'>, retryAfter: number | null): Failure
  end(key: string): void
  /** The network is back. What a server has asked for lasts all the same. */
  endOwn(): void
}

/** Milliseconds after its pause in which nobody has asked again: then a failure is forgotten. */
const failuresCountFor = 60_000

/** Those of a store, for all its clients in this realm, also for those that come later. */
export const pausesIn = onePer((realm: Realm) => onePer((_place: Store) => createPauses(realm)))

export function createPauses({ clock, random }: Pick<Realm, 'clock' | 'random'>): Pauses {
  const pauses = new Map<string, Pause>()
  const find = (key: string, sessionId: string): Pause | null => {
    const pause = pauses.get(key)
    return pause?.sessionId === sessionId && clock.monotonic() < pause.until + failuresCountFor ? pause : null
  }
  return {
    current(key, sessionId, forced) {
      const pause = find(key, sessionId)
      if (!pause || clock.monotonic() >= pause.until) return null
      if (!forced || pause.isForced) return pause.failure
      pauses.set(key, { ...pause, isForced: true })
      return null
    },
    fail(key, sessionId, failure, retryAfter) {
      const before = find(key, sessionId)
      const failures = (before?.failures ?? 0) + 1
      const wait = backoff(failures, retryAfter, random())
      const retryAt = clock.now() + wait
      const error = failure.error instanceof AuthRetryableFetchError ? failure.error.scheduled(retryAt) : failure.error
      const made: Failure = { kind: 'failed', error, errorType: failure.errorType, retryAt }
      const isForced = before?.isForced ?? false
      // Behind a redirect it is a network's sign-in page that was met, and no server of ours.
      const isAsked = Number.isFinite(retryAfter) && failure.errorType !== 'redirect'
      const now = clock.monotonic()
      pauses.delete(key)
      // Whose failure is the oldest comes first.
      for (const [old, { until }] of pauses) {
        if (now < until + failuresCountFor) break
        pauses.delete(old)
      }
      pauses.set(key, { sessionId, failures, failure: made, until: now + wait, isForced, isAsked })
      return made
    },
    end: (key) => void pauses.delete(key),
    endOwn() {
      for (const [key, { isAsked }] of pauses) if (!isAsked) pauses.delete(key)
    },
  }
}

/** Does what is owed to a failing store, with back-off, until it succeeds. Keeps no Node process alive. */
export async function untilDone<R>(
  { clock, random }: Pick<Realm, 'clock' | 'random'>,
  attempt: () => Promise<R>,
): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    await rest(clock, backoff(tries, null, random()), 'background')
    try {
      return await attempt()
    } catch {
      // The store still fails. What is owed stays owed.
    }
  }
}
