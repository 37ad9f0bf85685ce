import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type LockFunction, processLock } from '../src/locks.ts'
import { oauth } from '../src/providers/oauth.ts'
import { setUp } from './support/app.ts'
import { createDeferred } from './support/deferred.ts'
import { createInPageClient } from './support/in-page-provider.ts'
import { recordAll } from './support/observe.ts'

let names = 0
/** Locks go by the client's name. */
const newName = (): string => `waits-${(names += 1)}`

const never: LockFunction = () => new Promise(() => {})

/** Ada is signed in, with a patience of a second. From here on the lock is the one that the test gives, and so is the time. */
async function setUpSignedIn(lock: LockFunction, lockAcquireTimeout = 0) {
  const { server } = setUp()
  let current: LockFunction = processLock
  const auth = createInPageClient(server, {
    name: newName(),
    lock: (...of) => current(...of),
    lockAcquireTimeout,
    patience: 1_000,
  })
  await auth.signIn({ user: 'ada' })
  current = lock
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user: 'grace' })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { session } = auth.getSnapshot() as { readonly session?: object }
  return { server, auth, session, tokens: { accessToken, refreshToken } }
}

describe('who goes before it has its turn', () => {
  type Setting = Awaited<ReturnType<typeof setUpSignedIn>>

  test.each<[string, (setting: Setting) => Promise<{ error: { code: string } | null }>]>([
    ['signOut', ({ auth }) => auth.signOut()],
    ['refreshSession', ({ auth }) => auth.refreshSession()],
    ['signIn', ({ auth }) => auth.signIn({ user: 'grace' })],
    ['updateUser', ({ auth }) => auth.updateUser({ name: 'Countess' })],
    ['setSession', ({ auth, tokens }) => auth.setSession(tokens)],
  ])('is told `lock_timeout`, and nothing is begun when the lock is had too late: %s', async (_, call) => {
    const late = createDeferred()
    const given = createDeferred<unknown>()
    const setting = await setUpSignedIn(async (__, ___, work) => {
      await late.promise
      given.resolve(work())
      return given.promise as ReturnType<typeof work>
    })
    const { auth, session } = setting
    const waiting = call(setting)
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await waiting).error?.code).toBe('lock_timeout')
    const before = setting.server.log.length
    vi.useRealTimers()
    late.resolve()
    await given.promise
    expect(auth.getSnapshot()).toEqual({ status: 'signed-in', session })
    expect(setting.server.log).toHaveLength(before)
  })

  test('tells the records that it has waited, and that it was not to be had', async () => {
    const { auth } = await setUpSignedIn(never)
    const observed = recordAll()
    const waiting = Promise.all([auth.getSession(), auth.getUser()])
    await vi.advanceTimersByTimeAsync(1_000)
    await waiting
    const told = observed
      .operations('authflight.contention')
      .map(({ attributes, endedAt }) => [
        attributes['authflight.contention.kind'],
        attributes['authflight.contention.resolution'],
        endedAt === undefined,
      ])
    expect(told.toSorted()).toEqual([
      ['lock_timeout', 'gave_up', false],
      ['lock_timeout', 'gave_up', false],
      ['lock_wait', 'gave_up', false],
    ])
  })

  test('keeps nobody waiting who stands behind it', async () => {
    let lock: LockFunction = never
    const { auth } = await setUpSignedIn((...of) => lock(...of), -1)
    const leaving = new AbortController()
    const gone = auth.getUser({ signal: leaving.signal })
    await new Promise((resolve) => setImmediate(resolve))
    lock = processLock
    const behind = auth.refreshSession()
    leaving.abort()
    expect((await gone).error?.code).toBe('aborted')
    expect((await behind).data.session?.revision).toBe(2)
  })

  // first     has the lock ── refreshes ────────────────────┐
  // second                  in line ── goes                 │
  // third                     in line ── not before the first has left ── its turn
  test('lets nobody past whom it has stood behind itself', async () => {
    const { server, auth } = await setUpSignedIn(processLock)
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const first = auth.refreshSession()
    await gate.arrived
    const leaving = new AbortController()
    const second = auth.getUser({ signal: leaving.signal })
    const third = auth.getUser()
    leaving.abort()
    expect((await second).error?.code).toBe('aborted')
    gate.release()
    expect([(await first).error, (await third).error]).toEqual([null, null])
  })
})

test('a lock that does not give way keeps nobody from what its work gave, and keeps out whoever stands behind', async () => {
  const { auth } = await setUpSignedIn(async (_, __, work) => {
    await work()
    return new Promise(() => {})
  })
  expect((await auth.signOut()).error).toBeNull()
  const behind = auth.getSession()
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await behind).error?.code).toBe('lock_timeout')
})

test.each([
  ['is none', 7, 'invalid_option'],
  ['was aborted', AbortSignal.abort(), 'aborted'],
])('a caller whose signal %s does not ask for the lock', async (_, signal, code) => {
  const asked = vi.fn()
  const { auth, session } = await setUpSignedIn((...of) => {
    asked()
    return processLock(...of)
  })
  const given = { signal } as never
  expect(await auth.refreshSession(given)).toMatchObject({ data: { session }, error: { code } })
  await expect(auth.getAccessToken(given)).rejects.toMatchObject({ code })
  expect(asked).not.toHaveBeenCalled()
})

describe('a method of a provider’s own', () => {
  const setUpOwn = (lock: LockFunction, method: () => unknown) => {
    const { server, createClient } = setUp()
    const provider = { ...oauth({ issuer: server.issuer, clientId: 'spa' }), methods: () => ({ method }) }
    return createClient({ provider, name: newName(), lock }) as unknown as {
      method: (call?: { signal: AbortSignal }) => Promise<unknown>
    }
  }

  test('that gives nothing, or throws, is not said to have done nothing', async () => {
    expect(await setUpOwn(processLock, () => undefined).method()).toBeUndefined()
    const throwing = setUpOwn(processLock, () => {
      throw new TypeError('theirs')
    })
    await expect(throwing.method()).rejects.toThrow('theirs')
  })

  test('that has begun and does not end is told `timeout`', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const waiting = setUpOwn(processLock, () => new Promise(() => {})).method()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await waiting).toMatchObject({ error: { code: 'timeout' } })
  })

  test('that fails when its caller has gone fails unheard, also with a lock that does not wait for it', async () => {
    const [begun, reply] = [createDeferred(), createDeferred()]
    const lock: LockFunction = (_, __, work) => {
      void work()
      begun.resolve()
      return new Promise(() => {})
    }
    const leaving = new AbortController()
    const gone = setUpOwn(lock, () => reply.promise).method({ signal: leaving.signal })
    await begun.promise
    leaving.abort()
    expect(await gone).toMatchObject({ error: { code: 'aborted' } })
    reply.reject(new TypeError('theirs'))
    await new Promise((resolve) => setImmediate(resolve))
  })
})
