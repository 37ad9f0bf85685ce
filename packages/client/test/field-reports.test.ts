import { type AuthServer, busy, type Fault, oauthFailure } from '@authflight/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore, type Provider, type SessionTokens } from '../src/index.ts'
import { oauth, type OAuthSignIn } from '../src/providers/oauth.ts'
import { setUp } from './support/app.ts'
import { quiet } from './support/quiet.ts'
import { createFailingStore, createGatedStore, letTokensDie, slotsOf, touches } from './support/stores.ts'
import { openTwoTabs } from './support/tabs.ts'

// What users of other clients report, interleaving by interleaving; what happened to them stands behind the arrow.

afterEach(() => void vi.useRealTimers())

/** Somebody's tokens, as an app hands them over. */
async function tokensOf(server: AuthServer, user: string, isDead: boolean): Promise<SessionTokens> {
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user })
  return { accessToken, refreshToken, expiresAt: Date.now() + (isDead ? -1_000 : 60_000) }
}

const forbidden: Fault = {
  name: 'forbidden',
  apply: async () => Response.json({ error: 'insufficient_scope' }, { status: 403 }),
}

/** To `oauth()` alone no 403 ends a session: it says what a token may do. Here it does, where the token endpoint agrees. */
function endedBy403({ issuer }: AuthServer): Provider<OAuthSignIn> {
  const provider = oauth({ issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  return { ...provider, terminal: { ...provider.terminal, insufficient_scope: 'revoked' } }
}

// → hangs for ever
test('`await refreshSession()` inside a TOKEN_REFRESHED handler settles, and does not loop', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const inside: (number | undefined)[] = []
  auth.onAuthStateChange(async (event) => {
    if (event === 'TOKEN_REFRESHED') inside.push((await auth.refreshSession()).data.session?.revision)
  })
  await auth.refreshSession()
  await expect.poll(() => inside).toEqual([2])
  expect(server.count('refresh_token')).toBe(1)
})

// → who asked for grace gets ada
test('a refresh of ada in flight, then `setSession(grace)`: who asks for grace gets grace', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth, 'ada')
  const gate = server.hold({ when: 'after', session: 'session-1', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const { data } = await auth.setSession(await tokensOf(server, 'grace', true))
  gate.release()

  expect(data.session?.user?.name).toBe('Grace Hopper')
  const { data: late, error } = await refreshing
  expect(late.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect((await auth.getSession()).data.session?.user?.name).toBe('Grace Hopper')
})

// → the session comes back
test('`setSession` of a dead session in flight, then a sign-out: the answer brings nobody back, and is revoked', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const tokens = await tokensOf(server, 'ada', true)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const setting = auth.setSession(tokens)
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await setting

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(auth.getSnapshot().status).toBe('signed-out')
  expect(await slotsOf(storage)).toEqual([])
  await expect.poll(() => server.liveSessions).toEqual([])
})

// → ada is signed out
test('ada’s token has run out, and `setSession` with a bad one of grace answers 400: ada stays signed in', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }), 'ada')
  await letTokensDie(storage)
  const auth = createClient({ storage })
  const bad = await tokensOf(server, 'grace', true)
  server.revokeSessions({ user: 'grace' })

  expect((await auth.setSession(bad)).error?.code).toBe('session_ended')
  expect((await auth.getSession()).data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
})

// → its timer comes back
test('`dispose()` before start-up has ended leaves no timer', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  await signIn(createClient({ storage: inner }))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const reading = hold()
  const auth = createClient({ storage: store, autoRefresh: 'always' })
  await reading.arrived
  auth.dispose()
  reading.release()
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(vi.getTimerCount()).toBe(0)
})

// → grace is signed out
test('`getUser` of ada in flight, grace signs in, a late 403 for ada: grace stays signed in', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ provider: endedBy403(server) })
  await signIn(auth, 'ada')
  const gate = server.hold({ endpoint: 'userinfo' })
  server.faults.always(forbidden, { endpoint: 'userinfo' })
  // Whoever asks it is told that the session is over.
  server.faults.always(oauthFailure('invalid_grant'), { grant: 'refresh_token' })
  const asking = auth.getUser()
  await gate.arrived
  const grace = await signIn(auth, 'grace')
  gate.release()

  const { data, error } = await asking
  expect(data.user).toBeNull()
  expect(error).toMatchObject({ code: 'refresh_discarded', reason: 'replaced' })
  expect(server.count('refresh_token')).toBe(0)
  expect(auth.getSnapshot()).toMatchObject({
    status: 'signed-in',
    session: { sessionId: grace.sessionId, revision: 1 },
  })
})

test('ada alone is signed out by a 403 that the token endpoint confirms: that of the test above is one that could', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient({ provider: endedBy403(server) })
  await signIn(auth, 'ada')
  server.faults.always(forbidden, { endpoint: 'userinfo' })
  await auth.getUser()
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 2 } })

  server.faults.always(oauthFailure('invalid_grant'), { grant: 'refresh_token' })
  await auth.getUser()
  expect(auth.getSnapshot().status).toBe('signed-out')
})

// → the session comes back
test('`setSession` of a living session waits for its user, then a sign-out: nobody is signed in', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const gate = server.hold({ endpoint: 'userinfo' })
  const setting = auth.setSession(await tokensOf(server, 'ada', false))
  await gate.arrived
  await auth.signOut()
  gate.release()

  expect((await setting).data.session).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
  expect(await slotsOf(storage)).toEqual([])
})

// → signed out
test('429 with an access token that has run out leaves the user signed in, stale', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  server.faults.always(busy({ retryAfter: 30 }), { grant: 'refresh_token' })
  const auth = createClient({ storage })
  const { data, error } = await auth.getSession()
  expect(error?.code).toBe('rate_limited')
  expect(data.session?.stale).toBe(true)
  expect(auth.getSnapshot().status).toBe('stale')
})

// → getSession hangs
test('a request that never settles holds nobody up while the access token lives', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  const auth = createClient({ storage, patience: 500 })
  await auth.getSession()
  const gate = server.hold({ grant: 'refresh_token' })
  const forced = auth.refreshSession()
  await gate.arrived
  const { data, error } = await auth.getSession()
  expect(error).toBeNull()
  expect(data.session?.revision).toBe(1)
  expect((await forced).error?.code).toBe('timeout')
  gate.release()
})

// → both signed out
test('two clients on one store refresh at once at a strict server: one request, and both stay signed in', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'strict' })
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const clients = [createClient({ storage }), createClient({ storage })]
  const both = await Promise.all(clients.map((auth) => auth.refreshSession()))
  expect(both.map(({ data }) => data.session?.revision)).toEqual([2, 2])
  expect(server.count('refresh_token')).toBe(1)
})

// → both signed out
test('two tabs, each with all its code, refresh at once at a strict server: one request, and both stay signed in', async () => {
  const { server, signIn } = setUp({ profile: 'strict' })
  const tabs = await openTwoTabs(server, signIn)
  const both = await Promise.all(tabs.map((auth) => auth.refreshSession()))
  expect(both.map(({ data, error }) => [data.session?.revision, error])).toEqual([
    [2, null],
    [2, null],
  ])
  expect(new Set(both.map(({ data }) => data.session?.accessToken)).size).toBe(1)
  expect(server.count('refresh_token')).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})

// → the rotated token is lost
test('a store that is full after the rotation loses nothing: the session is served, and written when there is room', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const refreshing = auth.refreshSession()
  // The claim is made, and what comes after the answer fails.
  await expect
    .poll(() => inner.transact({ keys: [], prefixes: ['claim:'] }, (view) => view.list('claim:').length), {
      interval: 0,
    })
    .toBe(1)
  fail(touches('slot'))
  quiet()
  expect((await refreshing).data.session?.revision).toBe(2)
  mend()
  await expect.poll(async () => (await slotsOf(inner))[0]?.revision, { timeout: 4_000 }).toBe(2)
})

// → a refresh at every call
test('a device whose clock is an hour ahead refreshes once, not at every call', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 3_600_000)
  const auth = createClient({ storage })
  for (let call = 0; call < 5; call += 1) expect((await auth.getSession()).error).toBeNull()
  expect(server.count('refresh_token')).toBe(1)
})
