import type { Accounts } from './accounts.ts'
import type { Realm } from './realm.ts'
import type { AuthError } from './errors.ts'
import { backoff } from './schedule.ts'
import { leftBecause } from './sessions.ts'
import type { Shown } from './shown.ts'
import { asStorageError } from './storage/fault.ts'

export interface StartUp {
  /** Resolves when the store has told who was shown last. */
  readonly loaded: Promise<void>
  /** Why it is not known yet: a store that says what is wrong is quoted, one that is silent is a timeout. */
  why(by: 'timeout' | 'aborted'): AuthError
  /** Ends the rest between two tries; nobody is asked again. For a client that was disposed. */
  stop(): void
}

/**
 * Reads who was shown last, again and again until the store has answered: until then nobody is signed out. `isReturning`: a sign-in comes
 * back with this page, so that nobody in the store is not yet an answer.
 */
export function startUp(
  { clock, random }: Realm,
  accounts: Accounts,
  shown: Shown,
  isDisposed: () => boolean,
  isReturning: boolean,
): StartUp {
  let fault: AuthError | null = null
  let stop = (): void => {}

  async function load(): Promise<void> {
    for (let tries = 1; !isDisposed(); tries += 1) {
      try {
        const held = await accounts.load()
        if (held || !isReturning) shown.begin(held)
        return
      } catch (error) {
        fault = asStorageError(error)
        await pause(backoff(tries, null, random()))
      }
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve)
      stop = () => {
        cancel()
        resolve()
      }
    })

  return { loaded: load(), why: (by) => (by === 'timeout' && fault ? fault : leftBecause(by)), stop: () => stop() }
}
