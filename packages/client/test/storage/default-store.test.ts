import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAuthClient } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
})
afterEach(() => {
  vi.unstubAllGlobals()
  Reflect.deleteProperty(globalThis, 'indexedDB')
  warn.mockClear()
})

/** A copy of the module of its own: what is said once is said once a copy. */
async function importStore() {
  const { defaultStore } = await import('../../src/storage/default-store.ts')
  return defaultStore
}
const roundTrip = async (store: ReturnType<Awaited<ReturnType<typeof importStore>>>) => {
  await store.transact({ keys: ['a'] }, (view) => view.put('a', { n: 1 }))
  return store.transact({ keys: ['a'] }, (view) => view.get('a'))
}

test('where there is no IndexedDB it is memory, and nothing needs to be said', async () => {
  const defaultStore = await importStore()
  expect(defaultStore().type).toBe('memory')
  expect(warn).not.toHaveBeenCalled()
})

test('a page without IndexedDB keeps it in memory, and is told so once', async () => {
  vi.stubGlobal('document', {})
  const defaultStore = await importStore()
  expect([defaultStore().type, defaultStore().type]).toEqual(['memory', 'memory'])
  expect(warn).toHaveBeenCalledOnce()
})

test('where there is IndexedDB it is kept there', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  const defaultStore = await importStore()
  expect(await roundTrip(defaultStore())).toEqual({ n: 1 })
  expect(await defaultStore().transact({ keys: ['a'] }, (view) => view.get('a'))).toEqual({ n: 1 })
  expect(warn).not.toHaveBeenCalled()
})

const refusals: [string, () => void][] = [
  [
    'whose open throws',
    () =>
      vi.stubGlobal('indexedDB', {
        open() {
          throw new DOMException('no', 'SecurityError')
        },
      }),
  ],
  [
    'whose open fails',
    () => {
      const factory = new IDBFactory()
      factory.open('authflight', 9)
      vi.stubGlobal('indexedDB', factory)
    },
  ],
  ['that is null', () => vi.stubGlobal('indexedDB', null)],
  [
    'that throws when it is touched',
    () =>
      Object.defineProperty(globalThis, 'indexedDB', {
        configurable: true,
        get() {
          throw new DOMException('no', 'SecurityError')
        },
      }),
  ],
]

test.each(refusals)(
  'an IndexedDB %s is replaced by memory, and that is said once, with what to do',
  async (_, install) => {
    install()
    const defaultStore = await importStore()
    const store = defaultStore()
    expect(await roundTrip(store)).toEqual({ n: 1 })
    await roundTrip(defaultStore())
    expect(warn).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]?.[0]).toMatch(/IndexedDB could not be opened.*memory only.*Allow site data.*`storage`/)
  },
)

test('an IndexedDB that never answers leaves the client restoring: nobody is signed out, and callers go', async () => {
  vi.stubGlobal('indexedDB', { open: () => ({}) })
  const provider = oauth({ issuer: 'https://id.example.test', clientId: 'spa' })
  const auth = createAuthClient({ provider, patience: 30 })
  const events: string[] = []
  auth.onAuthStateChange((event) => void events.push(event))

  const { data, error } = await auth.getSession()
  const signedOut = await auth.signOut()

  expect(data.session).toBeNull()
  expect(error?.code).toBe('timeout')
  expect(signedOut.error?.code).toBe('timeout')
  expect(auth.getSnapshot()).toEqual({ status: 'restoring' })
  expect(events).toEqual([])
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'timeout' })
  expect(warn).not.toHaveBeenCalled()
  auth.dispose()
})
