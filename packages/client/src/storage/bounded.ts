import { type Clock, settleWithin } from '../clock.ts'
import type { Store } from './store.ts'

/**
 * A store that answers within `limit` milliseconds, or fails: one that hangs must not hold a flight, and all who join it, for ever. What it
 * was asked may still be done later; whoever reads again finds out.
 */
export function boundedStore(store: Store, clock: Clock, limit: number): Store {
  return {
    ...store,
    async transact(scope, change) {
      const settled = await settleWithin(store.transact(scope, change), clock, limit)
      if (settled.by === 'value') return settled.value
      throw new DOMException('The store did not answer.', 'TimeoutError')
    },
  }
}
