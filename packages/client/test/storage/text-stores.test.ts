import { describeStore, type StoreUnderTest } from '@authflight/testing/conformance'
import { describe, test } from 'vitest'
import { cookieStore, keyValueStore, webStorageStore } from '../../src/index.ts'
import { createAsyncStorage, FakeDocument, FakeStorage } from '../support/fake-storages.ts'

let storage = new FakeStorage()
let eventual = createAsyncStorage()
let page = new FakeDocument()

const stores: [string, StoreUnderTest][] = [
  [
    'webStorageStore',
    { create: () => webStorageStore((storage = new FakeStorage())), reopen: () => webStorageStore(storage) },
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
