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
 * IndexedDB, or memory where the browser does not let this page have it, and that is said once. Any other fault may pass: the next
 * transaction asks again, because a store that has not answered never means signed out.
 */
function pageStore(): Store {
  const persistent = indexedDbStore()
  let chosen: Promise<Store> | null = null
  const choose = (): Promise<Store> =>
    (chosen ??= persistent
      .transact({ keys: [] }, () => persistent)
      .catch((fault: unknown) => {
        if (!isRefused(fault)) {
          chosen = null
          throw fault
        }
        sayOnce()
        return memoryStore()
      }))
  return {
    ...persistent,
    transact: async (scope, change) => (await choose()).transact(scope, change),
  }
}

/**
 * Firefox, Safari and a sandboxed frame throw a `SecurityError`, and what is no database a `TypeError`. Chromium has an `UnknownError` for
 * blocked site data as well as for a disk that failed just now: only its text tells them apart.
 */
const isRefused = (fault: unknown): boolean =>
  fault instanceof Error && (/^(Security|Type)Error$/.test(fault.name) || fault.message.includes('denied permission'))

const sayOnce = (): void =>
  warnOnce(
    'Authflight: IndexedDB could not be opened, so the session is kept in memory only: a reload signs out, and tabs do ' +
      'not share it. Allow site data for this page, or pass another `storage`.',
  )
