import { busy } from '@authflight/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryStore, type Store } from '../src/index.ts'
import { refreshMeanwhile, setUp } from './support/app.ts'
import { slotsOf } from './support/stores.ts'

afterEach(() => void vi.useRealTimers())

describe('an access token', () => {
  test('is null only where nobody is signed in', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    expect(await auth.getAccessToken()).toBeNull()
    const { accessToken } = await signIn(auth)
    expect(await auth.getAccessToken()).toBe(accessToken)
    await auth.signOut()
    expect(await auth.getAccessToken()).toBeNull()
  })

  test('is null for a session that turns out to be over', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.revokeSessions()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(await auth.getAccessToken()).toBeNull()
  })

  test('is an error where it is dead and cannot be renewed now', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.always(busy(), { grant: 'refresh_token' })
    vi.setSystemTime(Date.now() + 3_600_000)
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(auth.getSnapshot().status).toBe('stale')
  })

  test.each(['aborted', 'client_disposed'])('is an error, not null, where it is not known (%s)', async (code) => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    if (code === 'client_disposed') auth.dispose()
    vi.setSystemTime(Date.now() + 3_600_000)
    await expect(auth.getAccessToken({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code })
  })
})

test('a caller that leaves is still told of the session it has', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  const session = await signIn(auth)
  const { data, error } = await auth.refreshSession({ signal: AbortSignal.abort() })
  expect(error?.code).toBe('aborted')
  expect(data.session).toBe(session)
})

test('a fresh session comes without the store, the same object each time', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const transact = vi.spyOn(storage, 'transact')
  const auth = createClient({ storage })
  await signIn(auth)
  transact.mockClear()
  const [one, two] = [await auth.getSession(), await auth.getSession()]
  expect(one).toBe(two)
  expect(Object.isFrozen(one.data.session)).toBe(true)
  expect(transact).not.toHaveBeenCalled()
})

test('the methods are bound', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const { getSession, refreshSession, getSnapshot, signOut } = auth
  expect((await getSession()).data.session).not.toBeNull()
  expect((await refreshSession()).error).toBeNull()
  expect(getSnapshot().status).toBe('signed-in')
  expect(await signOut()).toEqual({ data: { url: null }, error: null })
})

describe('a snapshot', () => {
  test('is restoring until the store has answered, then what it holds', async () => {
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    const session = await signIn(createClient({ storage }))
    const auth = createClient({ storage })
    const seen = [auth.getSnapshot().status]
    auth.subscribe(() => seen.push(auth.getSnapshot().status))
    const { data } = await auth.getSession()
    expect(seen).toEqual(['restoring', 'signed-in'])
    expect(data.session).toMatchObject({ sessionId: session.sessionId, account: session.account, revision: 1 })
  })

  test('is the same object until something changes, and listeners are told of changes only', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    const listener = vi.fn()
    const stop = auth.subscribe(listener)
    const before = auth.getSnapshot()
    await auth.getSession()
    expect(auth.getSnapshot()).toBe(before)
    expect(listener).not.toHaveBeenCalled()
    await auth.refreshSession()
    expect(listener).toHaveBeenCalledOnce()
    stop()
    await auth.signOut()
    expect(listener).toHaveBeenCalledOnce()
  })

  test('stays restoring while the store fails, asks it again, and never says signed out', async () => {
    const { createClient, signIn } = setUp()
    const kept = memoryStore()
    await signIn(createClient({ storage: kept }))
    let broken = true
    const storage: Store = {
      ...kept,
      transact: (scope, change) => (broken ? Promise.reject(new Error('no')) : kept.transact(scope, change)),
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const auth = createClient({ storage, patience: 1_000 })
    const seen: string[] = []
    auth.subscribe(() => seen.push(auth.getSnapshot().status))
    const asked = auth.getSession()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await asked).toMatchObject({ data: { session: null }, error: { code: 'storage_error' } })
    expect(auth.getSnapshot()).toEqual({ status: 'restoring' })
    broken = false
    await vi.advanceTimersByTimeAsync(60_000)
    expect(seen).toEqual(['signed-in'])
  })

  test('an app that opens with a dead token is told that it is stale, by event as by call', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    server.faults.always(busy(), { grant: 'refresh_token' })
    vi.setSystemTime(Date.now() + 3_600_000)
    const auth = createClient({ storage })
    const initial = new Promise<boolean | undefined>((resolve) => {
      auth.onAuthStateChange((_, session) => resolve(session?.stale))
    })
    const { data } = await auth.getSession()
    expect(data.session?.stale).toBe(true)
    expect(await initial).toBe(true)
  })
})

describe('a sign-out', () => {
  /** A memory store that one client reaches only through a gate: its transactions wait, and are let go in order. */
  function createGated(inner: Store) {
    const waiting: (() => void)[] = []
    let closed = false
    const store: Store = {
      ...inner,
      async transact(scope, change) {
        if (closed) await new Promise<void>((resolve) => waiting.push(resolve))
        return inner.transact(scope, change)
      },
    }
    return {
      store,
      waiting,
      close: () => void (closed = true),
      open() {
        closed = false
        for (const go of waiting.splice(0)) go()
      },
    }
  }

  test('whose caller has left is carried out, on the screen and in the store', async () => {
    const { createClient, signIn } = setUp()
    const gated = createGated(memoryStore())
    const auth = createClient({ storage: gated.store })
    await signIn(auth)
    const leave = new AbortController()
    gated.close()
    const leaving = auth.signOut({ signal: leave.signal })
    await vi.waitFor(() => expect(gated.waiting).toHaveLength(1))
    leave.abort()
    expect((await leaving).error?.code).toBe('aborted')
    gated.open()
    await vi.waitFor(() => expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' }))
    const again = createClient({ storage: gated.store })
    expect((await again.getSession()).data.session).toBeNull()
  })

  // this client    signOut of s1 ──── waits for the store ──────────────────── ends what the slot holds: s2
  //                          reads s2, which another tab has put there, shows it ┘
  test('that ends another tab’s new sign-in of the account takes that off the screen too', async () => {
    const { createClient, signIn } = setUp()
    const shared = memoryStore()
    const gated = createGated(shared)
    const auth = createClient({ storage: gated.store })
    await signIn(auth)
    const other = createClient({ storage: shared })
    await other.getSession()
    gated.close()
    await signIn(other)
    // The other one's notice: this client is about to look.
    await vi.waitFor(() => expect(gated.waiting).toHaveLength(1))
    const signingOut = auth.signOut()
    await vi.waitFor(() => expect(gated.waiting).toHaveLength(2))
    gated.open()
    await signingOut
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
    await vi.waitFor(() => expect(other.getSnapshot().status).toBe('signed-out'))
  })
})

describe('after dispose', () => {
  test('methods answer so, once or twice disposed, and nobody is called', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    const heard = vi.fn()
    auth.onAuthStateChange(heard)
    auth.subscribe(heard)
    auth.dispose()
    auth.dispose()
    vi.setSystemTime(Date.now() + 3_600_000)
    for (const call of [auth.getSession, auth.refreshSession, auth.signIn, auth.signOut, auth.handleRedirect]) {
      expect((await call()).error?.code).toBe('client_disposed')
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).not.toHaveBeenCalled()
  })

  test('a refresh under way is stored all the same, for the next client', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    await signIn(auth)
    await refreshMeanwhile(server, auth, () => auth.dispose())
    await vi.waitFor(async () => expect(await slotsOf(storage)).toMatchObject([{ revision: 2 }]))
    const { data } = await createClient({ storage }).getSession()
    expect(data.session?.revision).toBe(2)
  })
})
