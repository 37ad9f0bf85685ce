import { oauthFailure, serverError } from '@authflight/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { createAuthClient, isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { answering, setUp as setUpGoTrue, signIn as signInAtGoTrue } from '../support/gotrue-app.ts'
import { createHouseProvider } from '../support/house-provider.ts'
import { createGatedStore, editSlots, letTokensDie, slotsOf, touches } from '../support/stores.ts'

afterEach(() => void vi.useRealTimers())

const userinfo = { endpoint: 'userinfo' } as const

test('who it is, is asked at the server, kept, and told as USER_UPDATED where it is news', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  await editSlots(storage, (slot) => ({ ...slot, user: { ...slot.user, name: 'Ada Byron' } }))
  const reader = createClient({ storage })
  const heard: string[] = []
  reader.onAuthStateChange((event, session) => void heard.push(`${event} ${session?.user?.name}`))
  await reader.getSession()
  const { data, error } = await reader.getUser()

  expect(error).toBeNull()
  expect(data.user?.name).toBe('Ada Lovelace')
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION Ada Byron', 'USER_UPDATED Ada Lovelace'])
  expect((await slotsOf(storage))[0]?.user?.name).toBe('Ada Lovelace')
  expect((await reader.getSession()).data.session).toMatchObject({ revision: 1, user: { name: 'Ada Lovelace' } })
})

test('what a provider can do of its own is part of the client, and what it changes is kept', async () => {
  const { server, signIn } = setUp()
  const auth = createAuthClient({
    provider: createHouseProvider(server),
    storage: memoryStore(),
    autoRefresh: 'off',
    redirect: 'manual',
  })
  await signIn(auth as never)
  const { data, error } = await auth.rename('Countess')
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ name: 'Countess', email: 'canary.ada@example.test' })
  expect((await auth.getSession()).data.session?.user?.name).toBe('Countess')
  auth.dispose()
})

test('what is kept of a user is told to the other tabs', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await editSlots(storage, (slot) => ({ ...slot, user: { ...slot.user, name: 'Ada Byron' } }))
  const [asking, other] = [createClient({ storage }), createClient({ storage })]
  expect((await other.getSession()).data.session?.user?.name).toBe('Ada Byron')
  await asking.getUser()
  await expect.poll(() => other.getSnapshot()).toMatchObject({ session: { user: { name: 'Ada Lovelace' } } })
})

test('a token that the server refuses is renewed, and the question put again', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.expireAccessTokens()
  expect((await auth.getUser()).data.user?.name).toBe('Ada Lovelace')
  expect(server.count('refresh_token')).toBe(1)
  expect(server.count('userinfo')).toBe(2)
})

test('an endpoint that refuses every token costs one refresh, and not one a question', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.setAccessTokenTtl(3_600)
  server.faults.always(oauthFailure('invalid_token', { status: 401 }), userinfo)
  for (let n = 0; n < 3; n += 1) expect((await auth.getUser()).error).toMatchObject({ status: 401 })
  expect(server.count('refresh_token')).toBe(1)
  expect(server.count('userinfo')).toBe(4)

  // Later it may be another matter.
  server.faults.clear()
  server.expireAccessTokens()
  vi.setSystemTime(Date.now() + 60_000)
  expect((await auth.getUser()).error).toBeNull()
})

test('of an answer that would end the session the token endpoint is asked at once, however new the token is', async () => {
  const { server, createClient } = setUpGoTrue()
  const auth = createClient()
  await signInAtGoTrue(auth)
  await auth.refreshSession()
  server.revokeSessions()
  expect((await auth.getUser()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'rejected' })
})

test.each([
  ['says in its code that the token is not to blame', { code: 'insufficient_aal', message: 'canary' }, 1],
  ['says no more', { code: 401, msg: 'canary' }, 2],
])('a 401 that %s is put so many times', async (_, body, times) => {
  const { server, createClient } = setUpGoTrue()
  const auth = createClient()
  await signInAtGoTrue(auth)
  vi.setSystemTime(Date.now() + 300_000)
  server.faults.always(answering(body, 401), { endpoint: 'user' })
  expect((await auth.updateUser({ password: 'canary_new' })).error).toMatchObject({ status: 401 })
  expect([server.count('user'), server.count('refresh_token')]).toEqual([times, times - 1])
})

test('a server that fails changes nothing, and the user known so far is given with the error', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.faults.always(serverError(), userinfo)
  const { data, error } = await auth.getUser()
  expect(error?.code).toBe('server_error')
  expect(data.user?.name).toBe('Ada Lovelace')
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('nobody is asked with a dead token: where it cannot be renewed, that is the answer', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  server.faults.always(serverError(), { grant: 'refresh_token' })
  const { data, error } = await createClient({ storage }).getUser()
  expect([data.user?.name, error?.code]).toEqual(['Ada Lovelace', 'server_error'])
  expect(server.count('userinfo')).toBe(0)
})

// auth-js: `getUser(A)` in flight, `signIn(B)`, late 403 for A: B is signed out.
test('a late answer about ada neither ends nor renames grace, who has signed in meanwhile', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth, 'ada')
  const gate = server.hold({ ...userinfo, when: 'after' })
  const asking = auth.getUser()
  await gate.arrived
  const grace = await signIn(auth, 'grace')
  gate.release()
  const { data, error } = await asking

  expect(data.user).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: grace.sessionId } })
  expect((await slotsOf(storage)).map(({ user }) => user?.name)).toEqual(['Grace Hopper'])
})

test('nobody is signed in: that is said', async () => {
  const { createClient } = setUp()
  expect((await createClient().getUser()).error?.code).toBe('session_missing')
})

test('a provider that cannot ask says so', async () => {
  const { server, signIn } = setUp()
  const { user: _, methods: __, ...silent } = createHouseProvider(server)
  const auth = createAuthClient({ provider: silent, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual' })
  await signIn(auth as never)
  const { data, error } = await auth.getUser()
  expect(error?.code).toBe('unsupported')
  expect(data.user?.name).toBe('Ada Lovelace')
  auth.dispose()
})

test('what a server tells of a user is nothing that the session signed in since has asked for', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const keeping = holdOne(touches('slot'))
  const asked = auth.getUser()
  await keeping.arrived
  const again = await signIn(createClient({ storage: inner }))
  keeping.release()

  expect((await asked).error).toMatchObject({ code: 'refresh_discarded', reason: 'replaced' })
  expect(await slotsOf(inner)).toMatchObject([{ display: { session: again.sessionId } }])
})

// getUser   of ada ── 401 ─────────────────────────── asks again?
// signIn                  └── ada once more ──┘
test('a question that was refused is not put again with the token of the session signed in since', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.expireAccessTokens()
  const gate = server.hold({ ...userinfo, when: 'after' })
  const asking = auth.getUser()
  await gate.arrived
  const again = await signIn(auth)
  gate.release()

  expect((await asking).error).toMatchObject({ code: 'refresh_discarded', reason: 'replaced' })
  expect(server.count('userinfo')).toBe(1)
  expect(auth.getSnapshot()).toMatchObject({ session: { sessionId: again.sessionId, revision: 1 } })
})
