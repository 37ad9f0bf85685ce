import { type Clock, settleWithin } from '../realm/clock.ts'
import type { Realm } from '../realm/realm.ts'

/**
 * Shows other tabs that this one still lives: a Web Lock that is held while something is under way, and that the browser takes
 * away with the tab. Nobody waits on it for entry; it is only looked at.
 */
export interface SignOfLife {
  /** Holds the lock of this random id, and gives its release; null where the runtime has no locks, or will not give one. */
  hold(id: string): Promise<(() => void) | null>
  /** Whether nobody holds it, so that its holder is gone. False where that cannot be told. */
  isGone(id: string): Promise<boolean>
}

/** `locks`: the runtime's Web Locks, or undefined where it has none (insecure pages, older runtimes). */
export function createSignOfLife(locks: Realm['locks']): SignOfLife {
  if (!locks) return { hold: async () => null, isGone: async () => false }
  const nameOf = (id: string): string => `authflight:${id}`
  return {
    hold: (id) =>
      new Promise((resolve) => {
        const held = (): Promise<void> => new Promise((release) => resolve(release))
        const none = (): void => resolve(null)
        // A polyfill may throw, or give no promise.
        ;(async () => locks.request(nameOf(id), held))().then(none, none)
      }),
    async isGone(id) {
      try {
        return (await locks.request(nameOf(id), { ifAvailable: true }, (lock) => lock !== null)) === true
      } catch {
        return false
      }
    },
  }
}

/** Holds within `ms`, or goes without: a browser whose locks hang must not hold up a refresh. */
export async function holdWithin(ms: number, life: SignOfLife, id: string, clock: Clock): Promise<(() => void) | null> {
  const holding = life.hold(id)
  const held = await settleWithin(holding, clock, ms)
  if (held.by === 'value') return held.value
  void holding.then((release) => release?.())
  return null
}
