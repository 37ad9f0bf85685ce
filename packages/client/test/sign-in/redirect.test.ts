import { expect, test } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { setUp } from '../support/app.ts'
import { createFailingStore } from '../support/stores.ts'

test.each(['/cb?code=canary_c&state=s', '', 'canary'])(
  'where there is no page, the address %j is refused in words',
  async (url) => {
    const { createClient } = setUp()
    const { data, error } = await createClient().handleRedirect(url)
    expect(data.session).toBeNull()
    expect(error?.code).toBe('callback_invalid')
    expect(error?.message).not.toContain('canary')
  },
)

test('a callback for a client of another name on the store is left to that one', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const [one, other] = [createClient({ storage, name: 'one' }), createClient({ storage, name: 'other' })]
  const callback = await server.authorize((await one.signIn()).data.url ?? '')
  expect(await other.handleRedirect(callback)).toEqual({ data: { session: null }, error: null })
  expect((await one.handleRedirect(callback)).error).toBeNull()
})

test('a provider of one’s own that throws is named, and its own words are not passed on', async () => {
  const { server } = setUp()
  const provider = {
    ...oauth({ issuer: server.issuer, clientId: 'spa' }),
    signIn: () => Promise.reject(new Error('canary')),
  }
  const auth = createAuthClient({ provider, storage: memoryStore(), redirect: 'manual' })
  const { error } = await auth.signIn()
  auth.dispose()
  expect(error?.code).toBe('sign_in_failed')
  expect(error?.message).not.toContain('canary')
})

test('a store that fails in a sign-in is named, and its own words are not passed on', async () => {
  const { server, createClient } = setUp()
  const { store, fail } = createFailingStore()
  const auth = createClient({ storage: store })
  const callback = await server.authorize((await auth.signIn()).data.url ?? '', { user: 'ada' })
  fail()
  for (const { error } of [await auth.handleRedirect(callback), await auth.signIn()]) {
    expect(error?.code).toBe('storage_error')
    expect(error?.message).not.toContain('canary')
  }
})
