import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'

test('a caller goes when its patience is over, and the late answer is committed all the same', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  const auth = createClient({ storage, patience: 50 })

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const { data, error } = await auth.refreshSession()
  expect(error?.code).toBe('timeout')
  expect(data.session?.revision).toBe(1)
  gate.release()

  await expect.poll(() => auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 2 } })
  expect(server.count('refresh_token')).toBe(1)
})

test('a caller goes by its signal, and the others get what they wait for', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const leave = new AbortController()

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const going = auth.refreshSession({ signal: leave.signal })
  const staying = auth.refreshSession()
  await gate.arrived
  leave.abort()
  expect((await going).error?.code).toBe('aborted')
  gate.release()

  expect((await staying).data.session?.revision).toBe(2)
})

test('a token that is still good is served while a refresh never answers', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 60 })
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await shiftExpiry(storage, 3_000)
  const again = createClient({ storage, patience: 50 })

  const gate = server.hold({ grant: 'refresh_token' })
  const { data, error } = await again.getSession()
  gate.release()

  expect(error).toBeNull()
  expect(data.session?.accessToken).toBeDefined()
  expect(data.session?.stale).toBeUndefined()
})

test('a request that never answers is given up at the hard limit', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  const auth = createClient({ storage, requestLimit: 60 })

  const gate = server.hold({ grant: 'refresh_token' })
  const { data, error } = await auth.refreshSession()
  gate.release()

  expect(error?.code).toBe('timeout')
  expect(data.session?.revision).toBe(1)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('subscribers that throw or never return hold up nobody', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const reported: unknown[] = []
  const { error: log } = console
  console.error = (error) => void reported.push(error)
  auth.subscribe(() => {
    throw new Error('a listener')
  })
  auth.onAuthStateChange(() => {
    throw new Error('a handler')
  })
  auth.onAuthStateChange(() => new Promise(() => {}))

  const { data, error } = await auth.refreshSession()
  console.error = log

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(reported.length).toBeGreaterThan(0)
})

/** As if time had passed: the stored token has so many milliseconds left. */
async function shiftExpiry(storage: ReturnType<typeof memoryStore>, left: number): Promise<void> {
  await storage.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [key, value] of view.list('slot:')) {
      const slot = value as { tokens: object }
      view.put(key, { ...slot, tokens: { ...slot.tokens, expiresAt: Date.now() + left } })
    }
  })
}
