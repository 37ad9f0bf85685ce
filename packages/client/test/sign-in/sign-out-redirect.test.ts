import { alterAnswer } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type AuthClient, memoryStore } from '../../src/index.ts'
import { claimsOf } from '../../src/base/jwt-claims.ts'
import { setUp } from '../support/app.ts'
import { createGatedStore, touches } from '../support/stores.ts'

const returnTo = 'https://app.example.test/bye'

test('a sign-out at the provider ends the session here first, and tells where to go', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ endpoint: 'revocation' })
  const { data, error } = await auth.signOut({ redirect: returnTo })
  gate.release()

  expect(error).toBeNull()
  const url = new URL(data.url ?? '')
  expect(url.origin + url.pathname).toBe(`${server.issuer}/logout`)
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'spa',
    post_logout_redirect_uri: returnTo,
    id_token_hint: expect.any(String),
  })
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
})

describe('the provider is told who signs out', () => {
  /** The subject of the ID token in the address to leave for; null: none is there. */
  function whomOf({ data }: Awaited<ReturnType<AuthClient['signOut']>>): string | null {
    const hint = new URL(data.url ?? '').searchParams.get('id_token_hint')
    return hint && String(claimsOf(hint)?.sub)
  }

  test('also in a page that has just been loaded, and does not know yet', async () => {
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }), 'ada')
    expect(whomOf(await createClient({ storage }).signOut({ redirect: returnTo }))).toBe('canary_sub_ada')
  })

  test('of several accounts the one that is asked to, seen before or not', async () => {
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    const ada = (await signIn(auth, 'ada')).account
    await signIn(auth, 'grace', { add: true })
    const later = createClient({ storage })
    expect(whomOf(await later.account(ada).signOut({ redirect: returnTo }))).toBe('canary_sub_ada')
    expect(whomOf(await later.signOut({ redirect: returnTo }))).toBe('canary_sub_grace')
  })

  test('by the newest ID token: a refresh that brings none keeps the one before', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(alterAnswer((body) => ({ ...body, id_token: undefined })))
    await auth.refreshSession()
    const { id_token } = await server.signIn({ user: 'ada' })
    const { data } = await auth.signOut({ redirect: returnTo })
    expect(data.url).toContain('id_token_hint')
    expect(data.url).not.toContain(id_token)
  })

  test('not where none was given: by tokens that the app brought, or that name no user', async () => {
    const { server, createClient } = setUp()
    const { access_token, refresh_token } = await server.signIn({ user: 'ada' })
    const auth = createClient()
    await auth.setSession({ accessToken: access_token, refreshToken: refresh_token ?? null })
    expect(whomOf(await auth.signOut({ redirect: returnTo }))).toBeNull()
    expect(whomOf(await auth.signOut({ redirect: returnTo }))).toBeNull()
  })
})

test('in a page it goes there, and a relative address is the page’s own', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const assign = vi.fn()
  vi.stubGlobal('location', Object.assign(new URL('https://app.example.test/orders'), { assign }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const { data } = await auth.signOut({ redirect: '/bye' })
  expect(assign).toHaveBeenCalledExactlyOnceWith(data.url)
  expect(new URL(data.url ?? '').searchParams.get('post_logout_redirect_uri')).toBe(returnTo)
})

test('where to go is asked for while the session is ended: nobody waits for one after the other', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  await signIn(createClient({ storage: store }))
  const auth = createClient({ storage: store })
  await auth.getSession()
  const ending = hold(touches('attempt'))
  const asking = server.hold({ endpoint: 'discovery' })
  const leaving = auth.signOut({ redirect: returnTo })
  await Promise.all([ending.arrived, asking.arrived])
  ending.release()
  asking.release()
  expect((await leaving).error).toBeNull()
})

test('without it nobody goes anywhere', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  expect(await auth.signOut()).toEqual({ data: { url: null }, error: null })
  expect(server.count('end_session')).toBe(0)
})

test('a provider without such a page says so, and the user is signed out here all the same', async () => {
  const { server, createClient, signIn } = setUp()
  server.faults.always(
    alterAnswer((body) => ({ ...body, end_session_endpoint: undefined })),
    { endpoint: 'discovery' },
  )
  const auth = createClient()
  await signIn(auth)
  const { data, error } = await auth.signOut({ redirect: returnTo })
  expect(error?.code).toBe('unsupported')
  expect(data.url).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
})

test.each(['javascript:alert(1)', 'http://elsewhere.example.test/logout'])(
  'a provider whose page is at %s is not gone to',
  async (address) => {
    const { server, createClient, signIn } = setUp()
    server.faults.always(
      alterAnswer((body) => ({ ...body, end_session_endpoint: address })),
      { endpoint: 'discovery' },
    )
    const auth = createClient()
    await signIn(auth)
    expect((await auth.signOut({ redirect: returnTo })).data.url).toBeNull()
  },
)

test('an address that is none is refused before anybody is signed out', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  expect((await auth.signOut({ redirect: 'bye' })).error?.code).toBe('invalid_option')
  expect(auth.getSnapshot().status).toBe('signed-in')
})
