import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { setUp } from './support/app.ts'
import { slotsOf, textOf } from './support/stores.ts'

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
