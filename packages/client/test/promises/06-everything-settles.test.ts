import { alterAnswer, busy } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type AuthClient, memoryStore, type Store } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { copyRecords, createGatedStore, editSlots, letTokensDie, touches } from '../support/stores.ts'
import { openTab } from '../support/tabs.ts'

test('a caller goes when its patience is over, and the late answer is committed all the same', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  const auth = createClient({ storage, patience: 50 })

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const { data, error } = await auth.refreshSession()
  expect(error?.code).toBe('timeout')
  expect(data.session?.revision).toBe(1)
  gate.release()

  await expect.poll(() => auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 2 } })
  expect(server.count('refresh_token')).toBe(1)
})

test('a caller goes by its signal, and the others get what they wait for', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const leave = new AbortController()

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const going = auth.refreshSession({ signal: leave.signal })
  const staying = auth.refreshSession()
  await gate.arrived
  leave.abort()
  expect((await going).error?.code).toBe('aborted')
  gate.release()

  expect((await staying).data.session?.revision).toBe(2)
})

test.each<[string, (auth: AuthClient) => Promise<unknown>, object, number]>([
  ['is finished all the same', async () => {}, { status: 'signed-in', session: { revision: 1 } }, 1],
  ['comes to nothing where a sign-out came first', (auth) => auth.signOut(), { status: 'signed-out' }, 0],
])('a caller of a callback goes by its signal, and the sign-in %s', async (_, then, snapshot, living) => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const callback = await server.authorize((await auth.signIn()).data.url ?? '')
  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const leave = new AbortController()
  const going = auth.handleRedirect(callback, { signal: leave.signal })
  const staying = auth.handleRedirect(callback, {})
  await gate.arrived
  leave.abort()
  const { data, error } = await going
  expect([data.session, error?.code]).toEqual([null, 'aborted'])
  await then(auth)
  gate.release()

  await staying
  expect(auth.getSnapshot()).toMatchObject(snapshot)
  await expect.poll(() => server.liveSessions).toHaveLength(living)
})

test('a signal that is aborted before the call begins nothing: no request, no sign-out', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const call = { signal: AbortSignal.abort() }
  const before = server.log.length

  const told = [
    await auth.refreshSession(call),
    await auth.getUser(call),
    await auth.signOut(call),
    await auth.signOut({ ...call, scope: 'others' }),
  ]

  expect(told.map(({ error }) => error?.code)).toEqual(Array.from({ length: 4 }, () => 'aborted'))
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 1 } })
  // A request that had been begun would have come by the end of this one.
  await auth.getUser()
  expect(server.log.length).toBe(before + 1)
})

test('a token that is still good is served while a refresh never answers', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 60 })
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await editSlots(storage, (slot) => ({ ...slot, tokens: { ...slot.tokens, expiresAt: Date.now() + 3_000 } }))
  const again = createClient({ storage, patience: 50 })

  const gate = server.hold({ grant: 'refresh_token' })
  const { data, error } = await again.getSession()
  gate.release()

  expect(error).toBeNull()
  expect(data.session?.accessToken).toBeDefined()
  expect(data.session?.stale).toBeUndefined()
})

test('a request that never answers is given up at the hard limit', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const auth = createClient({ storage, patience: 60_000, requestLimit: 20_000 })

  const gate = server.hold({ grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await vi.advanceTimersByTimeAsync(20_000)
  const { data, error } = await refreshing
  gate.release()

  expect(error?.code).toBe('timeout')
  expect(data.session?.revision).toBe(1)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('subscribers that throw or never return hold up nobody', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const reported: unknown[] = []
  const { error: log } = console
  console.error = (error) => void reported.push(error)
  auth.subscribe(() => {
    throw new Error('a listener')
  })
  auth.onAuthStateChange(() => {
    throw new Error('a handler')
  })
  auth.onAuthStateChange(() => new Promise(() => {}))

  const { data, error } = await auth.refreshSession()
  console.error = log

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(reported.length).toBeGreaterThan(0)
})

test.each(['getSession', 'refreshSession', 'getAccessToken', 'signIn', 'handleRedirect', 'signOut'] as const)(
  'a store that never answers does not hold %s',
  async (method) => {
    const { createClient } = setUp()
    const storage: Store = { ...memoryStore(), transact: () => new Promise(() => {}) }
    const auth = createClient({ storage, patience: 30, requestLimit: 5_000 })

    const settled: unknown =
      method === 'handleRedirect'
        ? await auth.handleRedirect('https://app.example.test/?code=a&state=b')
        : await auth[method]().catch((error: unknown) => ({ error }))

    expect(settled).toMatchObject({ error: { code: 'timeout' } })
    expect(auth.getSnapshot().status).toBe('restoring')
  },
)

test.each([
  ['getUser', (auth) => auth.getUser()],
  ['signOut', (auth) => auth.signOut()],
  ['signOut of an account', (auth, account) => auth.account(account).signOut()],
  ['getUser of an account', (auth, account) => auth.account(account).getUser()],
] satisfies [string, (auth: AuthClient, account: string) => Promise<{ readonly error: unknown }>][])(
  '%s waits for who is there and for what it asks, and for both no longer than one patience',
  async (_name, ask) => {
    const { server, createClient, signIn } = setUp()
    const { store, hold } = createGatedStore()
    const { account } = await signIn(createClient({ storage: store }))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const gate = server.hold({ endpoint: 'userinfo' })
    const reading = hold()
    const auth = createClient({ storage: store, patience: 10_000 })
    await reading.arrived
    const ending = hold(touches('attempt'))
    const asked = ask(auth, account)
    const settled = vi.fn()
    void asked.then(settled)
    await vi.advanceTimersByTimeAsync(6_000)
    reading.release()
    await auth.getSession()
    await vi.advanceTimersByTimeAsync(3_999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalled()
    expect((await asked).error).toMatchObject({ code: 'timeout' })
    gate.release()
    ending.release()
  },
)

test('a look into the store that never comes back fails one refresh at the request limit, not all that follow', async () => {
  const { createClient, signIn } = setUp()
  const kept = memoryStore()
  let hangs = false
  const storage: Store = {
    ...kept,
    transact(scope, change) {
      const hung = hangs
      hangs = false
      return hung ? new Promise(() => {}) : kept.transact(scope, change)
    },
  }
  const auth = createClient({ storage, requestLimit: 1_000 })
  await signIn(auth)
  hangs = true

  expect((await auth.refreshSession()).error?.code).toBe('storage_error')
  expect(await auth.refreshSession()).toMatchObject({ data: { session: { revision: 2 } }, error: null })
})

test('a session that nothing can renew is answered for, stale, while the store hangs', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  server.faults.next(
    alterAnswer((body) => ({ ...body, refresh_token: undefined })),
    { grant: 'authorization_code' },
  )
  await signIn(createClient({ storage: store }))
  await letTokensDie(store)
  const auth = createClient({ storage: store, patience: 30 })
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  const hung = hold()
  const { data, error } = await auth.getSession()
  hung.release()

  expect(error?.code).toBe('timeout')
  expect(data.session?.stale).toBe(true)
})

test('a failure that comes when all callers have left is shown, with the time of the next try', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  server.faults.next(busy(), { grant: 'refresh_token' })
  const auth = createClient({ storage, patience: 30 })
  expect((await auth.getSession()).error?.code).toBe('timeout')
  expect(auth.getSnapshot()).toMatchObject({ status: 'stale', error: { code: 'timeout' }, retryAt: null })
  gate.release()

  await expect
    .poll(() => auth.getSnapshot())
    .toMatchObject({ status: 'stale', error: { code: 'rate_limited' }, retryAt: expect.any(Number) as number })
})

test('a waiter in another store is answered although the store of the flight’s owner hangs', async () => {
  const { createClient, signIn } = setUp()
  const [{ store: here, hold }, there] = [createGatedStore(), memoryStore()]
  const owner = createClient({ storage: here, requestLimit: 1_000 })
  await signIn(owner)
  await copyRecords(here, there)
  const joiner = createClient({ storage: there })
  await joiner.getSession()
  const hung = hold(touches('claim'))
  const leaving = owner.refreshSession()
  const staying = joiner.refreshSession()

  expect((await staying).error?.code).toBe('storage_error')
  expect((await joiner.refreshSession()).data.session?.revision).toBe(2)
  hung.release()
  await leaving
})

test('locks that hang when they are looked at hold up nobody who waits for another tab', async () => {
  const { server, signIn } = setUp()
  const one = await openTab(server)
  await signIn(one)
  const { locks } = navigator
  const look = vi.fn(() => new Promise<never>(() => {}))
  const hanging = {
    request: (name: string, ...more: [LockGrantedCallback<unknown>] | [LockOptions, LockGrantedCallback<unknown>]) =>
      more.length === 1 ? locks.request(name, more[0]) : look(),
  }
  const seen = vi.spyOn(navigator, 'locks', 'get').mockReturnValue(hanging as LockManager)
  onTestFinished(() => seen.mockRestore())
  const two = await openTab(server)
  await two.getSession()
  seen.mockRestore()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refreshSession()
  await gate.arrived
  const second = two.refreshSession()
  await expect.poll(() => look.mock.calls.length, { timeout: 3_000 }).toBeGreaterThan(0)
  gate.release()
  await first

  expect(await second).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  expect(server.count('refresh_token')).toBe(1)
})

test('a store that loses claims is named, and nothing is presented on its word', async () => {
  const { server, createClient, signIn } = setUp()
  const kept = memoryStore()
  await signIn(createClient({ storage: kept }))
  let looks = 0
  const storage: Store = {
    ...kept,
    transact: (scope, change) =>
      kept.transact(scope, (view) => {
        looks += 1
        if (looks > 1_000) throw new Error('It spins.')
        const result = change(view)
        for (const key of scope.keys) if (key.startsWith('claim:')) view.delete(key)
        return result
      }),
  }

  const { data, error } = await createClient({ storage }).refreshSession()

  expect(error?.message).toContain('loses what it is given')
  expect(data.session?.revision).toBe(1)
  expect(looks).toBeLessThan(20)
  expect(server.count('refresh_token')).toBe(0)
})
