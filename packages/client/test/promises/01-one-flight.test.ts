import { expect, test } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { copyRecords, slotsOf } from '../support/stores.ts'

test('a thousand callers at once make one request and all get its session', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)

  const results = await Promise.all(Array.from({ length: 1_000 }, () => auth.refreshSession()))

  expect(server.count('refresh_token')).toBe(1)
  expect(new Set(results.map(({ data }) => data.session?.accessToken)).size).toBe(1)
  expect(results.every(({ error }) => error === null)).toBe(true)
})

test('two clients on one store share a flight, and both hold the new revision', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const first = createClient({ storage })
  await signIn(first)
  const second = createClient({ storage })

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const both = Promise.all([first.refreshSession(), second.refreshSession()])
  await gate.arrived
  gate.release()
  const [one, two] = await both

  expect(server.count('refresh_token')).toBe(1)
  expect(one.data.session?.revision).toBe(2)
  expect(two.data.session?.accessToken).toBe(one.data.session?.accessToken)
})

test('a flight that has landed makes way for the next', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)

  await auth.refreshSession()
  const { data } = await auth.refreshSession()

  expect(server.count('refresh_token')).toBe(2)
  expect(data.session?.revision).toBe(3)
})

test('accounts fly side by side', async () => {
  const { server, createClient, signIn } = setUp()
  const ada = createClient()
  const grace = createClient()
  await signIn(ada, 'ada')
  await signIn(grace, 'grace')

  const gate = server.hold({ grant: 'refresh_token', user: 'ada' })
  const slow = ada.refreshSession()
  await gate.arrived
  const { data, error } = await grace.refreshSession()
  gate.release()
  await slow

  expect(error).toBeNull()
  expect(data.session?.user?.name).toBe('Grace Hopper')
})

test('a code that comes back twice is exchanged once', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const { data } = await auth.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'ada' })

  const [first, second] = await Promise.all([auth.handleRedirect(callback), auth.handleRedirect(callback)])

  expect(server.count('authorization_code')).toBe(1)
  expect(first.data.session).not.toBeNull()
  expect(second.data.session).toBe(first.data.session)
})

test('a flight that two stores share lands in both, and a sign-out in one of them takes nothing from the other', async () => {
  const { server, createClient, signIn } = setUp()
  const [here, there] = [memoryStore(), memoryStore()]
  const owner = createClient({ storage: here })
  await signIn(owner)
  await copyRecords(here, there)
  const joiner = createClient({ storage: there })
  await joiner.getSession()

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const leaving = owner.refreshSession()
  await gate.arrived
  const staying = joiner.refreshSession()
  await owner.signOut()
  gate.release()

  expect((await leaving).error?.code).toBe('refresh_discarded')
  expect(await staying).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  expect((await slotsOf(there)).map(({ revision }) => revision)).toEqual([2])
  expect(await slotsOf(here)).toEqual([])
  await expect.poll(() => server.count('revocation')).toBe(2)
  expect(server.count('refresh_token')).toBe(1)
})
