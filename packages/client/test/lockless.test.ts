import { readFile } from 'node:fs/promises'
import { http, HttpResponse } from 'msw'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { type AuthClient, type AuthEventHandler, memoryStore, type Unsubscribe } from '../src/index.ts'
import { type LockFunction, processLock } from '../src/locks.ts'
import { apiOrigin, setUp } from './support/app.ts'
import { recordAll } from './support/observe.ts'
import { letTokensDie } from './support/stores.ts'

let names = 0
/** Locks go by the client's name. */
const newName = (): string => `lockless-${(names += 1)}`

// ada     asks ── her token is dead: it is renewed first ── /one
// grace     asks ── /two
test('requests that are made in parallel reach the network in any order, and each gets its own answer', async () => {
  const { server, network, createClient, signIn } = setUp()
  const storage = memoryStore()
  const ada = await signIn(createClient({ storage }), 'ada')
  await letTokensDie(storage)
  const auth = createClient({ storage, fetchOrigins: [apiOrigin] })
  await signIn(auth, 'grace', { add: true })
  const reached: string[] = []
  network.use(
    http.get(`${apiOrigin}/*`, ({ request }) => {
      const { pathname } = new URL(request.url)
      reached.push(pathname)
      return HttpResponse.json({ pathname, user: server.accessOf(request)?.user.login })
    }),
  )
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const one = auth.account(ada.account).fetch(`${apiOrigin}/one`)
  const two = auth.fetch(`${apiOrigin}/two`)
  await gate.arrived
  await two
  gate.release()
  expect(await Promise.all([one, two].map(async (answer) => (await answer).json() as unknown))).toEqual([
    { pathname: '/one', user: 'ada' },
    { pathname: '/two', user: 'grace' },
  ])
  expect(reached).toEqual(['/two', '/one'])
})

test.each(['refreshSession', 'getSession'] as const)(
  'SIGNED_OUT is told before `%s` tells that what it brought is discarded',
  async (method) => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    await letTokensDie(storage)
    const auth = createClient({ storage })
    const told: (string | undefined)[] = []
    auth.onAuthStateChange((event) => void told.push(event))
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = auth[method]().then(({ error }) => told.push(error?.code))
    await gate.arrived
    const leaving = auth.signOut()
    gate.release()
    await Promise.all([refreshing, leaving])
    expect(told).toEqual(['INITIAL_SESSION', 'SIGNED_OUT', 'refresh_discarded'])
  },
)

test('a handler may be async: there is one form of `onAuthStateChange`, and it takes both', async () => {
  expectTypeOf<AuthClient['onAuthStateChange']>().toEqualTypeOf<(handler: AuthEventHandler) => Unsubscribe>()
  const { createClient, signIn } = setUp()
  const auth = createClient()
  const heard: string[] = []
  auth.onAuthStateChange(async (event) => void heard.push(`async ${event}`))
  auth.onAuthStateChange((event) => heard.push(event))
  await signIn(auth)
  await expect
    .poll(() => heard.toSorted())
    .toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'async INITIAL_SESSION', 'async SIGNED_IN'])
})

test('handlers may call anything and wait for it, and none waits for itself', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  const grace = await server.signIn({ user: 'grace' })
  const tokens = { accessToken: grace.access_token, refreshToken: grace.refresh_token ?? null }
  const seen: unknown[] = []
  const stop = auth.onAuthStateChange(async (event) => {
    if (event !== 'SIGNED_IN') return
    stop()
    seen.push((await auth.getUser()).data.user?.name)
    seen.push((await auth.getSession()).data.session?.revision)
    seen.push((await auth.refreshSession()).data.session?.revision)
    seen.push((await auth.setSession(tokens)).data.session?.user?.name)
    seen.push((await auth.accounts()).data.accounts.length)
    seen.push((await auth.signOut()).error, auth.getSnapshot().status)
  })
  await signIn(auth)
  await expect.poll(() => seen).toEqual(['Ada Lovelace', 1, 2, 'Grace Hopper', 1, null, 'signed-out'])
})

describe('with a lock', () => {
  const within = (options: object = {}) => {
    const app = setUp()
    const auth = app.createClient({ name: newName(), lock: processLock, ...options })
    return { ...app, auth }
  }

  test('requests leave one after the other, in the order of asking', async () => {
    const { server, auth, createClient, signIn } = within()
    const free = createClient()
    await signIn(free, 'grace')
    await signIn(auth)
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const begun = server.log.length
    const asked = [auth.refreshSession(), auth.getUser(), auth.signOut()]
    await gate.arrived
    // Who has no lock is not held up, and what was asked for before would have left by now.
    await free.getUser()
    gate.release()
    await Promise.all(asked)
    await expect
      .poll(() => server.log.slice(begun).map(({ endpoint, session }) => [endpoint, session]))
      .toEqual([
        ['token', 'session-2'],
        ['userinfo', 'session-1'],
        ['userinfo', 'session-2'],
        ['revocation', 'session-2'],
      ])
  })

  test('`refreshSession` inside a TOKEN_REFRESHED handler gives what the handler was told of, and nothing loops', async () => {
    const { server, auth, signIn } = within()
    await signIn(auth)
    const inside: (number | undefined)[] = []
    auth.onAuthStateChange(async (event) => {
      if (event === 'TOKEN_REFRESHED') inside.push((await auth.refreshSession()).data.session?.revision)
    })
    await auth.getSession()
    await auth.refreshSession()
    await expect.poll(() => inside).toEqual([2])
    expect(server.count('refresh_token')).toBe(1)
  })

  test('and no timeout, callers wait for ten seconds, as they do for everything', async () => {
    const taken = vi.fn<(timeout: number) => void>()
    const lock: LockFunction = (name, timeout, work) => {
      taken(timeout)
      return processLock(name, timeout, work)
    }
    const { auth } = within({ lock })
    await auth.getSession()
    expect(taken).toHaveBeenCalledExactlyOnceWith(10_000)
  })
})

test('without a lock the timer joins a refresh that is under way', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 10 })
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const observed = recordAll()
  const auth = createClient({ storage, autoRefresh: 'always' })
  await auth.getSession()
  const gate = server.hold({ when: 'before', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await vi.advanceTimersByTimeAsync(9_500)
  gate.release()
  expect((await refreshing).data.session?.revision).toBe(2)
  expect(server.count('refresh_token')).toBe(1)
  expect(observed.operations('authflight.refresh')).toHaveLength(1)
  expect(observed.operations('authflight.wait')).toHaveLength(1)
})

test('`lock`, `lockAcquireTimeout` and the two locks are marked as deprecated, and nothing else', async () => {
  const report = await readFile(new URL('../api.md', import.meta.url), 'utf8')
  const marked = [...report.matchAll(/@deprecated\n\s*(?:readonly |const )?(\w+)/g)].map(([, name]) => name)
  expect(marked.toSorted()).toEqual(['lock', 'lockAcquireTimeout', 'navigatorLock', 'processLock'])
})
