import { createView, type Store, within } from './store.ts'

/**
 * Sessions that live as long as the object does. A memory store belongs to whoever made it: clients share one only when
 * they are handed the same object, so a server never gives one request another's session.
 */
export function memoryStore(): Store {
  const records = new Map<string, unknown>()
  return {
    type: 'memory',
    atomic: 'realm',
    persistent: false,
    notifies: true,
    transact: async (scope, change) => {
      const isRead = within(scope)
      const { view, writes } = createView(new Map([...records].filter(([key]) => isRead(key))))
      const result = change(view)
      for (const [key, value] of writes) {
        if (value === null) records.delete(key)
        else records.set(key, value)
      }
      return result
    },
  }
}
