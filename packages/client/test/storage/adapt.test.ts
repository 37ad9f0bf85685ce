import { beforeEach, expect, test, vi } from 'vitest'
import { cookieStore, indexedDbStore, keyValueStore, memoryStore, webStorageStore } from '../../src/index.ts'
import { createAsyncStorage, FakeStorage } from '../support/fake-storages.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  vi.resetModules()
  warn.mockClear()
})

/** A copy of the module of its own: what is said once is said once a copy. */
async function importAdapter(where: 'page' | 'server') {
  vi.unstubAllGlobals()
  if (where === 'page') vi.stubGlobal('document', {})
  const { adaptStorage } = await import('../../src/storage/adapt.ts')
  return adaptStorage
}

test('a store is taken as it is', async () => {
  const adaptStorage = await importAdapter('server')
  const store = memoryStore()
  expect(adaptStorage(store)).toBe(store)
})

test('localStorage is known as web storage, anything else with its three methods is a key-value storage', async () => {
  const adaptStorage = await importAdapter('server')
  expect(adaptStorage(new FakeStorage())?.type).toBe('web-storage')
  expect(adaptStorage(createAsyncStorage())?.type).toBe('key-value')
})

test.each([
  ['localStorage', () => new FakeStorage()],
  ['a key-value storage', createAsyncStorage],
])('%s that is given twice is one store', async (_, make) => {
  const adaptStorage = await importAdapter('server')
  const storage = make()
  expect(adaptStorage(storage)).toBe(adaptStorage(storage))
  expect(adaptStorage(storage)).not.toBe(adaptStorage(make()))
})

test('an entry of a web storage that is named like a method of stores does not make it one', async () => {
  const adaptStorage = await importAdapter('server')
  const storage = Object.assign(new FakeStorage(), { transact: 'text' })
  expect(adaptStorage(storage)?.type).toBe('web-storage')
})

test.each([
  [
    'web storage',
    () => webStorageStore(new FakeStorage()),
    /on a web-storage store two tabs can present one refresh token/,
  ],
  ['cookies', () => cookieStore(), /on a cookie store two tabs/],
  ['a key-value storage', () => keyValueStore(createAsyncStorage()), /on a key-value store two tabs/],
  ['memory', () => memoryStore(), /kept in a memory store is lost at a reload and unknown to other tabs/],
])(
  'in a page %s is warned of once, in one sentence that says what is lost and what to do',
  async (_, make, sentence) => {
    const adaptStorage = await importAdapter('page')
    adaptStorage(make())
    adaptStorage(make())
    expect(warn).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]?.[0]).toMatch(sentence)
    expect(warn.mock.calls[0]?.[0]).toMatch(/; leave `storage` out to keep (it|the session) in IndexedDB\.$/)
  },
)

test('IndexedDB needs no warning in a page', async () => {
  const adaptStorage = await importAdapter('page')
  adaptStorage(indexedDbStore())
  expect(warn).not.toHaveBeenCalled()
})

test('where there are no tabs nothing needs to be said', async () => {
  const adaptStorage = await importAdapter('server')
  adaptStorage(memoryStore())
  adaptStorage(createAsyncStorage())
  expect(warn).not.toHaveBeenCalled()
})
