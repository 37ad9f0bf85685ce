import type { SessionResult } from '../base/errors.ts'
import type { CountIn } from '../refresh/refresh.ts'
import type { Session } from '../base/session.ts'
import type { RefreshTrigger } from '../telemetry/attributes.ts'

/**
 * Callers who ask the same about the same session at about the same time. A storm is one promise for many callers: what is made for
 * each of them is what it costs.
 */
export interface Crowd {
  /** What all of them wait for. */
  wait(promise: Promise<SessionResult>): void
  /** Their promise, for one more who asks this about this session, waits since then, and is counted; null: that one goes alone. */
  share(trigger: RefreshTrigger, about: Session | null, since: number): Promise<SessionResult> | null
  /**
   * From here on they wait for a flight about this session, and each is counted into it: by what the first was given to count others in,
   * or by what `another` is given who joins.
   */
  board(about: Session | null, first: CountIn | null, another: () => CountIn | null): void
}

/**
 * @param since when the first began to wait, on the monotonic clock: its patience is that of all.
 * @param near who has begun to wait so many milliseconds before or after it, or more, goes with others.
 */
export function gather(trigger: RefreshTrigger, session: Session | null, since: number, near: number): Crowd {
  /** Beside the first. */
  let size = 0
  let about = session
  let shared: Promise<SessionResult> | null = null
  /** Before there is a flight, nobody is refused. */
  let countIn: CountIn | null = () => true

  return {
    wait: (promise) => void (shared = promise),
    share(asked, held, from) {
      if (asked !== trigger || held !== about || Math.abs(from - since) >= near || !countIn?.()) return null
      size += 1
      return shared
    },
    board(held, first, another) {
      about = held
      countIn = first
      // The first of them have a wait of their own.
      for (let left = size; left > 0; left -= 1) if (!countIn?.()) countIn = another()
    },
  }
}
