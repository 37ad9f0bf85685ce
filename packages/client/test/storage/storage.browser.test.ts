import { describeStore, type StoreUnderTest } from '@authflight/testing/conformance'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cookieStore, indexedDbStore, keyValueStore, memoryStore, webStorageStore } from '../../src/index.ts'
import { adaptStorage } from '../../src/storage/adapt.ts'
import { defaultStore } from '../../src/storage/default-store.ts'

/** Nothing may hold on to the database: a deletion that is blocked fails the test that comes after the one who held. */
function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('authflight')
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error ?? new Error('No reason given.')))
    request.addEventListener('blocked', () => reject(new Error('Somebody holds on to the database.')))
  })
}

const increment = (store: ReturnType<typeof indexedDbStore>) =>
  store.transact({ keys: ['count'] }, (view) => {
    const { n } = (view.get('count') as { n: number } | undefined) ?? { n: 0 }
    view.put('count', { n: n + 1 })
  })
const count = (store: ReturnType<typeof indexedDbStore>) =>
  store.transact({ keys: ['count'] }, (view) => view.get('count'))

function deleteCookies(): void {
  for (const pair of document.cookie.split('; ')) document.cookie = `${pair.split('=')[0]}=; Path=/; Max-Age=0`
}

const stores: [string, StoreUnderTest][] = [
  ['memoryStore in a page', { create: memoryStore }],
  [
    'indexedDbStore on the browser’s own IndexedDB',
    { create: () => deleteDatabase().then(() => indexedDbStore()), reopen: () => indexedDbStore() },
  ],
  ['the default store in a page', { create: () => deleteDatabase().then(defaultStore), reopen: defaultStore }],
  ...[localStorage, sessionStorage].map((storage, at): [string, StoreUnderTest] => [
    `webStorageStore on the browser’s own ${at === 0 ? 'localStorage' : 'sessionStorage'}`,
    {
      create() {
        storage.clear()
        return webStorageStore(storage)
      },
      reopen: () => webStorageStore(storage),
    },
  ]),
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

describe.each(stores)('%s', (_, subject) => {
  describeStore(test, subject)
})

test('the storages of the browser are known as such, those of a frame too', () => {
  const frame = document.createElement('iframe')
  document.body.append(frame)
  onTestFinished(() => frame.remove())
  const storages = [localStorage, sessionStorage, frame.contentWindow?.localStorage]
  expect(storages.map((storage) => storage && adaptStorage(storage)?.type)).toEqual(Array(3).fill('web-storage'))
})

test('two connections, as two tabs have them, lose none of a thousand increments', async () => {
  await deleteDatabase()
  const tabs = [indexedDbStore(), indexedDbStore()]
  await Promise.all(tabs.flatMap((tab) => Array.from({ length: 500 }, () => increment(tab))))
  expect(await count(indexedDbStore())).toEqual({ n: 1_000 })
})

test('the database can be deleted under way, and a new one is begun', async () => {
  const store = indexedDbStore()
  await increment(store)
  const meanwhile = Promise.allSettled(Array.from({ length: 50 }, () => increment(store)))
  await deleteDatabase()
  await meanwhile
  await deleteDatabase()
  await increment(store)
  expect(await count(store)).toEqual({ n: 1 })
})
