import { createView, type Scope, type Store } from './store.ts'

/**
 * Sessions that live as long as the object does. A memory store belongs to whoever made it: clients share one only when
 * they are handed the same object, so a server never gives one request another's session.
 */
export function memoryStore(): Store & {
  readonly atomic: 'realm'
  readonly persistent: false
  readonly notifies: true
} {
  /** By kind: a server with thousands of sessions must not go through all of them to find twenty tombstones. */
  const kinds = new Map<string, Map<string, unknown>>()
  const recordsOf = (kind: string): Map<string, unknown> => {
    const records = kinds.get(kind) ?? new Map<string, unknown>()
    kinds.set(kind, records)
    return records
  }

  function read({ keys, prefixes = [] }: Scope): Map<string, unknown> {
    const found = new Map<string, unknown>()
    for (const key of keys) {
      const records = kinds.get(kindOf(key))
      if (records?.has(key)) found.set(key, records.get(key))
    }
    for (const prefix of prefixes) {
      const kind = kindOf(prefix)
      for (const records of kind === '' ? kinds.values() : [recordsOf(kind)]) {
        for (const [key, record] of records) if (key.startsWith(prefix)) found.set(key, record)
      }
    }
    return found
  }

  return {
    type: 'memory',
    atomic: 'realm',
    persistent: false,
    notifies: true,
    transact: async (scope, change) => {
      const { view, writes } = createView(read(scope))
      const result = change(view)
      for (const [key, record] of writes) {
        if (record === null) recordsOf(kindOf(key)).delete(key)
        else recordsOf(kindOf(key)).set(key, record)
      }
      return result
    },
  }
}

/** The part up to the first colon; empty where a prefix does not name one kind. */
const kindOf = (key: string): string => key.slice(0, key.indexOf(':') + 1)
