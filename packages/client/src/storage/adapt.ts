import { isA } from '../base/is-a.ts'
import { type KeyValueStorage, keyValueStore } from './key-value.ts'
import type { Store } from './store.ts'
import { describeWeakness, isPage, warnOnce } from './weakness.ts'
import { webStorageStore } from './web-storage.ts'

/** The store that an app has given, made one where it is a plain storage; null where it is neither. A weak one is said once. */
export function adaptStorage(given: Store | KeyValueStorage): Store | null {
  const store = asStore(given)
  const weakness = store && isPage() ? describeWeakness(store) : null
  if (weakness) warnOnce(weakness)
  return store
}

function asStore(given: (Partial<Store> & Partial<KeyValueStorage>) | null): Store | null {
  const can = (method: keyof Store | keyof KeyValueStorage): boolean =>
    typeof (given as Record<string, unknown> | null)?.[method] === 'function'
  if (can('transact')) return given as Store
  if (!can('getItem') || !can('setItem') || !can('removeItem')) return null
  // By its tag, not by its class: the storage of a frame is one too.
  return isA('Storage', given) ? webStorageStore(given as Storage) : keyValueStore(given as KeyValueStorage)
}
