import { onePer } from '../base/one-per.ts'
import type { Store } from './store.ts'
import { ours } from './text-record.ts'
import { textStore } from './text-store.ts'

/**
 * Sessions in `localStorage` or `sessionStorage`, one entry a record under `authflight:`.
 *
 * Weaker than IndexedDB: a change made in one tab reaches another one's process later, so two tabs can each find that a
 * refresh token is free and both present it. A server that allows no reuse then ends the session. A `sessionStorage` is
 * lost with its tab, and copied when a tab is duplicated. One store for one storage: who is given the same one shares what it does there.
 */
export const webStorageStore: (
  storage: Storage,
) => Store & { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: true } = onePer((storage) =>
  textStore({ type: 'web-storage', atomic: 'realm', persistent: true, notifies: true }, () => ({
    keys: () =>
      Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '')
        .filter((key) => key.startsWith(ours))
        .map((key) => key.slice(ours.length)),
    read: (key) => storage.getItem(ours + key),
    write: (key, text) => storage.setItem(ours + key, text),
    remove: (key) => storage.removeItem(ours + key),
  })),
)
