import { type Clock, settleWithin } from '../clock.ts'
import type { Store } from './store.ts'

/**
 * A store that answers within `limit` milliseconds, or fails: one that hangs must not hold a flight, and all who join it, for ever. What was
 * given up decides nothing any more if the store comes to it later; what it had decided already may still be written, and whoever
 * reads again finds out.
 */
export function boundedStore(store: Store, clock: Clock, limit: number): Store {
  const { type, atomic, persistent, notifies } = store
  return {
    type,
    atomic,
    persistent,
    notifies,
    async transact(scope, change) {
      let isGivenUp = false
      const tooLate = (): never => {
        throw new DOMException('The store did not answer.', 'TimeoutError')
      }
      const done = store.transact(scope, (view) => (isGivenUp ? tooLate() : change(view)))
      const settled = await settleWithin(done, clock, limit)
      if (settled.by === 'value') return settled.value
      isGivenUp = true
      done.catch(() => {})
      return tooLate()
    },
  }
}
