import { type Clock, settleWithin } from '../realm/clock.ts'
import type { Attributes } from '../telemetry/attributes.ts'
import type { Operation, Telemetry } from '../telemetry/operation.ts'
import type { Scope, Store, View } from './store.ts'

export interface BoundedStore extends Store {
  /** `by`: what it is done for; its span has the transaction below it. */
  transact<R>(scope: Scope, change: (view: View) => R, by?: Operation): Promise<R>
}

/** Their transactions take no time that anybody would look for. */
const immediate = ['memory', 'web-storage', 'cookie']

/**
 * A store that answers within `limit` milliseconds, or fails: one that hangs must not hold a flight, and all who join it, for ever. What was
 * given up decides nothing any more if the store comes to it later; what it had decided already may still be written, and whoever
 * reads again finds out.
 */
export function boundedStore(
  store: Store,
  { open }: Pick<Telemetry, 'open'>,
  clock: Clock,
  limit: number,
): BoundedStore {
  const { type, atomic, persistent, notifies } = store
  const attributes: Attributes = {
    'authflight.storage.operation': 'transact',
    'authflight.storage.type': type === 'indexeddb' || type === 'key-value' ? type : '_OTHER',
  }
  return {
    type,
    atomic,
    persistent,
    notifies,
    async transact(scope, change, parent) {
      // For an SDK alone: as records they would crowd everything else out of the ring.
      const span =
        parent?.isTraced &&
        !immediate.includes(type) &&
        open('authflight.storage', { parent, attributes, record: false })
      let result: Attributes['authflight.storage.result'] = 'failed'
      let isGivenUp = false
      const tooLate = (): never => {
        throw new DOMException('The store did not answer.', 'TimeoutError')
      }
      try {
        const done = store.transact(scope, (view) => (isGivenUp ? tooLate() : change(view)))
        const settled = await settleWithin(done, clock, limit)
        if (settled.by !== 'value') return tooLate()
        result = 'done'
        return settled.value
      } finally {
        isGivenUp = true
        if (span) span.end({ 'authflight.storage.result': result })
      }
    },
  }
}
