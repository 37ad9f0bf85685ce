import { busy, type GoTrueServer, loseAnswer } from '@authflight/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { type AuthClient, createAuthClient, isAuthError, memoryStore, type SessionTokens } from '../../src/index.ts'
import { oauth, type OAuthSignIn } from '../../src/providers/oauth.ts'
import { gotrue, type GoTrueOptions, type GoTrueSignIn } from '../../src/providers/gotrue.ts'
import { ada, grace, lastMessage, setUp, signIn } from '../support/gotrue-app.ts'
import { createRealm } from '../support/realm.ts'
import { letTokensDie } from '../support/stores.ts'

const url = 'https://project.example.test/auth/v1'
const jwt = (claims: object): string => `e30.${btoa(JSON.stringify(claims))}.c2ln`

describe('what cannot be right is refused at once', () => {
  const refusal = (options: object): string | null => {
    try {
      gotrue({ url, ...options } as GoTrueOptions)
      return null
    } catch (error) {
      return isAuthError(error) && error.code === 'invalid_option' ? error.message : `not ours: ${String(error)}`
    }
  }

  test.each(['http://project.example.test', 'project.supabase.co', '', undefined, 7])('a url `%s`', (wrong) => {
    expect(refusal({ url: wrong })).toMatch(/^gotrue\(\): `url` must be the https address.*\/auth\/v1/)
  })

  test('the address of a project in the place of its server', () => {
    expect(refusal({ url: 'https://abc.supabase.co' })).toMatch(/Add \/auth\/v1/)
    expect(refusal({ url: 'https://abc.supabase.co/' })).toMatch(/Add \/auth\/v1/)
  })

  test.each(['', 'a b', 'ключ', 7, null])('a key `%s`', (apiKey) => {
    expect(refusal({ apiKey })).toMatch(/`apiKey` takes the publishable \(anon\) key/)
  })

  test.each(['sb_secret_canary', jwt({ role: 'service_role', canary: 1 })])(
    'a secret key, which it does not repeat',
    (apiKey) => {
      expect(refusal({ apiKey })).toMatch(/secret key.*publishable/)
      expect(refusal({ apiKey })).not.toMatch(/canary|e30/)
    },
  )

  test.each(['/here', '', 7])('a redirectTo `%s`', (redirectTo) => {
    expect(refusal({ redirectTo })).toMatch(/`redirectTo` takes a whole address/)
  })

  test.each([
    {},
    { url: 'http://localhost:9999' },
    { url: 'https://abc.supabase.co/auth/v1/', apiKey: 'sb_publishable_x' },
    { apiKey: jwt({ role: 'anon' }) },
    { redirectTo: 'com.example.app://back' },
  ])('but not %j', (options) => {
    expect(refusal(options)).toBeNull()
  })

  test('nor a request to sign in that names no way', async () => {
    const { createClient } = setUp()
    for (const request of [undefined, {}, { method: 'magic' }, { method: '__proto__' }]) {
      const { error } = await createClient().signIn(request as never)
      expect(error?.code).toBe('invalid_option')
      expect(error?.message).toMatch(/'password' \| 'otp' \| 'oauth' \| 'anonymous'/)
    }
  })
})

describe('signing in', () => {
  test('with a password, by e-mail address or phone number', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const session = await signIn(auth)
    expect(session).toMatchObject({
      tokenType: 'bearer',
      user: { id: 'canary_sub_ada', name: 'Ada Lovelace', email: ada.email },
    })
    expect(session.user?.claims).toMatchObject({ role: 'authenticated', user_metadata: { full_name: 'Ada Lovelace' } })

    const { data } = await auth.signIn({ method: 'password', phone: '+15550101', password: grace.password, add: true })
    expect(data.url).toBeNull()
    expect(data.session?.user?.id).toBe('canary_sub_grace')
    expect((await auth.accounts()).data.accounts).toHaveLength(2)
    expect(server.liveSessions).toHaveLength(2)
  })

  test('anonymously, with data and a CAPTCHA where there are any', async () => {
    const { server, createClient } = setUp()
    const { data, error } = await createClient().signIn({
      method: 'anonymous',
      data: { theme: 'dark' },
      captchaToken: 'captcha-1',
    })
    expect(error).toBeNull()
    expect(data.session?.user?.claims).toMatchObject({ is_anonymous: true, user_metadata: { theme: 'dark' } })
    expect(server.count('signup')).toBe(1)
  })

  test('through another provider, with PKCE, several side by side, each coming back to its own', async () => {
    const { server, createClient } = setUp()
    const storage = memoryStore()
    const [one, two] = [createClient({ storage }), createClient({ storage })]
    const first = await one.signIn({
      method: 'oauth',
      provider: 'github',
      scopes: 'repo',
      queryParams: { prompt: 'consent', redirect_to: 'https://evil.example' },
    })
    const second = await two.signIn({ method: 'oauth', provider: 'google', add: true })
    const query = new URL(first.data.url ?? '').searchParams
    expect(Object.fromEntries(query)).toMatchObject({
      provider: 'github',
      scopes: 'repo',
      prompt: 'consent',
      code_challenge_method: 's256',
      redirect_to: expect.stringMatching(/^https:\/\/app\.example\.test\/\?state=gotrue-/),
    })

    const callbacks = [
      await server.authorize(second.data.url ?? '', { user: 'grace' }),
      await server.authorize(first.data.url ?? '', { user: 'ada' }),
    ]
    expect((await two.handleRedirect(callbacks[0])).data.session?.user?.name).toBe('Grace Hopper')
    expect((await one.handleRedirect(callbacks[1])).data.session?.user?.name).toBe('Ada Lovelace')
    expect(server.count('pkce')).toBe(2)
    // A callback that comes again, as a reload brings it, exchanges nothing.
    expect((await one.handleRedirect(callbacks[1])).error?.code).toBe('callback_unknown')
    expect(server.count('pkce')).toBe(2)
  })

  test('through another provider where the user says no', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { data } = await auth.signIn({ method: 'oauth', provider: 'github' })
    const back = await server.authorize(data.url ?? '', { deny: 'access_denied' })
    expect((await auth.handleRedirect(back)).error?.code).toBe('access_denied')
    expect(server.count('pkce')).toBe(0)
  })

  test('by a link in a message: the sign-in waits, and the link comes back here', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const begun = await auth.signIn({ method: 'otp', email: ada.email })
    expect(begun).toEqual({ data: { url: null, session: null }, error: null })
    expect(auth.getSnapshot().status).toBe('signed-out')
    const { data, error } = await auth.handleRedirect(await server.follow(lastMessage(server).link))
    expect(error).toBeNull()
    expect(data.session?.user?.name).toBe('Ada Lovelace')
  })

  test('that is to go on elsewhere gives no session, also where somebody else is shown', async () => {
    const { createClient } = setUp()
    const auth = createClient()
    const session = await signIn(auth)
    const waiting = await auth.signIn({ method: 'otp', email: grace.email })
    const leaving = await auth.signIn({ method: 'oauth', provider: 'github', add: true })
    expect([waiting, leaving].map(({ data, error }) => [data.session, error])).toEqual([
      [null, null],
      [null, null],
    ])
    expect((await auth.getSession()).data.session).toBe(session)
  })

  test('a link that is opened where the sign-in was not begun says so, and one that was used', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await auth.signIn({ method: 'otp', email: ada.email })
    const { link } = lastMessage(server)
    const back = await server.follow(link)
    expect((await createClient().handleRedirect(back)).error?.code).toBe('callback_unknown')
    expect((await auth.handleRedirect(await server.follow(link))).error?.code).toBe('otp_expired')
  })

  test('a sign-out ends a link that is on its way', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await auth.signIn({ method: 'otp', email: ada.email })
    await auth.signOut()
    const { data, error } = await auth.handleRedirect(await server.follow(lastMessage(server).link))
    expect(data.session).toBeNull()
    expect(error?.code).toBe('callback_unknown')
    expect(server.liveSessions).toEqual([])
  })

  test('where there is no page and no address, a message is good for its code, and no other provider can be gone to', async () => {
    const { server } = setUp()
    const provider = gotrue({ url: server.issuer, apiKey: server.apiKey })
    const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off' })
    expect((await auth.signIn({ method: 'otp', email: ada.email })).error).toBeNull()
    expect(lastMessage(server).link).not.toContain('pkce')
    const { error } = await auth.signIn({ method: 'oauth', provider: 'github' })
    expect(error?.code).toBe('invalid_option')
    expect(error?.message).toMatch(/`redirectTo` is missing/)
    auth.dispose()
  })

  test.each<[string, (server: GoTrueServer, url: string) => Promise<string>]>([
    ['a code', (server, url) => server.authorize(url)],
    ['an error, in query and hash', (server, url) => server.authorize(url, { deny: 'access_denied' })],
    [
      'the error of a link that was used',
      async (server) => {
        await server.follow(lastMessage(server).link)
        return server.follow(lastMessage(server).link)
      },
    ],
  ])('the address that came back with %s does not stay in the page', async (_, comeBack) => {
    const { server, createClient } = setUp()
    const storage = memoryStore()
    const beginner = createClient({ storage })
    await beginner.signIn({ method: 'otp', email: ada.email })
    const { data } = await beginner.signIn({ method: 'oauth', provider: 'github', returnTo: '/orders' })
    const shown: string[] = []
    const page = {
      ...createRealm().page,
      href: await comeBack(server, data.url ?? ''),
      replaceAddress: (to: string) => void shown.push(to),
    }
    const auth = createClient({ storage, redirect: 'auto' }, (options) =>
      createAuthClientIn(createRealm({ page }), options),
    )
    await auth.handleRedirect()
    expect(shown).toHaveLength(1)
    expect(new URL(shown[0] ?? '', 'https://app.example.test').search).toBe('')
    expect(shown[0]).not.toContain('#')
  })
})

describe.each(['v1', 'v2'] as const)('refresh tokens of %s', (tokens) => {
  test('an answer that is lost after the rotation is asked for again, and nobody is signed out', async () => {
    const { server, createClient } = setUp({ tokens })
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    await letTokensDie(storage)
    const auth = createClient({ storage })
    server.faults.next(loseAnswer(), { grant: 'refresh_token' })
    const lost = await auth.getSession()
    expect(lost.data.session?.stale).toBe(true)
    const { data, error } = await auth.refreshSession()
    expect(error).toBeNull()
    expect(data.session?.revision).toBe(2)
    expect(server.liveSessions).toHaveLength(1)
  })

  test('a token that comes again too late ends the session as reuse', async () => {
    const clock = { now: Date.now() }
    const { server, createClient } = setUp({ tokens, now: () => clock.now })
    const auth = createClient()
    await signIn(auth)
    const { data } = await auth.exportSession()
    const thief = createClient()
    await thief.setSession({ ...data.tokens, expiresAt: clock.now - 1 } as SessionTokens)
    await thief.refreshSession()
    clock.now += 11_000
    const { error } = await auth.refreshSession()
    expect(error?.code).toBe('session_ended')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'reuse' })
    expect(server.liveSessions).toEqual([])
  })
})

test('who it is, is asked, kept, and asked of a session from outside', async () => {
  const { server, createClient } = setUp({ accessTokenFormat: 'jwt' })
  const { access_token, refresh_token } = await server.signIn({ user: 'grace' })
  const auth = createClient()
  const { data } = await auth.setSession({ accessToken: access_token, refreshToken: refresh_token })
  expect(data.session?.user?.name).toBe('Grace Hopper')
  expect((await auth.getUser()).data.user?.id).toBe('canary_sub_grace')
  expect(server.count('user')).toBe(2)
})

describe('signing out', () => {
  test('ends this session, all of the user’s, or all others', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await server.signIn({ user: 'ada' })
    await server.signIn({ user: 'grace' })
    const session = await signIn(auth)
    expect((await auth.signOut({ scope: 'others' })).error).toBeNull()
    expect(server.liveSessions).toEqual(['session-2', 'session-3'])
    expect((await auth.getSession()).data.session).toBe(session)
    await auth.signOut({ scope: 'local' })
    await expect.poll(() => server.liveSessions).toEqual(['session-2'])

    await server.signIn({ user: 'ada' })
    await signIn(auth)
    await auth.signOut({ scope: 'global' })
    await expect.poll(() => server.liveSessions).toEqual(['session-2'])
  })

  test('says so where the others could not be ended', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(busy(), { endpoint: 'logout' })
    expect((await auth.signOut({ scope: 'others' })).error?.code).toBe('server_error')
  })

  test('nor that they were where the server knows this session no more', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await server.signIn({ user: 'ada' })
    await signIn(auth)
    server.revokeSessions({ session: 'session-2' })
    expect((await auth.signOut({ scope: 'others' })).error?.code).toBe('server_error')
    expect(server.liveSessions).toEqual(['session-1'])
  })

  test('ends the session at the server also when its access token has died meanwhile', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.expireAccessTokens()
    await auth.signOut()
    await expect.poll(() => server.liveSessions).toEqual([])
    expect(server.count('refresh_token')).toBe(1)
  })

  test('is told as done where the session was renewed for it', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    const { accessToken = '', refreshToken = null } = (await auth.exportSession()).data.tokens ?? {}
    server.expireAccessTokens()
    const provider = gotrue({ url: server.issuer, apiKey: server.apiKey })
    const io = { fetch, signal: new AbortController().signal, now: Date.now }
    expect(await provider.revoke({ accessToken, refreshToken }, io, 'local')).toBe(true)
    expect(server.liveSessions).toEqual([])
  })

  // The explorer found it: a session that stays was renewed behind the back of its slot, beside its own refresh (promises 1 and 9).
  test('ends the others also where the access token has died meanwhile: the session that stays renews itself', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await server.signIn({ user: 'ada' })
    await signIn(auth)
    server.expireAccessTokens()
    expect((await auth.signOut({ scope: 'others' })).error).toBeNull()
    expect(server.liveSessions).toEqual(['session-2'])
    expect(server.count('refresh_token')).toBe(1)
    expect((await auth.getSession()).data.session?.revision).toBe(2)
  })

  test('presents no refresh token to end a session where the app says that it must not come twice', async () => {
    const { server, createClient } = setUp()
    const auth = createClient({ gotrue: { reuse: 'fatal' } })
    await signIn(auth)
    server.expireAccessTokens()
    await auth.signOut()
    await expect.poll(() => server.log.at(-1)?.status).toBe(403)
    expect(server.count('refresh_token')).toBe(0)
  })
})

test('what only this provider can do is part of the client with it, and of no other', async () => {
  const { createClient, server } = setUp()
  const auth = createClient()
  expectTypeOf(auth.verifyOtp).toBeFunction()
  expectTypeOf<{ method: 'password'; email: string; password: string }>().toExtend<
    NonNullable<Parameters<typeof auth.signIn>[0]>
  >()
  expectTypeOf<{ method: 'password'; email: string; phone: string; password: string }>().not.toExtend<
    NonNullable<Parameters<typeof auth.signIn>[0]>
  >()
  const other = createAuthClient({
    provider: oauth({ issuer: 'https://id.example.test', clientId: 'spa' }),
    storage: memoryStore(),
  })
  expectTypeOf(other).not.toHaveProperty('verifyOtp')
  expect('verifyOtp' in other).toBe(false)
  other.dispose()

  const provider = gotrue({ url: server.issuer, apiKey: server.apiKey })
  const thrower = createAuthClient({ provider, storage: memoryStore(), throwOnError: true })
  expectTypeOf(thrower.reauthenticate).returns.resolves.toEqualTypeOf<Record<string, never>>()
  await expect(thrower.reauthenticate()).rejects.toMatchObject({ code: 'session_missing' })
  const { user } = await thrower.updateUser({ data: {} }).catch(() => ({ user: null }))
  expect(user).toBeNull()
  thrower.dispose()
})

// The compiler holds these to be true (`npm run types`); nothing is called.
test('only where nothing has to stand in a request `signIn` goes without one', () => {
  // @ts-expect-error: nobody says how.
  const bare = (auth: AuthClient<GoTrueSignIn>) => auth.signIn()
  // @ts-expect-error: as above.
  const throwing = (auth: AuthClient<GoTrueSignIn, true>) => auth.signIn()
  // @ts-expect-error: as above.
  const undecided = (auth: AuthClient<GoTrueSignIn>) => auth.signIn({ add: true })
  // @ts-expect-error: who?
  const own = (auth: AuthClient<{ readonly user: string }>) => auth.signIn()
  expect([bare, throwing, undecided, own]).toHaveLength(4)

  type Asked<SignInRequest> = Parameters<AuthClient<SignInRequest>['signIn']>
  expectTypeOf<[]>().toExtend<Asked<OAuthSignIn>>()
  expectTypeOf<[]>().toExtend<Asked<object>>()
  expectTypeOf<[]>().toExtend<Asked<unknown>>()
  expectTypeOf<[undefined, { signal: AbortSignal }]>().toExtend<Asked<OAuthSignIn>>()
  expectTypeOf<AuthClient<GoTrueSignIn>>().toExtend<AuthClient<object>>()
})
