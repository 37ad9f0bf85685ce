import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { type LockFunction, processLock } from '../src/locks.ts'
import { setUp } from './support/app.ts'
import { createDeferred } from './support/deferred.ts'
import { recordAll, startSdk } from './support/observe.ts'
import { openTab } from './support/tabs.ts'

/** A lock that counts, over the one of this process. */
function createCounted() {
  const taken: [name: string, timeout: number][] = []
  const lock: LockFunction = (name, timeout, work) => {
    taken.push([name, timeout])
    return processLock(name, timeout, work)
  }
  return { lock, taken }
}

let names = 0
/** Locks go by the client's name. */
const newName = (): string => `locked-${(names += 1)}`

test('each operation takes the lock that an app has given, under one name and with its timeout', async () => {
  const { createClient, signIn } = setUp()
  const { lock, taken } = createCounted()
  const name = newName()
  const auth = createClient({ name, lock, lockAcquireTimeout: 250 })
  const session = await signIn(auth)
  await auth.getSession()
  await auth.account(session.account).getSession()
  await auth.signOut()
  expect(new Set(taken.map(String))).toEqual(new Set([`lock:authflight:${name},250`]))
  expect(taken).toHaveLength(5)
})

/** The options of clients that have no lock. Null is what auth-js takes for none. */
const lockless: [string, { lock?: null }][] = [
  ['without a lock nobody waits for one: a refresh shows by a lock of its own that it is under way', {}],
  ['with `lock: null` neither', { lock: null }],
]

test.each(lockless)('%s', async (_, options) => {
  const request = vi.spyOn(navigator.locks, 'request')
  onTestFinished(() => request.mockRestore())
  const { server, signIn } = setUp()
  const auth = await openTab(server, options)
  await signIn(auth)
  for (let rotation = 0; rotation < 3; rotation += 1) await auth.refreshSession()
  await auth.getUser()
  await auth.signOut()
  const asked = request.mock.calls.map(([name]) => name)
  expect(asked).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^authflight:[\w-]{20,}$/) as string))
  expect(new Set(asked).size).toBe(3)
})

test('operations have their turn one after the other: a sign-out waits for a refresh', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ name: newName(), lock: processLock })
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const order: string[] = []
  const leaving = auth.signOut().then(() => order.push('left'))
  void refreshing.then(() => order.push('refreshed'))
  gate.release()
  await leaving
  expect(order).toEqual(['refreshed', 'left'])
})

test('a lock that is not to be had in time is an error that says so, and the session is the one still held', async () => {
  const { createClient, signIn } = setUp()
  const observed = recordAll()
  const name = newName()
  const auth = createClient({ name, lock: processLock, lockAcquireTimeout: 0 })
  const session = await signIn(auth)
  const held = createDeferred()
  const holding = processLock(`lock:authflight:${name}`, -1, () => held.promise)
  const { data, error } = await auth.refreshSession()
  expect(error).toMatchObject({ code: 'lock_timeout', message: expect.stringContaining('Leave it out') as string })
  expect(data.session).toBe(session)
  // Whom these ask for is somebody else.
  for (const other of [auth.setSession({ accessToken: 'a' }), auth.switchTo('other'), auth.signIn()])
    expect((await other).data.session).toBeNull()
  expect((await auth.getUser()).data.user).toBe(session.user)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'lock_timeout' })
  held.resolve()
  await holding
  expect((await auth.getSession()).error).toBeNull()
  const kinds = observed
    .operations('authflight.contention')
    .map(({ attributes }) => attributes['authflight.contention.kind'])
  expect(kinds).toContain('lock_timeout')
})

test('handlers may call anything: they wait for their turn, and nobody waits for them', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient({ name: newName(), lock: processLock, lockAcquireTimeout: -1 })
  const seen: (string | undefined)[] = []
  auth.onAuthStateChange(async (event) => {
    if (event !== 'SIGNED_IN') return
    const { data } = await auth.getUser()
    seen.push(data.user?.name, String((await auth.refreshSession()).data.session?.revision))
  })
  await signIn(auth)
  await expect.poll(() => seen).toEqual(['Ada Lovelace', '2'])
})

test('a client never keeps itself from the lock: who comes while it holds it has its turn after', async () => {
  const { createClient, signIn } = setUp()
  const { lock, taken } = createCounted()
  const auth = createClient({ name: newName(), lock, lockAcquireTimeout: 0 })
  await signIn(auth)
  taken.length = 0
  const results = await Promise.all([auth.refreshSession(), auth.getSession(), auth.getUser()])
  expect(results.map(({ error }) => error)).toEqual([null, null, null])
  expect(taken).toHaveLength(3)
})

test('a caller goes by its signal while somebody else holds the lock, and what it asked for is not begun later', async () => {
  const { server, createClient, signIn } = setUp()
  const name = newName()
  const auth = createClient({ name, lock: processLock, lockAcquireTimeout: -1 })
  const session = await signIn(auth)
  const held = createDeferred()
  const holding = processLock(`lock:authflight:${name}`, -1, () => held.promise)
  const leaving = new AbortController()
  const gone = auth.refreshSession({ signal: leaving.signal })
  const aborted = auth.getAccessToken({ signal: leaving.signal })
  leaving.abort()
  expect(await gone).toMatchObject({ data: { session }, error: { code: 'aborted' } })
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
  held.resolve()
  await holding
  expect((await auth.getSession()).data.session).toBe(session)
  expect(server.count('refresh_token')).toBe(0)
})

test('after dispose nobody waits for the lock', async () => {
  const { createClient, signIn } = setUp()
  const { lock, taken } = createCounted()
  const name = newName()
  const auth = createClient({ name, lock })
  await signIn(auth)
  const held = createDeferred()
  const holding = processLock(`lock:authflight:${name}`, -1, () => held.promise)
  onTestFinished(() => holding)
  onTestFinished(() => held.resolve())
  auth.dispose()
  taken.length = 0
  expect((await auth.getSession()).error?.code).toBe('client_disposed')
  expect(taken).toEqual([])
})

test.each<[string, LockFunction]>([
  [
    'throws',
    () => {
      throw new Error('canary')
    },
  ],
  ['rejects', () => Promise.reject(new Error('canary'))],
  ['rejects with nothing', () => Promise.reject(null)],
  ['never does the work', async () => undefined as never],
])('a lock that %s is one that was not to be had: an error that says so, and nothing is lost', async (_, misbehave) => {
  const { createClient, signIn } = setUp()
  let lock: LockFunction = processLock
  const auth = createClient({ name: newName(), lock: (...of) => lock(...of) })
  const session = await signIn(auth)
  lock = misbehave
  const { data, error } = await auth.refreshSession()
  expect(error).toMatchObject({ code: 'lock_timeout' })
  expect(String(error)).not.toContain('canary')
  expect(data.session).toBe(session)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'lock_timeout' })
  lock = processLock
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
})

test('whatever a lock gives for the work, its caller is given what the work gave', async () => {
  const { createClient, signIn } = setUp()
  const lock: LockFunction = async (_, __, work) => {
    await work()
    throw new Error('canary')
  }
  const auth = createClient({ name: newName(), lock })
  await signIn(auth)
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
})

test('who waits for a lock that never answers goes after its timeout and one patience', async () => {
  const { server, createClient, signIn } = setUp()
  let lock: LockFunction = processLock
  const auth = createClient({
    name: newName(),
    lock: (...of) => lock(...of),
    lockAcquireTimeout: 2_000,
    patience: 1_000,
  })
  const session = await signIn(auth)
  lock = () => new Promise(() => {})
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const ends: unknown[] = []
  void auth.refreshSession().then((result) => ends.push(result))
  await vi.advanceTimersByTimeAsync(2_999)
  expect(ends).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(ends).toMatchObject([{ data: { session }, error: { code: 'lock_timeout' } }])
  expect(server.count('refresh_token')).toBe(0)
})

test('what is told of a lock hangs below the caller', async () => {
  const { createClient, signIn } = setUp()
  const sdk = startSdk()
  const auth = createClient({ name: newName(), lock: processLock })
  await signIn(auth)
  sdk.exporter.reset()
  const { span, result } = sdk.within(() => Promise.all([auth.refreshSession(), auth.getUser()]))
  await result
  const [wait] = sdk.spans().filter(({ name }) => name === 'authflight.contention')
  expect(wait?.attributes['authflight.contention.kind']).toBe('lock_wait')
  expect(wait?.parentId).toBe(span.spanContext().spanId)
})

test('the timer skips its turn while somebody holds the lock, and comes again', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 10 })
  const storage = memoryStore()
  const name = newName()
  await signIn(createClient({ storage, name }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const auth = createClient({ storage, name, lock: processLock, autoRefresh: 'always' })
  await auth.getSession()
  const held = createDeferred()
  const holding = processLock(`lock:authflight:${name}`, -1, () => held.promise)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(server.count('refresh_token')).toBe(0)
  held.resolve()
  await holding
  await vi.advanceTimersByTimeAsync(2_000)
  await vi.waitFor(() => expect(server.count('refresh_token')).toBe(1))
})

test.each([
  [{ lock: 'navigator' }, /`lock` takes a function/],
  [{ lock: processLock, lockAcquireTimeout: Number.NaN }, /`lockAcquireTimeout` takes milliseconds/],
])('a lock that is none is refused', (options, message) => {
  const { createClient } = setUp()
  expect(() => createClient(options as never)).toThrow(message)
})
