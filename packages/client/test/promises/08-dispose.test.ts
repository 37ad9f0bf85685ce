import { getEventListeners } from 'node:events'
import { busy } from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { apiOrigin, setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { quiet } from '../support/quiet.ts'
import { createFailingStore, createGatedStore, editSlots, touches } from '../support/stores.ts'

/** From here on every timer that is set is one that the test can count. */
function countTimers(): () => number {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  return () => vi.getTimerCount()
}

/** Resolves when the flight has told how it ended, and nothing of it is left to do. */
async function landed({ operations }: ReturnType<typeof recordAll>): Promise<void> {
  const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))
  while (operations('authflight.refresh').length === 0) await turn()
  await turn()
}

/** Knows who listens to it, however they stop. */
class CountedTarget extends EventTarget {
  readonly listeners = new Set<unknown>()
  override addEventListener(...words: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...words)
    this.listeners.add(words[1])
  }
  override removeEventListener(...words: Parameters<EventTarget['removeEventListener']>): void {
    super.removeEventListener(...words)
    this.listeners.delete(words[1])
  }
}

/** From here on clients are in a page, and the test can count what listens to that. */
function countListeners(): () => number {
  const [window, document] = [new CountedTarget(), Object.assign(new CountedTarget(), { visibilityState: 'visible' })]
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  onTestFinished(() => void vi.unstubAllGlobals())
  // In a page the store of this test is a weak one, which is said.
  quiet()
  return () => window.listeners.size + document.listeners.size
}

/** The channels that are made from here on, as long as they are open. */
function countChannels(): () => number {
  const channels = new Set<object>()
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        channels.add(this)
      }
      close(): void {
        channels.delete(this)
      }
      postMessage(): void {}
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  return () => channels.size
}

test('a fresh session is not served any more', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  auth.dispose()
  expect(await auth.getSession()).toMatchObject({ data: { session: null }, error: { code: 'client_disposed' } })
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'client_disposed' })
  for (const address of [apiOrigin, 'https://elsewhere.example.test/'])
    await expect(auth.fetch(address)).rejects.toMatchObject({ code: 'client_disposed' })
})

test.each(['fails', 'succeeds'])('a refresh under way that %s sets no timer afterwards', async (how) => {
  const { server, createClient, signIn } = setUp()
  const observed = recordAll()
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  if (how === 'fails') server.faults.next(busy(), { grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  auth.dispose()
  const timers = countTimers()
  await refreshing
  gate.release()
  await landed(observed)
  expect(timers()).toBe(0)
})

test('a sign-in whose code is being exchanged sets no timer, and calls nobody', async () => {
  const { server, createClient } = setUp()
  const auth = createClient({ autoRefresh: 'always' })
  const called = vi.fn()
  auth.subscribe(called)
  const callback = await server.authorize((await auth.signIn()).data.url ?? '', { user: 'ada' })
  called.mockClear()
  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const returning = auth.handleRedirect(callback)
  await gate.arrived
  auth.dispose()
  const timers = countTimers()
  gate.release()
  await returning
  expect(timers()).toBe(0)
  expect(called).not.toHaveBeenCalled()
})

test('a sign-in that was still being prepared does not leave the page', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const assign = vi.fn()
  vi.stubGlobal('location', Object.assign(new URL('https://app.example.test/'), { assign }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const gate = server.hold({ endpoint: 'discovery' })
  const leaving = auth.signIn()
  await gate.arrived
  auth.dispose()
  gate.release()
  expect((await leaving).error?.code).toBe('client_disposed')
  expect(assign).not.toHaveBeenCalled()
})

test('a sign-out under way does not leave the page', async () => {
  const { createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const assign = vi.fn()
  vi.stubGlobal('location', Object.assign(new URL('https://app.example.test/'), { assign }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const erasing = holdOne(touches('attempt'))
  const leaving = auth.signOut({ redirect: 'https://app.example.test/bye' })
  await erasing.arrived
  auth.dispose()
  erasing.release()
  await leaving
  expect(assign).not.toHaveBeenCalled()
})

test('before start-up has finished: nobody is called, and no timer, listener or channel is left', async () => {
  const { createClient, signIn } = setUp()
  const kept = memoryStore()
  await signIn(createClient({ storage: kept }))
  const { store, hold } = createGatedStore(kept)
  const [timers, listeners, channels] = [countTimers(), countListeners(), countChannels()]
  const loading = hold()
  const auth = createClient({ storage: store, autoRefresh: 'always' })
  const called = vi.fn()
  auth.subscribe(called)
  auth.onAuthStateChange(called)
  const { signal } = new AbortController()
  const asked = auth.getSession({ signal })
  await loading.arrived
  expect(channels()).toBe(1)
  expect(listeners()).toBeGreaterThan(0)
  expect(getEventListeners(signal, 'abort')).not.toEqual([])
  auth.dispose()
  loading.release()
  expect((await asked).error?.code).toBe('client_disposed')
  await new Promise((resolve) => setImmediate(resolve))

  expect(called).not.toHaveBeenCalled()
  expect(channels()).toBe(0)
  expect(listeners()).toBe(0)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(timers()).toBe(0)
})

test('a client that has run and refreshes leaves no timer, listener or channel', async () => {
  const { server, createClient, signIn } = setUp()
  const observed = recordAll()
  const [timers, listeners, channels] = [countTimers(), countListeners(), countChannels()]
  const auth = createClient({ autoRefresh: 'always' })
  await signIn(auth)
  const { signal } = new AbortController()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession({ signal })
  await gate.arrived
  expect(timers()).toBeGreaterThan(0)
  expect(listeners()).toBeGreaterThan(0)
  expect(channels()).toBe(1)
  auth.dispose()
  expect(listeners()).toBe(0)
  await refreshing
  gate.release()
  await landed(observed)

  expect(channels()).toBe(0)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(timers()).toBe(0)
})

test('a sign-in that comes back to a client disposed before start-up is left to the next client of the page', async () => {
  const { server, createClient } = setUp()
  const { store, hold } = createGatedStore()
  const callback = await server.authorize((await createClient({ storage: store }).signIn()).data.url ?? '')
  vi.stubGlobal('location', new URL(callback))
  onTestFinished(() => void vi.unstubAllGlobals())
  const loading = hold()
  const first = createClient({ storage: store, redirect: 'auto' })
  await loading.arrived
  first.dispose()
  loading.release()
  await expect(first.getAccessToken()).rejects.toMatchObject({ code: 'client_disposed' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(server.count('authorization_code')).toBe(0)

  const { data, error } = await createClient({ storage: store, redirect: 'auto' }).handleRedirect()
  expect(error).toBeNull()
  expect(data.session?.user?.name).toBe('Ada Lovelace')
})

test('while start-up tries a failing store again: it does not, and who waited is answered', async () => {
  const { createClient } = setUp()
  const { store, fail } = createFailingStore()
  fail()
  const timers = countTimers()
  const auth = createClient({ storage: store })
  const asked = auth.getSession()
  await new Promise((resolve) => setImmediate(resolve))
  expect(timers()).toBeGreaterThan(0)
  auth.dispose()

  expect((await asked).data.session).toBeNull()
  expect(timers()).toBe(0)
  expect(auth.getSnapshot()).toEqual({ status: 'restoring' })
})

test('while an account is read from a failing store again: it is not, and who waited is answered', async () => {
  const { createClient } = setUp()
  const { store, fail } = createFailingStore()
  const auth = createClient({ storage: store })
  await auth.getSession()
  fail()
  const timers = countTimers()
  auth.account('somebody').getSnapshot()
  await new Promise((resolve) => setImmediate(resolve))
  expect(timers()).toBe(1)
  const asked = auth.account('somebody').getSession()
  auth.dispose()

  expect((await asked).error?.code).toBe('client_disposed')
  expect(timers()).toBe(0)
})

test('who subscribes by then is not called, not even with what is so now', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  const { account } = await signIn(auth)
  auth.dispose()
  const called = vi.fn()
  for (const place of [auth, auth.account(account)]) place.onAuthStateChange(called)()
  for (const place of [auth, auth.account(account)]) place.onAuthStateChange(called)
  await new Promise((resolve) => setImmediate(resolve))
  expect(called).not.toHaveBeenCalled()
})

test('a request that was refused does not go on asking the store', async () => {
  const { network, createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  const transact = vi.spyOn(inner, 'transact')
  const auth = createClient({ storage: store, fetchOrigins: [apiOrigin] })
  network.use(http.get(`${apiOrigin}/me`, () => new HttpResponse(null, { status: 401 })))
  await signIn(auth)
  // Another party has moved the session on, so a refresh would adopt that.
  await editSlots(inner, (slot) => ({ ...slot, revision: 2 }))
  const looking = hold()
  const asked = auth.fetch(`${apiOrigin}/me`)
  await looking.arrived
  auth.dispose()
  transact.mockClear()
  looking.release()

  expect((await asked).status).toBe(401)
  expect(transact.mock.calls.length).toBeLessThan(5)
})

test('a request that is refused by then does not ask the store at all', async () => {
  const { network, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage, fetchOrigins: [apiOrigin] })
  await signIn(auth)
  const transact = vi.spyOn(storage, 'transact')
  network.use(
    http.get(`${apiOrigin}/me`, () => {
      auth.dispose()
      transact.mockClear()
      return new HttpResponse(null, { status: 401 })
    }),
  )
  expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(401)
  expect(transact).not.toHaveBeenCalled()
})

test('a caller whose refresh is under way hears that the client is closed, not that nobody is signed in', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  auth.dispose()

  expect(await refreshing).toMatchObject({ data: { session: null }, error: { code: 'client_disposed' } })
  gate.release()
})

// first    refresh ──────────────── hangs ──────────────────────────── answer
// first    two callers wait            └── disposed: they go at once      │
// second       joins ─────────────────────────────────────────────────────┴── revision 2
test('nobody waits for a refresh that hangs: what is left is the request, and who asked another client', async () => {
  const { server, createClient, signIn } = setUp()
  const observed = recordAll()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const other = createClient({ storage })
  await other.getSession()
  const timers = countTimers()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const { signal } = new AbortController()
  const waiting = [auth.refreshSession(), auth.refreshSession({ signal })]
  const staying = other.refreshSession()
  await gate.arrived
  const before = timers()
  auth.dispose()
  expect(timers()).toBeLessThan(before)
  for (const told of await Promise.all(waiting)) expect(told.error?.code).toBe('client_disposed')
  expect(getEventListeners(signal, 'abort')).toEqual([])
  // The hard limit of the request, and the patience of who asked the other client.
  expect(timers()).toBe(2)
  gate.release()
  expect((await staying).data.session?.revision).toBe(2)
  await landed(observed)
  // It has been told of the change, and looks.
  other.dispose()
  expect(timers()).toBe(0)
  expect(
    observed.operations('authflight.wait').map(({ attributes }) => attributes['authflight.wait.outcome']),
  ).not.toContain('timeout')
})
