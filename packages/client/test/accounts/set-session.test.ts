import { alterAnswer, type AuthServer, type Fault, serverError } from '@authflight/testing'
import { describe, expect, test } from 'vitest'
import { AuthApiError, isAuthRefreshDiscardedError, memoryStore, type SessionTokens } from '../../src/index.ts'
import { oauth } from '../../src/providers/oauth.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { type Client, refreshTokenIds, setUp } from '../support/app.ts'
import { keysOf, slotsOf, textOf } from '../support/stores.ts'

/** Tokens of a sign-in that somebody else made. `dead`: the access token has run out. */
async function tokensOf(server: AuthServer, user = 'ada', dead = false): Promise<SessionTokens> {
  const { access_token: accessToken, refresh_token: refreshToken } = await server.signIn({ user })
  return {
    accessToken,
    refreshToken: refreshToken ?? null,
    expiresAt: Date.now() + (dead ? -1_000 : 60_000),
  }
}

/** The names of what a client's subscriber heard, with the reasons. */
function listenTo(auth: Client): string[] {
  const heard: string[] = []
  auth.onAuthStateChange((event, _session, { reason }) => void heard.push(reason ? `${event} ${reason}` : event))
  return heard
}

const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign',
  'verify',
])

describe('a session from outside', () => {
  test('is shown, stored and refreshed as any other; whose it is, the server tells', async () => {
    const { server, createClient } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    const heard = listenTo(auth)
    const { data, error } = await auth.setSession(await tokensOf(server))

    expect(error).toBeNull()
    expect(data.session).toMatchObject({ revision: 1, user: { name: 'Ada Lovelace' } })
    expect(auth.getSnapshot()).toEqual({ status: 'signed-in', session: data.session })
    expect(server.count('refresh_token')).toBe(0)
    expect((await createClient({ storage }).refreshSession()).data.session?.revision).toBe(2)
    expect(heard.filter((event) => event !== 'TOKEN_REFRESHED')).toEqual(['INITIAL_SESSION', 'SIGNED_IN'])
    expect(await keysOf(storage, 'attempt')).toEqual([])
  })

  test('whose access token is dead is refreshed first, once', async () => {
    const { server, createClient } = setUp()
    const { data } = await createClient().setSession(await tokensOf(server, 'ada', true))
    expect(data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
    expect(refreshTokenIds(server)).toEqual(['refresh-1'])
  })

  test('whose access token the server refuses is refreshed, whatever its date says', async () => {
    const { server, createClient } = setUp()
    const tokens = await tokensOf(server)
    server.expireAccessTokens()
    expect((await createClient().setSession(tokens)).data.session?.revision).toBe(2)
  })

  test('tells of itself when its access token dies, where nobody else does', async () => {
    const { server, createClient } = setUp({ accessTokenFormat: 'jwt', accessTokenTtl: 600 })
    const { accessToken, refreshToken } = await tokensOf(server)
    const { data } = await createClient().setSession({ accessToken, refreshToken: refreshToken ?? null })
    expect(data.session?.expiresAt).toBeGreaterThan(Date.now() + 500_000)
    expect(data.session?.expiresAt).toBeLessThanOrEqual(Date.now() + 600_000)
  })

  test('of somebody else signs out who was shown, there as well', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth, 'ada')
    const heard = listenTo(auth)
    await auth.getSession()
    const { data } = await auth.setSession(await tokensOf(server, 'grace'))

    expect(data.session?.user?.name).toBe('Grace Hopper')
    await expect.poll(() => heard).toEqual(['INITIAL_SESSION', 'SIGNED_OUT replaced', 'SIGNED_IN'])
    await expect.poll(() => server.liveSessions).toEqual(['session-2'])
  })

  test('of somebody else leaves who was shown signed in where that is wanted', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth, 'ada')
    await auth.setSession(await tokensOf(server, 'grace'), { add: true })
    expect((await auth.accounts()).data.accounts.map(({ user, isShown }) => [user?.name, isShown])).toEqual([
      ['Ada Lovelace', false],
      ['Grace Hopper', true],
    ])
  })

  test('without a refresh token is good until its access token dies', async () => {
    const { server, createClient } = setUp()
    const { accessToken } = await tokensOf(server)
    const auth = createClient()
    await auth.setSession({ accessToken, expiresAt: Date.now() + 50 })
    await expect.poll(async () => (await auth.getSession()).error?.code).toBe('session_ended')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
  })

  test('that the server does not take changes nothing', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    const ada = await signIn(auth, 'ada')
    const bad = await tokensOf(server, 'grace', true)
    server.revokeSessions({ user: 'grace' })
    const { data, error } = await auth.setSession(bad)

    expect(error?.code).toBe('session_ended')
    expect(data.session).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: ada.sessionId } })
    expect(await keysOf(storage, 'attempt')).toEqual([])
    expect(await slotsOf(storage)).toHaveLength(1)
  })

  test.each([
    ['no access token', {}],
    ['an empty access token', { accessToken: '', refreshToken: 'r' }],
    ['an empty refresh token', { accessToken: 'a', refreshToken: '' }],
    ['a refresh token that is a number', { accessToken: 'a', refreshToken: 7 }],
    ['an access token that no header takes', { accessToken: 'canary\nset-cookie: x', refreshToken: 'r' }],
    ['no key for a token that is bound to one', { accessToken: 'a', tokenType: 'dpop' }],
    ['a key that went through text', { accessToken: 'a', key: { privateKey: {}, publicKey: {} } }],
    ['half a key', { accessToken: 'a', tokenType: 'dpop', key: { privateKey } }],
    ['nothing', undefined],
  ])('is refused with %s, before anything is made of it, and the error names no token', async (_, tokens) => {
    const { server, createClient } = setUp()
    const storage = memoryStore()
    const { error } = await createClient({ storage }).setSession(tokens as SessionTokens)
    expect(error?.code).toBe('invalid_option')
    expect(error?.message).toMatch(/`setSession` takes (\{ accessToken, refreshToken \}, each a text|tokens of DPoP)/)
    expect(error?.message).not.toContain('canary')
    expect(await textOf(storage)).toBe('[]')
    expect(server.log).toEqual([])
  })
})

describe('where the server does not tell whose token it is, as of one for an API', () => {
  const answering = (status: number): Fault => ({
    name: 'answering',
    apply: async () => new Response('canary_jwt', { status }),
  })
  const aboutUser = { endpoint: 'userinfo' } as const

  test.each([403, 404, 200])('the session comes in without a user: %d', async (status) => {
    const { server, createClient } = setUp()
    server.faults.always(answering(status), aboutUser)
    const { accessToken } = await tokensOf(server)
    const auth = createClient()
    const { data, error } = await auth.setSession({ accessToken, expiresAt: Date.now() + 60_000 })
    expect(error).toBeNull()
    expect(data.session).toMatchObject({ accessToken, revision: 1, user: null })
    expect(server.count('refresh_token')).toBe(0)
    server.faults.clear()
    expect((await auth.getUser()).data.user?.name).toBe('Ada Lovelace')
  })

  test.each([
    ['is alive', false],
    ['has run out', true],
  ])('a 401 costs one refresh where the token %s, and the session comes in without a user', async (_, isDead) => {
    const { server, createClient } = setUp()
    server.faults.always(answering(401), aboutUser)
    server.faults.always(
      alterAnswer((body) => ({ ...body, id_token: undefined })),
      { grant: 'refresh_token' },
    )
    const { data, error } = await createClient().setSession(await tokensOf(server, 'ada', isDead))
    expect(error).toBeNull()
    expect(data.session).toMatchObject({ revision: 2, user: null })
    expect(server.count('refresh_token')).toBe(1)
    expect(server.count('userinfo')).toBe(isDead ? 1 : 2)
  })

  test.each([401, 400])('a %d refuses a token that nothing can renew, unless its user is given', async (status) => {
    const { server, createClient } = setUp()
    server.faults.always(answering(status), aboutUser)
    const { accessToken } = await tokensOf(server)
    const auth = createClient()
    const { data, error } = await auth.setSession({ accessToken })
    expect(data.session).toBeNull()
    expect(error).toMatchObject({ code: 'session_ended', message: expect.stringMatching(/API.*`user`/) })
    const user = { id: 'ada', claims: {} }
    expect((await auth.setSession({ accessToken, user })).data.session).toMatchObject({ user })
  })

  test('what the provider says went wrong is told, and not that nobody could be reached', async () => {
    const { server, createClient } = setUp()
    const refused = new AuthApiError('request_refused', 'Not for this app.', 403)
    const provider: Provider = {
      ...oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      user: () => Promise.reject(refused),
    }
    const { data, error } = await createClient({ provider }).setSession(await tokensOf(server))
    expect([data.session, error]).toEqual([null, refused])
  })

  test('a refusal that the provider ends sessions by stays one, also after a refresh', async () => {
    const { server, createClient } = setUp()
    const provider: Provider = {
      ...oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      user: async () => ({ kind: 'refused', status: 403, error: 'invalid_grant', retryAfter: null }),
    }
    server.faults.always(
      alterAnswer((body) => ({ ...body, id_token: undefined })),
      { grant: 'refresh_token' },
    )
    const auth = createClient({ provider })
    expect((await auth.setSession(await tokensOf(server))).error?.code).toBe('session_ended')
    expect(server.count('refresh_token')).toBe(1)
    const { accessToken } = await tokensOf(server)
    expect((await auth.setSession({ accessToken })).error?.code).toBe('session_ended')
    expect(auth.getSnapshot().status).toBe('signed-out')
  })
})

test('a token that was signed out is new again once its tombstone is forgotten, after thirty days', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  await auth.signOut()
  const setBack = (days: number) =>
    storage.transact({ keys: [], prefixes: ['tombstone:'] }, (view) => {
      for (const [key, tombstone] of view.list('tombstone:'))
        view.put(key, { ...(tombstone as object), at: Date.now() - days * 24 * 60 * 60 * 1_000 })
    })
  await setBack(29)
  expect((await auth.setSession(tokens)).error).toMatchObject({ reason: 'signed_out' })
  await setBack(31)
  expect((await auth.setSession(tokens)).error).not.toMatchObject({ reason: 'signed_out' })
})

describe('a token that is known', () => {
  test('as the current one changes nothing', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const tokens = await tokensOf(server)
    const first = await auth.setSession(tokens)
    const heard = listenTo(auth)
    const again = await auth.setSession(tokens)

    expect(again.data.session).toBe(first.data.session)
    await auth.refreshSession()
    await expect.poll(() => heard).toEqual(['INITIAL_SESSION', 'TOKEN_REFRESHED'])
  })

  test('as one that was rotated gives what came of it, and is not presented', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const tokens = await tokensOf(server)
    await auth.setSession(tokens)
    for (const revision of [2, 3]) {
      expect((await auth.refreshSession()).data.session?.revision).toBe(revision)
    }
    const { data } = await auth.setSession(tokens)
    expect(data.session?.revision).toBe(3)
    expect(server.presentations(tokens.refreshToken ?? '')).toBe(1)
  })

  test('as that of another account that is signed in shows that account', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const grace = await tokensOf(server, 'grace')
    await auth.setSession(grace)
    await auth
      .signIn({ add: true })
      .then(async ({ data }) => auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' })))
    expect((await auth.getSession()).data.session?.user?.name).toBe('Ada Lovelace')
    const { data } = await auth.setSession(grace, { add: true })
    expect(data.session?.user?.name).toBe('Grace Hopper')
    expect((await auth.accounts()).data.accounts).toHaveLength(2)
  })

  test('as one whose session was replaced is refused', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const tokens = await tokensOf(server)
    await auth.setSession(tokens)
    const { data: grace } = await auth.setSession(await tokensOf(server, 'grace'))
    const { data, error } = await auth.setSession(tokens)

    expect(data.session).toBeNull()
    expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
    expect((await auth.getSession()).data.session?.sessionId).toBe(grace.session?.sessionId)
  })

  test('as one that was signed out is refused', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const tokens = await tokensOf(server)
    await auth.setSession(tokens)
    await auth.refreshSession()
    await auth.signOut()
    const { data, error } = await auth.setSession(tokens)

    expect(data.session).toBeNull()
    expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  })
})

test('two clients that are handed the same dead session present its token once, and both have it', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const tokens = await tokensOf(server, 'ada', true)
  const both = await Promise.all([1, 2].map(() => createClient({ storage }).setSession(tokens)))
  expect(both.map(({ error }) => error)).toEqual([null, null])
  expect(new Set(both.map(({ data }) => data.session?.sessionId)).size).toBe(1)
  expect(server.presentations(tokens.refreshToken ?? '')).toBe(1)
})

test('tokens that were rotated before the server could tell whose they are, are found when they are set again', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const tokens = await tokensOf(server, 'ada', true)
  server.faults.always(
    alterAnswer((body) => ({ ...body, id_token: undefined })),
    { grant: 'refresh_token' },
  )
  server.faults.next(serverError(), { endpoint: 'userinfo' })
  expect((await auth.setSession(tokens)).error?.code).toBe('server_error')
  expect(auth.getSnapshot().status).toBe('signed-out')

  const { data, error } = await auth.setSession(tokens)
  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
  expect(refreshTokenIds(server)).toEqual(['refresh-1'])
  expect(await keysOf(storage, 'attempt')).toEqual([])
})
