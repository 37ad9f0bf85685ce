import type { Leave } from '../realm/clock.ts'
import type { AuthError } from '../base/errors.ts'
import { leftBecause } from '../refresh/failures.ts'
import type { Realm } from '../realm/realm.ts'
import { backoff } from '../base/schedule.ts'
import { asStorageError } from '../storage/fault.ts'

export interface StartUp<Told> {
  /** Resolves with what the store has told; null: it was stopped before. */
  readonly done: Promise<Told | null>
  /** Why it is not known yet: a store that says what is wrong is quoted, one that is silent is a timeout. */
  why(by: Leave): AuthError
  /** Ends the rest between two tries; nobody is asked again. */
  stop(): void
}

/** Reads what stands in the store, again and again until it has answered: until then nobody is signed out. */
export function startUp<Told>(
  { clock, random }: Pick<Realm, 'clock' | 'random'>,
  read: () => Promise<Told>,
): StartUp<Told> {
  let fault: AuthError | null = null
  let isStopped = false
  let wake = (): void => {}

  async function load(): Promise<Told | null> {
    for (let tries = 1; !isStopped; tries += 1) {
      try {
        const told = await read()
        fault = null
        return told
      } catch (error) {
        fault = asStorageError(error)
        await pause(backoff(tries, null, random()))
      }
    }
    return null
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve)
      wake = () => {
        cancel()
        resolve()
      }
    })

  return {
    done: load(),
    why: (by) => (by === 'timeout' && fault ? fault : leftBecause(by)),
    stop() {
      isStopped = true
      wake()
    },
  }
}
