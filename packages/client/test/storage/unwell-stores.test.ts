import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { beforeEach, expect, test, vi } from 'vitest'
import {
  cookieStore,
  indexedDbStore,
  keyValueStore,
  type KeyValueStorage,
  memoryStore,
  type Store,
  webStorageStore,
} from '../../src/index.ts'
import { type Client, setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { openTab } from '../support/tabs.ts'
import { createAsyncStorage, FakeDocument, FakeStorage, quotaExceeded } from '../support/fake-storages.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  vi.stubGlobal('IDBKeyRange', IDBKeyRange)
  warn.mockClear()
})

/** Every event but the first that a client's app is told. */
function eventsOf(auth: Client): string[] {
  const events: string[] = []
  auth.onAuthStateChange((event) => void (event === 'INITIAL_SESSION' || events.push(event)))
  return events
}

const stores: [string, () => Parameters<ReturnType<typeof setUp>['createClient']>[0]][] = [
  ['memory', () => ({ storage: memoryStore() })],
  ['IndexedDB', () => ({ storage: indexedDbStore(new IDBFactory()) })],
  ['web storage', () => ({ storage: webStorageStore(new FakeStorage()) })],
  ['a plain localStorage', () => ({ storage: new FakeStorage() })],
  ['cookies', () => ({ storage: cookieStore({ document: new FakeDocument() }) })],
  ['a key-value storage', () => ({ storage: keyValueStore(createAsyncStorage()) })],
  ['a plain asynchronous storage', () => ({ storage: createAsyncStorage() })],
]

test.each(stores)('%s carries a session from sign-in over a refresh and a restart to sign-out', async (_, make) => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const options = make()
  const auth = createClient(options)
  await signIn(auth)
  await Promise.all(Array.from({ length: 20 }, () => auth.refreshSession()))
  expect(server.count('refresh_token')).toBe(1)

  const restarted = createClient(options)
  expect((await restarted.getSession()).data.session?.revision).toBe(2)
  expect((await restarted.refreshSession()).error).toBeNull()
  expect((await restarted.signOut()).error).toBeNull()
  expect((await createClient(options).getSession()).data.session).toBeNull()
  expect(server.count((entry) => entry.reused)).toBe(0)
})

test('a slow store delays nobody beyond patience, and its late answer is the session', async () => {
  const { createClient, signIn } = setUp()
  const storage = createAsyncStorage()
  await signIn(createClient({ storage }))
  const gate = createDeferred()
  const slow: KeyValueStorage = { ...storage, getItem: (key) => gate.promise.then(() => storage.getItem(key)) }
  const auth = createClient({ storage: slow, patience: 20 })
  const events = eventsOf(auth)

  expect(await auth.getSession()).toMatchObject({ data: { session: null }, error: { code: 'timeout' } })
  expect(auth.getSnapshot().status).toBe('restoring')
  gate.resolve()
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  expect(events).toEqual([])
})

test.each([
  ['throws at once', () => raise(new DOMException('canary_blocked', 'SecurityError'))],
  ['rejects later', () => Promise.reject(new DOMException('canary_blocked', 'SecurityError'))],
])('a blocked store that %s is named with its fix, and nobody is signed out', async (_, getItem) => {
  const { createClient, signIn } = setUp()
  const storage = createAsyncStorage()
  await signIn(createClient({ storage }))
  const auth = createClient({ storage: { ...storage, getItem }, patience: 20 })
  const events = eventsOf(auth)

  const { data, error } = await auth.getSession()
  expect(data.session).toBeNull()
  expect(error?.code).toBe('storage_error')
  expect(error?.message).toBe(
    'The session store failed (SecurityError). This page may not use it: allow site data for this page, or pass another `storage`.',
  )
  expect((await auth.signOut()).error).toEqual(error)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'storage_error' })
  expect(auth.getSnapshot().status).toBe('restoring')
  expect(events).toEqual([])
})

test('a store that is full before the request lets nothing be sent, says so, and keeps the session', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const storage = new FakeStorage()
  const auth = createClient({ storage })
  await signIn(auth)
  const events = eventsOf(auth)
  storage.room = storage.used

  const { data, error } = await auth.refreshSession()
  expect(data.session?.revision).toBe(1)
  expect(error?.message).toBe(
    'The session store failed (QuotaExceededError). It is full: free some space, or pass another `storage`.',
  )
  expect(server.count('refresh_token')).toBe(0)
  expect(auth.getSnapshot().status).toBe('signed-in')

  storage.room = Number.POSITIVE_INFINITY
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(events).toEqual(['TOKEN_REFRESHED'])
})

test('a store that has just room for the claim has room for the new session: the claim keeps it', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const storage = new FakeStorage()
  const auth = createClient({ storage })
  await signIn(auth)
  const gate = server.hold({ grant: 'refresh_token' })
  const refreshed = auth.refreshSession()
  await gate.arrived
  storage.room = storage.used
  gate.release()
  expect((await refreshed).data.session?.revision).toBe(2)
  expect((await createClient({ storage }).getSession()).data.session?.revision).toBe(2)
  expect(warn).not.toHaveBeenCalled()
})

test('a store that fails after the rotation loses nothing: the session is served, and stored as soon as it can be', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const storage = createAsyncStorage()
  let full = false
  const setItem = (key: string, value: string) => (full ? Promise.reject(quotaExceeded()) : storage.setItem(key, value))
  const auth = createClient({ storage: { ...storage, setItem } })
  await signIn(auth)
  const gate = server.hold({ grant: 'refresh_token' })
  const refreshed = auth.refreshSession()
  await gate.arrived
  full = true
  gate.release()

  expect(await refreshed).toMatchObject({ error: null, data: { session: { revision: 2 } } })
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 2 } })
  full = false
  await expect.poll(() => storedRevision(keyValueStore(storage)), { timeout: 10_000 }).toBe(2)
  expect(server.count('refresh_token')).toBe(1)
})

test('a session too large for cookies fails at sign-in, where the error says so', async () => {
  const ada = { login: 'ada', sub: 'canary_sub_ada', email: 'canary_ada@example.test', name: 'A'.repeat(20_000) }
  const { server, createClient } = setUp({ users: [ada] })
  const auth = createClient({ storage: cookieStore({ document: new FakeDocument() }) })
  const { data } = await auth.signIn()
  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
  expect(error?.message).toMatch(/cookies hold 15\.2 kB at most/)
})

test('a connection to the database that is closed under way is opened again, and nothing is lost', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const factory = new IDBFactory()
  const connections: IDBDatabase[] = []
  vi.spyOn(factory, 'open').mockImplementation((...of) => {
    const request = IDBFactory.prototype.open.apply(factory, of)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
  const auth = createClient({ storage: indexedDbStore(factory) })
  await signIn(auth)
  const gate = server.hold({ grant: 'refresh_token' })
  const refreshed = auth.refreshSession()
  await gate.arrived
  for (const connection of connections) connection.close()
  gate.release()
  expect(await refreshed).toMatchObject({ error: null, data: { session: { revision: 2 } } })
  expect(await storedRevision(indexedDbStore(factory))).toBe(2)
  expect(connections).toHaveLength(3)
})

test('a database that somebody blocks is waited for: callers go, and nobody is signed out before it has answered', async () => {
  const { createClient } = setUp()
  const factory = new IDBFactory()
  const holder = await new Promise<IDBDatabase>((resolve) => {
    const request = factory.open('authflight', 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('records'))
    request.addEventListener('success', () => resolve(request.result))
  })
  // Waits for the holder, who does not let go; all who open the database wait behind it.
  factory.deleteDatabase('authflight')
  const auth = createClient({ storage: indexedDbStore(factory), patience: 20 })

  expect(await auth.getSession()).toMatchObject({ data: { session: null }, error: { code: 'timeout' } })
  expect(await auth.signOut()).toMatchObject({ error: { code: 'timeout' } })
  expect(auth.getSnapshot()).toEqual({ status: 'restoring' })
  holder.close()
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
})

test('a process that dies in the middle of a write leaves a session that works', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const storage = createAsyncStorage()
  await signIn(createClient({ storage }))
  // Of the claim the record is written, the index is not.
  const setItem = (key: string, value: string) =>
    key.endsWith(':index') ? new Promise(() => {}) : storage.setItem(key, value)
  const dying = await openTab(server, { storage: { ...storage, setItem }, patience: 20 })
  expect((await dying.refreshSession()).error?.code).toBe('timeout')
  expect(server.count('refresh_token')).toBe(0)

  const restarted = await openTab(server, { storage: createAsyncStorage(new Map(storage.entries)) })
  expect((await restarted.refreshSession()).data.session?.revision).toBe(2)
  expect(server.count((entry) => entry.reused)).toBe(0)
})

test('a session of which half is there is no session, and signing in again makes it whole', async () => {
  const { createClient, signIn } = setUp()
  const storage = new FakeStorage()
  await signIn(createClient({ storage }))
  const [key = '', text = ''] = [...storage.entries].find(([name]) => name.startsWith('authflight:slot:')) ?? []
  storage.setItem(key, text.slice(0, text.length / 2))
  const auth = createClient({ storage })
  expect(await auth.getSession()).toEqual({ data: { session: null }, error: null })
  await signIn(auth)
  expect((await createClient({ storage }).getSession()).data.session).not.toBeNull()
})

async function storedRevision(store: Store): Promise<unknown> {
  const [slot] = await store.transact({ keys: [], prefixes: ['slot:'] }, (view) => view.list('slot:'))
  return (slot?.[1] as { revision: number } | undefined)?.revision
}

function raise(error: Error): never {
  throw error
}
