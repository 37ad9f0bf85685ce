import { expect, test } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'

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
  await expect.poll(() => dump(storage).then((text) => server.leaksIn(text))).toEqual([])
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
  expect(server.log.filter((entry) => entry.token === 'refresh-2' && entry.endpoint === 'revocation')).toEqual([])
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
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
  await storage.transact({ keys: [], prefixes: [''] }, (view) => {
    for (const [key] of view.list('')) view.delete(key)
  })
  gate.release()
  const { data, error } = await refreshing

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('cleared')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'storage_cleared' })
  expect(await dump(storage)).not.toContain('slot:')
})

const dump = (storage: ReturnType<typeof memoryStore>): Promise<string> =>
  storage.transact({ keys: [], prefixes: [''] }, (view) => JSON.stringify(view.list('')))
