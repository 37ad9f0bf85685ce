import { busy, gotrueFailure } from '@authflight/testing'
import { expect, test } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { ada, grace, lastMessage, setUp, signIn } from '../support/gotrue-app.ts'
import { createGatedStore, letTokensDie, slotsOf, touches } from '../support/stores.ts'

// updateUser ── sent ───────────── answered
//                     signs out
test('a change of ada that is answered after she has signed out brings nobody back', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const gate = server.hold({ endpoint: 'user', when: 'after' })
  const changing = auth.updateUser({ data: { full_name: 'Countess' } })
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await changing
  expect(data.user).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(auth.getSnapshot().status).toBe('signed-out')
  expect(await slotsOf(storage)).toEqual([])
})

test('a change of ada that is answered after grace has signed in renames nobody', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const gate = server.hold({ endpoint: 'user', when: 'after' })
  const changing = auth.updateUser({ data: { full_name: 'Countess' } })
  await gate.arrived
  await signIn(auth, grace)
  gate.release()
  expect(isAuthRefreshDiscardedError((await changing).error)).toBe(true)
  expect((await slotsOf(storage)).map(({ user }) => user?.name)).toEqual(['Grace Hopper'])
})

// updateUser ── gets ready to leave ───────────── asks the server for nobody
//                                   grace comes
test('a new address of ada’s that is not asked for yet when grace signs in is not asked for in her name', async () => {
  const { server, createClient } = setUp()
  const { store, inner, hold } = createGatedStore()
  const [one, two] = [createClient({ storage: store }), createClient({ storage: inner })]
  await signIn(one)
  const leaving = hold(touches('attempt'))
  const changing = one.updateUser({ email: 'next@example.test' })
  await leaving.arrived
  await signIn(two, grace)
  await expect.poll(() => one.getSnapshot()).toMatchObject({ session: { user: { name: 'Grace Hopper' } } })
  leaving.release()
  const { data, error } = await changing
  expect(data.user).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect((await one.getUser()).data.user?.email).toBe(grace.email)
  expect(server.messages).toEqual([])
})

test('a change and a refresh at once: neither loses what the other brought', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ endpoint: 'user', when: 'after' })
  const changing = auth.updateUser({ data: { full_name: 'Countess' } })
  await gate.arrived
  await auth.refreshSession()
  gate.release()
  await changing
  expect((await auth.getSession()).data.session).toMatchObject({ revision: 2, user: { name: 'Countess' } })
})

// refresh of ada ── presented ─────────── answered: dropped, and revoked
//                        grace signs in
test('grace signs in with a password while the refresh of ada flies: grace stays, and ada’s new tokens are revoked', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const gate = server.hold({ grant: 'refresh_token', when: 'after' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const session = await signIn(auth, grace)
  gate.release()
  const { data, error } = await refreshing
  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: session.sessionId } })
  expect((await slotsOf(storage)).map(({ user }) => user?.name)).toEqual(['Grace Hopper'])
  await expect.poll(() => server.liveSessions).toEqual(['session-2'])
})

// verifyOtp ── sent ──────────── answered: dropped, and revoked
//                   signs out
test('a sign-out ends a verifyOtp that is under way, and nobody keeps its session', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await auth.signIn({ method: 'otp', email: ada.email })
  const gate = server.hold({ endpoint: 'verify', when: 'after' })
  const verifying = auth.verifyOtp({ type: 'email', email: ada.email, token: lastMessage(server).code })
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await verifying
  expect(data).toEqual({ user: null, session: null })
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(await slotsOf(storage)).toEqual([])
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a sign-out ends a password sign-in, and a sign-up, that are under way', async () => {
  const { server, createClient } = setUp({ autoconfirm: true })
  const auth = createClient()
  const gates = [server.hold({ grant: 'password', when: 'after' }), server.hold({ endpoint: 'signup', when: 'after' })]
  const coming = [
    auth.signIn({ method: 'password', ...ada }),
    auth.signUp({ email: 'canary.new@example.test', password: 'canary_new' }),
  ]
  await Promise.all(gates.map(({ arrived }) => arrived))
  await auth.signOut()
  for (const gate of gates) gate.release()
  for (const { data, error } of await Promise.all(coming)) {
    expect(data.session).toBeNull()
    expect(isAuthRefreshDiscardedError(error)).toBe(true)
  }
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a sign-out ends a sign-up whose message is on its way: its link comes back to nobody', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const gate = server.hold({ endpoint: 'signup', when: 'after' })
  const signingUp = auth.signUp({ email: 'canary.new@example.test', password: 'canary_new' })
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await signingUp
  expect(data).toEqual({ user: null, session: null })
  expect(error?.code).toBe('attempt_superseded')
  const back = await auth.handleRedirect(await server.follow(lastMessage(server).link))
  expect(back.error?.code).toBe('callback_unknown')
})

// A password sign-in whose caller has gone: nobody else would show it.
test('a sign-in that is answered after the patience of its caller is shown all the same', async () => {
  const { server, createClient } = setUp()
  const auth = createClient({ patience: 50 })
  await auth.getSession()
  const gate = server.hold({ grant: 'password', when: 'after' })
  const signingIn = auth.signIn({ method: 'password', ...ada })
  await gate.arrived
  expect((await signingIn).error?.code).toBe('timeout')
  gate.release()
  await expect
    .poll(() => auth.getSnapshot())
    .toMatchObject({ status: 'signed-in', session: { user: { email: ada.email } } })
})

// What users of auth-js report; what happened to them stands behind the arrow.

// → grace is signed out
test('`getUser` of ada in flight, grace signs in, a late 403 for ada: grace stays signed in', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ endpoint: 'user' })
  server.faults.always(gotrueFailure('session_not_found', { status: 403 }), { endpoint: 'user' })
  const asking = auth.getUser()
  await gate.arrived
  const session = await signIn(auth, grace)
  gate.release()
  await asking
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: session.sessionId } })
})

// → ada is signed out
test('ada’s token has run out, and `setSession` with a bad one of grace answers 400: ada stays signed in', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const auth = createClient({ storage })
  const { access_token: accessToken, refresh_token: refreshToken } = await server.signIn({ user: 'grace' })
  server.revokeSessions({ user: 'grace' })
  expect((await auth.setSession({ accessToken, refreshToken, expiresAt: 1 })).error?.code).toBe('session_ended')
  expect((await auth.getSession()).data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
})

// → signed out
test('429 with an access token that has run out leaves the user signed in, stale', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  server.faults.always(busy({ retryAfter: 30 }), { grant: 'refresh_token' })
  const auth = createClient({ storage })
  const { data, error } = await auth.getSession()
  expect(error?.code).toBe('rate_limited')
  expect(data.session?.stale).toBe(true)
})

// → both signed out, where the reuse interval is over
test('two clients on one store refresh at once: one request', async () => {
  const { server, createClient } = setUp({ reuseInterval: 0 })
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const both = await Promise.all(
    [createClient({ storage }), createClient({ storage })].map((auth) => auth.refreshSession()),
  )
  expect(both.map(({ data }) => data.session?.revision)).toEqual([2, 2])
  expect(server.count('refresh_token')).toBe(1)
})

// getUser      answered: Ada ──────────────────────────────── keeps?
// another            └── renames her ──┘
// refresh                                └── tells: Countess ──┘
test('who the server told of before a refresh does not take the place of whom the refresh brought', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const other = createClient()
  await signIn(auth)
  await signIn(other)
  const gate = server.hold({ endpoint: 'user', when: 'after' })
  const asking = auth.getUser()
  await gate.arrived
  const changing = other.updateUser({ data: { full_name: 'Countess' } })
  await expect.poll(async () => (await auth.refreshSession()).data.session?.user?.name).toBe('Countess')
  gate.release()

  expect((await asking).data.user?.name).toBe('Countess')
  expect((await auth.getSession()).data.session?.user?.name).toBe('Countess')
  await changing
})
