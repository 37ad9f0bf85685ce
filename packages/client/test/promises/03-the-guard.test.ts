import { alterAnswer } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { quiet } from '../support/quiet.ts'
import { createFailingStore, createGatedStore, editSlots, slotsOf, textOf, touches, wipe } from '../support/stores.ts'

test('a refresh that comes back after sign-out is discarded, and its new token is revoked', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const signedOut = await auth.signOut()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  gate.release()
  const { data, error } = await refreshing

  expect(signedOut.error).toBeNull()
  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error)).toBe(true)
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect((await auth.getSession()).data.session).toBeNull()
  await expect
    .poll(() => server.log.filter((entry) => entry.endpoint === 'revocation').map((entry) => entry.token))
    .toContain('refresh-2')
  expect(server.liveSessions).toEqual([])
  await expect.poll(() => textOf(storage).then((text) => server.leaksIn(text))).toEqual([])
})

test('a refresh discarded because its user signed in again leaves the new session alone', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth, 'ada')

  const gate = server.hold({ when: 'after', generation: 1, session: 'session-1' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.signOut()
  const again = await signIn(auth, 'ada')
  gate.release()
  const { error } = await refreshing

  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
  // A revocation would have left before this.
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(server.log.filter((entry) => entry.token === 'refresh-2' && entry.endpoint === 'revocation')).toEqual([])
})

test('a sign-out before the callback wins over the sign-in', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })

  await auth.signOut()
  const { data: returned, error } = await auth.handleRedirect(callback)

  expect(returned.session).toBeNull()
  expect(error?.code).toBe('callback_unknown')
  expect(server.count('authorization_code')).toBe(0)
})

test('a sign-out while the code is exchanged wins over the sign-in, and its tokens are revoked', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })

  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const returning = auth.handleRedirect(callback)
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data: returned, error } = await returning

  expect(returned.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error)).toBe(true)
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a sign-out elsewhere that nobody has told of here wins over the sign-in just the same', async () => {
  const { server, createClient } = setUp()
  const { store, inner, hold } = createGatedStore()
  const auth = createClient({ storage: store })
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })

  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const returning = auth.handleRedirect(callback)
  await gate.arrived
  const storing = hold(touches('attempt'))
  gate.release()
  await storing.arrived
  await wipe(inner, 'attempt')
  storing.release()
  const { data: returned, error } = await returning

  expect(returned.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error)).toBe(true)
  expect(await slotsOf(inner)).toEqual([])
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a failed sign-in changes nothing for who is signed in', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  const ada = await signIn(auth, 'ada')
  const { data } = await auth.signIn()

  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? '', { deny: 'access_denied' }))

  expect(error?.code).toBe('access_denied')
  expect((await auth.getSession()).data.session).toBe(ada)
})

test('a session whose store was wiped during its refresh is not written back', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await wipe(storage)
  gate.release()
  const { data, error } = await refreshing

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('cleared')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'storage_cleared' })
  expect(await textOf(storage)).not.toContain('slot:')
})

test('a sign-out while the sign-in is still asking the provider where to go wins over it', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()

  const gate = server.hold({ endpoint: 'discovery' })
  const leaving = auth.signIn()
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await leaving

  expect(data.url).toBeNull()
  expect(error?.code).toBe('attempt_superseded')
})

// sign-in     ── code exchanged ── commits s2 ─┐
// sign-out    called ─── waits for the store ──┴ ends s1, and s2 as well
test('a sign-out that waits for the store while a sign-in begun before it commits ends that one too', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'grace' })

  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const returning = auth.handleRedirect(callback)
  await gate.arrived
  const erasing = hold(({ prefixes = [] }) => prefixes.some((prefix) => prefix.startsWith('attempt:')))
  const leaving = auth.signOut()
  await erasing.arrived
  gate.release()
  await returning
  erasing.release()

  expect((await leaving).error).toBeNull()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  expect(await slotsOf(store)).toEqual([])
})

test('an expiry does not end what another party has put into the slot meanwhile', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  server.faults.next(
    alterAnswer((body) => ({ ...body, refresh_token: undefined, expires_in: 1 })),
    { grant: 'authorization_code' },
  )
  await signIn(createClient({ storage: store }))
  await editSlots(inner, (slot) => ({ ...slot, tokens: { ...slot.tokens, expiresAt: Date.now() - 1 } }))
  const auth = createClient({ storage: store })
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  const expiring = hold(touches('slot'))
  const asked = auth.getSession()
  await expiring.arrived
  await editSlots(inner, (slot) => ({
    ...slot,
    sessionId: 'another',
    display: { ...slot.display, session: '3f9a1c07' },
    tokens: { ...slot.tokens, expiresAt: Date.now() + 3_600_000 },
  }))
  expiring.release()
  const { error } = await asked

  expect(error?.code).not.toBe('session_ended')
  expect(await slotsOf(inner)).toMatchObject([{ sessionId: 'another' }])
})

test('a sign-in discarded because its user signed in again leaves the new grant alone', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })

  const gate = server.hold({ when: 'after', grant: 'authorization_code', session: 'session-1' })
  const returning = auth.handleRedirect(callback)
  await gate.arrived
  await auth.signOut()
  const again = await signIn(auth, 'ada')
  gate.release()
  const { error } = await returning

  expect(isAuthRefreshDiscardedError(error)).toBe(true)
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
  // A revocation would have left before this.
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(server.count('revocation')).toBe(0)
})

// flight of s1   answered ─────────────────────────── write fails, owed ── write decided
// user                      signs out, signs in: s2
test('a write that is owed does not bring a session back over the one signed in since', async () => {
  quiet()
  const { server, createClient, signIn } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.signOut()
  const again = await signIn(auth)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  fail(touches('claim'))
  gate.release()
  await refreshing
  const isAgain = { status: 'signed-in', session: { sessionId: again.sessionId, revision: 1 } }
  expect(auth.getSnapshot()).toMatchObject(isAgain)
  mend()
  await vi.advanceTimersByTimeAsync(2_000)

  expect(auth.getSnapshot()).toMatchObject(isAgain)
  expect(await slotsOf(store)).toMatchObject([{ display: { session: again.sessionId }, revision: 1 }])
})

// flight of s1   answered ── written ──────────────── hears so
// user                                signs in: s2 ──┘
test('a commit that is told late does not bring back the session that was replaced since', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const isLanding = (key: string): boolean => key.startsWith('claim:')
  const telling = hold(({ keys, prefixes = [] }) => keys.some(isLanding) && prefixes.length === 1, 'after')
  gate.release()
  await telling.arrived
  const again = await signIn(auth)
  telling.release()
  await refreshing

  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
})

test('a delete that was given up does not take the session of a later sign-in when the store comes to it at last', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  await signIn(createClient({ storage: inner }))
  const auth = createClient({ storage: store, requestLimit: 1_000 })
  await auth.getSession()
  const erasing = holdOne(({ prefixes = [] }) => prefixes.some((prefix) => prefix.startsWith('attempt:')))
  expect((await auth.signOut()).error?.code).toBe('storage_error')
  // Tried again, it was done.
  await expect.poll(() => slotsOf(inner), { timeout: 3_000 }).toEqual([])
  const again = await signIn(createClient({ storage: inner }))
  erasing.release()
  await new Promise((resolve) => setImmediate(resolve))

  expect(await slotsOf(inner)).toMatchObject([{ display: { session: again.sessionId } }])
})

test('nobody who waits for a refresh is released before it is stored', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  const [auth, free] = [createClient({ storage: store }), createClient()]
  await signIn(auth, 'ada')
  await signIn(free, 'grace')
  const answered = server.hold({ when: 'after', grant: 'refresh_token', user: 'ada' })
  const released: (number | undefined)[] = []
  const waiting = [auth.refreshSession(), auth.refreshSession()].map((asked) =>
    asked.then(({ data }) => released.push(data.session?.revision)),
  )
  await answered.arrived
  const commit = hold(touches('slot'))
  answered.release()
  await commit.arrived
  // Who waits for nothing has its whole refresh meanwhile.
  await free.refreshSession()
  expect(released).toEqual([])
  commit.release()
  await Promise.all(waiting)
  expect(released).toEqual([2, 2])
})
