import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { setUp } from '../support/app.ts'

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

/** A database that cannot be opened; where there is a `real` one, the second open opens that. */
function failAt(name: string, message: string, real?: IDBFactory) {
  let opens = 0
  return {
    open(...of: Parameters<IDBFactory['open']>) {
      opens += 1
      if (real && opens > 1) return real.open(...of)
      const request = { error: new DOMException(message, name), onerror: () => {} }
      setTimeout(() => request.onerror(), 5)
      return request
    },
  }
}

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
    'whose open is refused, as Chromium does where site data are blocked',
    () => vi.stubGlobal('indexedDB', failAt('UnknownError', 'The user denied permission to access the database.')),
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

test.each([
  ['UnknownError', 'Internal error opening backing store for indexedDB.open.'],
  ['QuotaExceededError', 'Encountered full disk while opening backing store for indexedDB.open.'],
  ['VersionError', 'The requested version (1) is less than the existing version (9).'],
])('an IndexedDB that fails once with %s is asked again, and what it holds is there', async (name, message) => {
  const factory = new IDBFactory()
  vi.stubGlobal('indexedDB', factory)
  await roundTrip((await importStore())())
  vi.resetModules()
  vi.stubGlobal('indexedDB', failAt(name, message, factory))
  const store = (await importStore())()
  const get = () => store.transact({ keys: ['a'] }, (view) => view.get('a'))

  await expect(get()).rejects.toMatchObject({ name })
  expect(await get()).toEqual({ n: 1 })
  expect(warn).not.toHaveBeenCalled()
})

test('a change that throws what a refusal throws is no refusal', async () => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  const store = (await importStore())()
  const wrong = store.transact({ keys: ['a'] }, () => {
    throw new TypeError('a mistake')
  })
  await expect(wrong).rejects.toThrow('a mistake')
  await roundTrip(store)
  vi.resetModules()
  const again = (await importStore())()
  expect(await again.transact({ keys: ['a'] }, (view) => view.get('a'))).toEqual({ n: 1 })
})

test('a database that fails once at start-up signs nobody out, and a sign-out after it is one', async () => {
  const { server, signIn } = setUp()
  /** A page that is loaded anew. */
  const load = async (indexedDB: unknown) => {
    vi.resetModules()
    vi.stubGlobal('indexedDB', indexedDB)
    const { createAuthClient } = await import('../../src/index.ts')
    const { issuer } = server
    const provider = oauth({ issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
    const auth = createAuthClient({ provider, autoRefresh: 'off', redirect: 'manual' })
    onTestFinished(() => auth.dispose())
    return auth
  }
  const factory = new IDBFactory()
  await signIn(await load(factory))
  const failing = await load(failAt('UnknownError', 'Internal error.', factory))
  const states: string[] = []
  failing.subscribe(() => void states.push(failing.getSnapshot().status))

  expect((await failing.getSession()).data.session?.user?.name).toBe('Ada Lovelace')
  expect((await failing.signOut()).error).toBeNull()
  expect(states).toEqual(['signed-in', 'signed-out'])
  expect((await (await load(factory)).getSession()).data.session).toBeNull()
})

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
