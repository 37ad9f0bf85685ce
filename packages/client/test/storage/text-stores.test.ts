import { describeStore, type StoreUnderTest } from '@authflight/testing/conformance'
import { describe, expect, test } from 'vitest'
import { cookieStore, keyValueStore, type Store, webStorageStore } from '../../src/index.ts'
import { asAnotherObject, createAsyncStorage, FakeDocument, FakeStorage } from '../support/fake-storages.ts'

let storage = new FakeStorage()
let eventual = createAsyncStorage()
let page = new FakeDocument()

const stores: [string, StoreUnderTest][] = [
  [
    'webStorageStore',
    {
      create: () => webStorageStore((storage = new FakeStorage())),
      reopen: () => webStorageStore(asAnotherObject(storage)),
    },
  ],
  [
    'keyValueStore on a synchronous storage',
    { create: () => keyValueStore((storage = new FakeStorage())), reopen: () => keyValueStore(storage) },
  ],
  [
    'keyValueStore on an asynchronous storage',
    { create: () => keyValueStore((eventual = createAsyncStorage())), reopen: () => keyValueStore(eventual) },
  ],
  [
    'cookieStore',
    {
      create: () => cookieStore({ document: (page = new FakeDocument()) }),
      reopen: () => cookieStore({ document: page }),
    },
  ],
]

describe.each(stores)('%s', (_, subject) => {
  describeStore(test, subject)
})

test.each([
  ['webStorageStore', webStorageStore as (storage: never) => Store],
  ['keyValueStore', keyValueStore as (storage: never) => Store],
])(
  '%s of nothing, as on a server without a `localStorage`, fails when it is used and not before',
  async (_, storeOf) => {
    const store = storeOf(undefined as never)
    await expect(store.transact({ keys: ['a'] }, () => {})).rejects.toThrow(TypeError)
  },
)

test('one storage has one store, and another storage another', () => {
  const [one, other] = [new FakeStorage(), new FakeStorage()]
  expect(webStorageStore(one)).toBe(webStorageStore(one))
  expect(keyValueStore(one)).toBe(keyValueStore(one))
  expect(webStorageStore(one)).not.toBe(webStorageStore(other))
})
