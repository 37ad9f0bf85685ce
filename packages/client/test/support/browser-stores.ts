import type { StoreUnderTest } from '@authflight/testing/conformance'
import { cookieStore, indexedDbStore, keyValueStore, memoryStore, webStorageStore } from '../../src/index.ts'
import { defaultStore } from '../../src/storage/default-store.ts'
import { asAnotherObject } from './fake-storages.ts'

/** Nothing may hold on to the database: a deletion that is blocked fails the test that comes after the one who held. */
export function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('authflight')
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error ?? new Error('No reason given.')))
    request.addEventListener('blocked', () => reject(new Error('Somebody holds on to the database.')))
  })
}

function deleteCookies(): void {
  for (const pair of document.cookie.split('; ')) document.cookie = `${pair.split('=')[0]}=; Path=/; Max-Age=0`
}

const webStorage = (open: () => Storage): StoreUnderTest => ({
  create() {
    open().clear()
    return webStorageStore(open())
  },
  reopen: () => webStorageStore(asAnotherObject(open())),
})

/** Every store on what the browser itself has beneath it, by name. Touches nothing of the browser before it is used. */
export const browserStores: readonly (readonly [string, StoreUnderTest])[] = [
  ['memoryStore in a page', { create: memoryStore }],
  [
    'indexedDbStore on the browser’s own IndexedDB',
    { create: () => deleteDatabase().then(() => indexedDbStore()), reopen: () => indexedDbStore() },
  ],
  ['the default store in a page', { create: () => deleteDatabase().then(defaultStore), reopen: defaultStore }],
  ['webStorageStore on the browser’s own localStorage', webStorage(() => localStorage)],
  ['webStorageStore on the browser’s own sessionStorage', webStorage(() => sessionStorage)],
  [
    'cookieStore on the browser’s own cookies',
    {
      create() {
        deleteCookies()
        return cookieStore()
      },
      reopen: () => cookieStore(),
    },
  ],
  [
    'keyValueStore over the browser’s own localStorage',
    {
      create() {
        localStorage.clear()
        return keyValueStore(localStorage)
      },
      reopen: () => keyValueStore(localStorage),
    },
  ],
]
