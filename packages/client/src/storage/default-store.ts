import { indexedDbStore } from './indexeddb.ts'
import { memoryStore } from './memory.ts'
import type { Store } from './store.ts'
import { isPage, warnOnce } from './weakness.ts'

/** One a realm: its clients share their sessions by name, as they share the database. */
let shared: Store | null = null

/** A memory store belongs to the client that made it; the database belongs to the page. */
export const defaultStore = (): Store => ('indexedDB' in globalThis ? (shared ??= pageStore()) : withoutDatabase())

function withoutDatabase(): Store {
  if (isPage()) sayOnce()
  return memoryStore()
}

/**
 * IndexedDB where there is one, memory elsewhere. Where IndexedDB exists but refuses at once (blocked by policy, broken
 * profile) the session is kept in memory, and that is said once; an open that hangs is waited for, because a store that has
 * not answered never means signed out.
 */
function pageStore(): Store {
  const persistent = indexedDbStore()
  let chosen: Promise<Store> | null = null
  const choose = (): Promise<Store> =>
    (chosen ??= persistent
      .transact({ keys: [] }, () => persistent)
      .catch(() => {
        sayOnce()
        return memoryStore()
      }))
  return {
    ...persistent,
    transact: async (scope, change) => (await choose()).transact(scope, change),
  }
}

const sayOnce = (): void =>
  warnOnce(
    'Authflight: IndexedDB could not be opened, so the session is kept in memory only: a reload signs out, and tabs do ' +
      'not share it. Allow site data for this page, or pass another `storage`.',
  )
