import { describeStore } from '@authflight/testing/conformance'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cookieStore, indexedDbStore, type Store } from '../../src/index.ts'
import { adaptStorage } from '../../src/storage/adapt.ts'
import { browserStores, deleteDatabase } from '../support/browser-stores.ts'

const increment = (store: Store) =>
  store.transact({ keys: ['count'] }, (view) => {
    const { n } = (view.get('count') as { n: number } | undefined) ?? { n: 0 }
    view.put('count', { n: n + 1 })
  })
const count = (store: Store) => store.transact({ keys: ['count'] }, (view) => view.get('count'))

describe.each(browserStores)('%s', (_, subject) => {
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

// Browsers count this machine as one that came over https.
test('cookies that no other host may set are kept, read and deleted', async () => {
  const store = cookieStore({ secure: true })
  const names = () => document.cookie.split('; ').flatMap((pair) => /^(__Host-.*?)=/.exec(pair)?.[1] ?? [])
  await increment(store)
  await increment(store)
  expect(await count(store)).toEqual({ n: 2 })
  expect(names()).toEqual(['__Host-authflight%3Acount'])
  await store.transact({ keys: ['count'] }, (view) => view.delete('count'))
  expect(names()).toEqual([])
})
