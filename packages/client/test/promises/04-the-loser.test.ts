import { createAuthServer, invalidGrant } from '@authflight/testing'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { openTwoTabs } from '../support/tabs.ts'
import { setUp } from '../support/app.ts'
import { slotsOf } from '../support/stores.ts'

/** A client whose refresh the server has refused, and who has not heard so yet. */
async function refuseLate() {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  server.faults.next(invalidGrant(), { grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  return { server, storage, auth, gate, refreshing }
}

test('a refresh that is refused after another party has moved the session on adopts it', async () => {
  const { storage, auth, gate, refreshing } = await refuseLate()
  await moveOn(storage)
  gate.release()
  const { data, error } = await refreshing

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('a refresh that is refused while another party presents the same token waits for what comes of that', async () => {
  const { server, storage, auth, gate, refreshing } = await refuseLate()
  await storage.transact({ keys: [], prefixes: ['claim:'] }, (view) => {
    for (const [key, claim] of view.list('claim:'))
      view.put(key, { ...(claim as object), id: 'of-another', locked: false })
  })
  gate.release()
  await expect.poll(() => server.log.at(-1)?.status).toBe(400)
  await new Promise((resolve) => setImmediate(resolve))
  expect(await slotsOf(storage)).toHaveLength(1)
  await moveOn(storage)
  const { data, error } = await refreshing

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('a late refusal for one user does not sign another one out', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth, 'ada')

  const gate = server.hold({ when: 'after', user: 'ada' })
  server.faults.next(invalidGrant(), { user: 'ada' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const grace = await signIn(auth, 'grace')
  gate.release()
  await refreshing

  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: grace.sessionId } })
})

test('a session ends once when the server has revoked it, and says why', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.revokeSessions()
  const events: unknown[] = []
  auth.onAuthStateChange((event, _session, { reason }) => void events.push([event, reason]))
  await auth.getSession()

  const [first, second] = await Promise.all([auth.refreshSession(), auth.refreshSession()])

  expect(first.error?.code).toBe('session_ended')
  expect(second.error?.code).toBe('session_ended')
  await expect
    .poll(() => events)
    .toEqual([
      ['INITIAL_SESSION', null],
      ['SIGNED_OUT', 'rejected'],
    ])
  // What is known dead is not presented again.
  expect((await auth.refreshSession()).data.session).toBeNull()
  expect((await auth.getSession()).data.session).toBeNull()
  expect(server.count('refresh_token')).toBe(1)
})

test('two clients on one store are both told that the server has ended the session', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const one = createClient({ storage })
  await signIn(one)
  const two = createClient({ storage })
  await two.getSession()
  server.revokeSessions()

  const answers = await Promise.all([one.refreshSession(), two.refreshSession()])

  expect(answers.map(({ error }) => error?.code)).toEqual(['session_ended', 'session_ended'])
  for (const auth of [one, two]) expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'rejected' })
})

test('a strict server, two tabs, both refresh at once: one request, nobody is signed out', async () => {
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)

  const [first, second] = await Promise.all([one.refreshSession(), two.refreshSession()])

  expect(server.count('refresh_token')).toBe(1)
  expect(first.error).toBeNull()
  expect(second.error).toBeNull()
  expect(second.data.session?.accessToken).toBe(first.data.session?.accessToken)
  expect(server.liveSessions).toHaveLength(1)
})

test('without claims the same two tabs lose the session: the server of this test is as strict as it says', async () => {
  const server = createAuthServer()
  const { refresh_token: token = '' } = await server.signIn()
  const body = () => new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token })
  await server.fetch(`${server.issuer}/token`, { method: 'POST', body: body() })
  await server.fetch(`${server.issuer}/token`, { method: 'POST', body: body() })
  expect(server.liveSessions).toEqual([])
})

async function moveOn(storage: ReturnType<typeof memoryStore>): Promise<void> {
  await storage.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [key, value] of view.list('slot:')) {
      const slot = value as { revision: number; tokens: object }
      view.put(key, { ...slot, revision: slot.revision + 1, tokens: { ...slot.tokens, refresh: 'another' } })
    }
  })
}
