import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { namespace, setUp } from '../support/app.ts'
import { createAsyncStorage } from '../support/fake-storages.ts'
import { createFailingStore, createGatedStore, isSettling, slotsOf, textOf, touches } from '../support/stores.ts'

test('a page that a sign-in comes back to is restoring until it is finished, never signed out', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const { data } = await createClient({ storage }).signIn()
  vi.stubGlobal('location', new URL(await server.authorize(data.url ?? '', { user: 'ada' })))
  onTestFinished(() => void vi.unstubAllGlobals())
  const gate = server.hold({ when: 'after', grant: 'authorization_code' })
  const auth = createClient({ storage, redirect: 'auto' })
  const seen = [auth.getSnapshot().status]
  auth.subscribe(() => seen.push(auth.getSnapshot().status))
  await gate.arrived
  gate.release()
  await auth.getSession()

  expect(seen).toEqual(['restoring', 'signed-in'])
})

test('a page that a failed sign-in comes back to is signed out once that is known', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const { data } = await createClient({ storage }).signIn()
  vi.stubGlobal('location', new URL(await server.authorize(data.url ?? '', { deny: 'access_denied' })))
  onTestFinished(() => void vi.unstubAllGlobals())
  const auth = createClient({ storage, redirect: 'auto' })

  expect((await auth.handleRedirect()).error?.code).toBe('access_denied')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: null })
})

// tab a   begins ada ──────── finishes ada ─────────────────────────
// tab b     begins grace ── exchanges ──────────────── finishes grace
test('of two sign-ins that were begun side by side the later one to finish stays, alone in the store', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const [a, b] = [createClient({ storage }), createClient({ storage })]
  const callbackOfA = await server.authorize((await a.signIn()).data.url ?? '', { user: 'ada' })
  const callbackOfB = await server.authorize((await b.signIn()).data.url ?? '', { user: 'grace' })
  const gate = server.hold({ when: 'after', grant: 'authorization_code', user: 'grace' })
  const finishing = b.handleRedirect(callbackOfB)
  await gate.arrived
  await a.handleRedirect(callbackOfA)
  gate.release()
  const { data } = await finishing

  expect((await slotsOf(storage)).map(({ user }) => user?.name)).toEqual(['Grace Hopper'])
  await expect.poll(() => a.getSnapshot()).toMatchObject({ session: { sessionId: data.session?.sessionId } })
  await expect.poll(() => server.liveSessions).toHaveLength(1)

  const fresh = createClient({ storage })
  await fresh.getSession()
  await fresh.signOut()
  expect(await server.leaksIn(await textOf(storage))).toEqual([])
})

test('a request limit with a fraction of a millisecond is one', async () => {
  const { createClient } = setUp()
  expect((await createClient({ requestLimit: 1_500.5 }).signIn()).error).toBeNull()
})

test('two clients over one plain storage share a callback', async () => {
  const { server, createClient } = setUp()
  const storage = createAsyncStorage()
  const [beginner, other] = [createClient({ storage }), createClient({ storage })]
  const callback = await server.authorize((await beginner.signIn()).data.url ?? '', { user: 'ada' })
  const answers = await Promise.all([beginner.handleRedirect(callback), other.handleRedirect(callback)])

  expect(answers.map(({ error }) => error)).toEqual([null, null])
  expect(answers.map(({ data }) => data.session?.user?.name)).toEqual(['Ada Lovelace', 'Ada Lovelace'])
  expect(server.count('authorization_code')).toBe(1)
})

test('a sign-in that was told as failed does not sign in later, and nobody keeps its tokens', async () => {
  const { server, createClient } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const { data } = await createClient({ storage: inner }).signIn()
  const auth = createClient({ storage: store, requestLimit: 1_000 })
  await auth.getSession()
  const committing = holdOne(touches('slot'))
  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
  committing.release()

  expect(error?.code).toBe('storage_error')
  await expect.poll(() => server.liveSessions).toEqual([])
  expect(await slotsOf(inner)).toEqual([])
  expect(auth.getSnapshot().status).toBe('signed-out')
})

test('a sign-in that the store refuses ends no session of the same user, whose grant it may be', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  fail(isSettling)
  await expect(signIn(auth)).rejects.toMatchObject({ code: 'storage_error' })
  mend()
  expect((await auth.refreshSession()).error).toBeNull()
  expect(server.liveSessions).toHaveLength(2)

  await auth.signOut()
  fail(isSettling)
  await expect(signIn(auth)).rejects.toMatchObject({ code: 'storage_error' })
  await expect.poll(() => server.liveSessions).toHaveLength(1)
})

test.each([
  ['of somebody who is signed in here is kept', 'ada', 2],
  ['of nobody who is signed in here is revoked', 'grace', 1],
])('an attempt that was forgotten: a grant that may be that %s', async (_, who, living) => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const elsewhere = memoryStore()
  await signIn(createClient({ storage: elsewhere }))
  const auth = createClient({ storage })
  await signIn(auth, who)
  const [forgotten] = await slotsOf(elsewhere)
  await storage.transact({ keys: [] }, (view) =>
    view.put(`attempt:${namespace}:old`, { ...(forgotten as object), begun: 0 }),
  )
  await auth.signIn({ add: true })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(server.liveSessions).toHaveLength(living)
})

// store    ── written ───────────────────── answers
// sign-in            └── request limit: failed
test('a sign-in that the store has written but answered too late keeps its tokens: they are in use', async () => {
  const { server, createClient } = setUp()
  const { store, inner, hold, holdOne } = createGatedStore()
  const { data } = await createClient({ storage: inner }).signIn()
  const auth = createClient({ storage: store, requestLimit: 1_000 })
  await auth.getSession()
  const committing = holdOne(touches('slot'), 'after')
  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
  committing.release()
  const looking = hold(touches('tombstone'))
  await looking.arrived
  looking.release()

  expect(error?.code).toBe('storage_error')
  const later = createClient({ storage: inner })
  expect((await later.refreshSession()).error).toBeNull()
  expect(server.liveSessions).toHaveLength(1)
})

// sign-in    ── is prepared ───────────────────────────────── leaves?
// sign-out                 └── the store does not delete it ──┘
test('a sign-in that was begun before a sign-out leaves for no provider, also where the store could not delete it', async () => {
  const { server, createClient } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  await auth.getSession()
  const gate = server.hold({ endpoint: 'discovery' })
  const leaving = auth.signIn()
  await gate.arrived
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  fail()
  expect((await auth.signOut()).error?.code).toBe('storage_error')
  mend()
  gate.release()
  expect(await leaving).toMatchObject({ data: { url: null }, error: { code: 'attempt_superseded' } })
})
