import {
  alterAnswer,
  blocked,
  contention,
  createAuthServer,
  emptyAnswer,
  type Fault,
  htmlAnswer,
  loseRequest,
  oauthFailure,
  redirected,
  serverError,
  withExpiresIn,
} from '@authflight/testing'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { http, HttpResponse } from 'msw'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type AuthError, isAuthError, isAuthRetryableFetchError, memoryStore } from '../../src/index.ts'
import { oauth, type OAuthOptions } from '../../src/providers/oauth.ts'
import { refreshTokenIds, setUp } from '../support/app.ts'
import { withClaims } from '../support/id-tokens.ts'

const issuer = 'https://id.example.test'
const discovery = { endpoint: 'discovery' } as const

/** Every error of a sign-in: a sentence that says what is wrong and what to do, and nothing a server wrote. */
function expectSentence(error: AuthError | null, code: string, sentence: RegExp): void {
  expect(error?.code).toBe(code)
  expect(error?.message).toMatch(sentence)
  expect(error?.message).toMatch(/^(oauth\(\): `|[A-Z]).*\.$/s)
  expect(error?.message).not.toMatch(/canary/)
}

describe('what cannot be right is refused at once', () => {
  const refusal = (options: Partial<OAuthOptions>): string | null => {
    try {
      oauth({ issuer, clientId: 'spa', ...options })
      return null
    } catch (error) {
      return isAuthError(error) && error.code === 'invalid_option' ? error.message : `not ours: ${String(error)}`
    }
  }

  test.each([
    'http://id.example.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.0.0.1.nip.io',
    'ftp://id.example.com',
    'id.example.com',
    '/issuer',
    '',
    undefined,
    7,
  ])('an issuer `%s`', (wrong) => {
    expect(refusal({ issuer: wrong as string })).toMatch(
      /`issuer` must be the https address.*https:\/\/id\.example\.com/,
    )
  })

  test.each([undefined, null])('no options at all: %s', (nothing) => {
    expect(() => oauth(nothing as never)).toThrow(/`issuer` must be the https address/)
  })

  test.each([
    'http://localhost:3000',
    'http://app.localhost',
    'http://127.0.0.1:41234',
    'http://[::1]:8080',
    'https://id.example.com/realms/a',
  ])('but not an issuer `%s`', (right) => {
    expect(refusal({ issuer: right })).toBeNull()
  })

  test.each(['', undefined, 7])('a clientId `%s`', (wrong) => {
    expect(refusal({ clientId: wrong as string })).toMatch(/`clientId` is missing.*registered at the provider/)
  })
})

describe('the way to the provider', () => {
  const depart = (options: Partial<OAuthOptions> = {}, request = {}) => {
    const server = createAuthServer()
    const provider = oauth({ issuer, clientId: 'spa', redirectUri: 'https://app.example.test/back', ...options })
    return provider.signIn(request, { fetch: server.fetch, signal: new AbortController().signal, now: Date.now })
  }

  test('carries PKCE, state, nonce and where to come back to, and the verifier stays here', async () => {
    const { url, state, keep } = await depart()
    const { origin, pathname, searchParams } = new URL(url)
    expect(origin + pathname).toBe(`${issuer}/authorize`)
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'spa',
      redirect_uri: 'https://app.example.test/back',
      response_type: 'code',
      scope: 'openid profile email offline_access',
      state,
      nonce: keep.nonce,
      code_challenge: await calculatePKCECodeChallenge(keep.verifier as string),
      code_challenge_method: 'S256',
    })
    expect(url).not.toContain(keep.verifier)
  })

  test('carries resource, scope, prompt and hint where they are given', async () => {
    const { url } = await depart(
      { resource: 'https://api.example.test', scope: 'openid' },
      { prompt: 'login', loginHint: 'ada', returnTo: '/orders' },
    )
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      resource: 'https://api.example.test',
      scope: 'openid',
      prompt: 'login',
      login_hint: 'ada',
    })
    expect(url).not.toContain('orders')
  })

  test('carries what else the app wants, and nothing of that takes the place of what protects the sign-in', async () => {
    const taken = { state: 'x', nonce: 'x', redirect_uri: 'https://evil.example', response_type: 'token', scope: 'x' }
    const others = { client_id: 'x', code_challenge: 'x', code_challenge_method: 'plain' }
    const [plain, url] = [
      new URL((await depart()).url),
      new URL((await depart({}, { queryParams: { ...taken, ...others, acr_values: 'mfa', prompt: 'login' } })).url),
    ]
    for (const name of ['redirect_uri', 'response_type', 'scope', 'client_id', 'code_challenge_method'])
      expect(url.searchParams.getAll(name)).toEqual(plain.searchParams.getAll(name))
    for (const name of ['state', 'nonce', 'code_challenge']) expect(url.searchParams.getAll(name)).not.toContain('x')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ acr_values: 'mfa', prompt: 'login' })
  })

  test('prefers what has a name of its own', async () => {
    const { url } = await depart({}, { prompt: 'none', queryParams: { prompt: 'login' } })
    expect(new URL(url).searchParams.getAll('prompt')).toEqual(['none'])
  })

  test('is another one each time', async () => {
    const [one, two] = await Promise.all([depart(), depart()])
    for (const secret of ['nonce', 'verifier']) expect(one?.keep[secret]).not.toBe(two?.keep[secret])
    expect(one?.state).not.toBe(two?.state)
  })

  test('needs a secure page, and says so where a browser gives no cryptography', async () => {
    const { createClient } = setUp()
    const auth = createClient()
    await auth.getSession()
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    const { error } = await auth.signIn()
    vi.unstubAllGlobals()
    expectSentence(error, 'unsupported', /secure pages only.*https, or from localhost/)
  })

  test('needs a redirectUri where there is no page to come back to, and says so', async () => {
    const { server } = setUp()
    const { createAuthClient, memoryStore } = await import('../../src/index.ts')
    const auth = createAuthClient({
      provider: oauth({ issuer: server.issuer, clientId: 'spa' }),
      storage: memoryStore(),
    })
    const { error } = await auth.signIn()
    expectSentence(error, 'invalid_option', /`redirectUri` is missing.*give the address/)
    auth.dispose()
  })
})

describe('a provider that is not what it should be', () => {
  const namesAnother = alterAnswer((body) => ({ ...body, issuer: 'https://canary.example.test' }))
  const without = (name: string) => alterAnswer((body) => ({ ...body, [name]: undefined }))
  test.each([
    [
      'names another issuer',
      namesAnother,
      'provider_invalid',
      /https:\/\/id\.example\.test.*Check `issuer`.*to the letter/,
    ],
    ['answers with a page', htmlAnswer(), 'provider_invalid', /Check `issuer`/],
    ['knows no discovery document', emptyAnswer({ status: 404 }), 'provider_invalid', /\(404\).*Check `issuer`/],
    ['is behind a firewall', blocked(), 'provider_invalid', /\(403\)/],
    ['redirects', redirected('https://canary.example.test'), 'provider_invalid', /Check `issuer`/],
    [
      'cannot be reached',
      loseRequest(),
      'provider_unreachable',
      /could not be reached\. Check that it runs and that the network is up\./,
    ],
    ['fails', serverError({ status: 502 }), 'provider_unreachable', /cannot answer now \(502\)/],
    ['has no token endpoint', without('token_endpoint'), 'provider_invalid', /no token endpoint/],
    [
      'has no authorization endpoint',
      without('authorization_endpoint'),
      'provider_invalid',
      /no authorization endpoint/,
    ],
    ...['javascript:alert(document.domain)//', 'data:text/html,canary', 'canary'].map(
      (address): [string, Fault, string, RegExp] => [
        `would send the user to ${address}`,
        alterAnswer((body) => ({ ...body, authorization_endpoint: address })),
        'provider_invalid',
        /authorization/,
      ],
    ),
  ])('because it %s is told so at sign-in, and asked again the next time', async (_, fault, code, sentence) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const mend = server.faults.always(fault, discovery)
    const { data, error } = await auth.signIn()
    expect(data.url).toBeNull()
    expectSentence(error, code, sentence)
    expect(isAuthRetryableFetchError(error)).toBe(code === 'provider_unreachable')

    mend()
    const again = await auth.signIn()
    // What answered well-formed is the provider's word and is kept; what did not is asked for again.
    expect(again.error?.code ?? null).toBe(/authorization/.test(sentence.source) ? 'provider_invalid' : null)
  })

  test('does not cost a session: a refresh that never left keeps it, and says why', async () => {
    const { server, createClient, signIn } = setUp()
    const { memoryStore } = await import('../../src/index.ts')
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    const auth = createClient({ storage })
    server.faults.next(namesAnother, discovery)

    const { data, error } = await auth.refreshSession()

    expectSentence(error, 'provider_invalid', /Check `issuer`/)
    expect(data.session?.revision).toBe(1)
    expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  })

  test('is asked for its metadata once, whoever needs it', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await Promise.all([auth.signIn(), auth.signIn(), auth.signIn()])
    expect(server.count('discovery')).toBe(1)
  })

  // hasty    asks for the metadata ── has no more time
  // patient  waits for the same ──────────────────── asks again
  test('is asked again where whoever had asked for its metadata has no more time', async () => {
    const { server, createClient } = setUp()
    const provider = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
    const gate = server.hold({ endpoint: 'discovery' })
    const hasty = createClient({ provider, requestLimit: 50 }).signIn()
    const patient = createClient({ provider }).signIn()
    await gate.arrived
    expect((await hasty).error?.code).toBe('timeout')
    gate.release()
    expect((await patient).data.url).toContain(server.issuer)
  })
})

describe('the way back', () => {
  async function comeBack(change: (callback: URL) => void, consent: { deny?: string } = {}) {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { data } = await auth.signIn()
    const callback = new URL(await server.authorize(data.url ?? '', consent))
    change(callback)
    const { error } = await auth.handleRedirect(callback)
    return { server, auth, error }
  }

  test.each([
    ['without its issuer, though the provider names it', (callback: URL) => callback.searchParams.delete('iss')],
    ['with two codes', (callback: URL) => callback.searchParams.append('code', 'canary_2')],
  ])('a callback %s is not taken, and its code is not sent anywhere', async (_, change) => {
    const { server, auth, error } = await comeBack(change)
    expectSentence(error, 'callback_invalid', /did not come from the expected provider.*Start the sign-in again/)
    expect(server.count('token')).toBe(0)
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  test.each(['https://canary.example.test', 'canary', `${issuer}/other`])(
    'a callback that names %s as its issuer is somebody else’s: its code is not sent, nobody is signed in',
    async (sender) => {
      const { server, auth, error } = await comeBack((callback) => callback.searchParams.set('iss', sender))
      expect(error).toBeNull()
      expect(server.count('token')).toBe(0)
      expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: null })
    },
  )

  describe.each([
    ['names its sender', () => {}],
    ['does not', (callback: URL) => callback.searchParams.delete('iss')],
  ])('where the server %s', (_, changed) => {
    test('a callback whose sign-in is not known here is told so, and its code is not sent', async () => {
      const { server, error } = await comeBack((callback) => {
        changed(callback)
        callback.searchParams.set('state', callback.searchParams.get('state')?.replace(/.{6}$/, 'canary') ?? '')
      })
      expectSentence(error, 'callback_unknown', /not begun here.*Sign in again.*origin .*`redirectUri`.*site data/)
      expect(server.count('token')).toBe(0)
    })

    test('a callback whose sign-in a sign-out has ended is told so', async () => {
      const { server, createClient } = setUp()
      const storage = memoryStore()
      const auth = createClient({ storage })
      const { data } = await auth.signIn()
      await createClient({ storage }).signOut()
      const callback = new URL(await server.authorize(data.url ?? ''))
      changed(callback)
      expect((await auth.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    })

    test('a code with a state of a client whose id goes on is left to that one', async () => {
      const { server, error } = await comeBack((callback) => {
        changed(callback)
        callback.searchParams.set('state', callback.searchParams.get('state')?.replace('-spa-', '-spa-admin-') ?? '')
      })
      expect(error).toBeNull()
      expect(server.count('token')).toBe(0)
    })

    test('a code with another state may be another library’s, and is left to it', async () => {
      const { server, error } = await comeBack((callback) => {
        changed(callback)
        callback.searchParams.set('state', 'canary')
      })
      expect(error).toBeNull()
      expect(server.count('token')).toBe(0)
    })
  })

  test('somebody who says no is told as that', async () => {
    const { error } = await comeBack(() => {}, { deny: 'access_denied' })
    expectSentence(error, 'access_denied', /cancelled or denied/)
  })

  test.each([
    ['invalid_request', 'sign_in_failed', /Check the client, its redirect URI and its scopes/],
    ['canary', 'sign_in_failed', /Check the client, its redirect URI and its scopes/],
    ['constructor', 'sign_in_failed', /Check the client, its redirect URI and its scopes/],
    ['invalid_scope', 'invalid_scope', /Ask only for scopes that the provider grants/],
    ['unauthorized_client', 'invalid_client', /Allow the grants/],
    ['login_required', 'interaction_required', /call signIn\(\), without `prompt: none`/],
    ['interaction_required', 'interaction_required', /wants an answer of the user/],
    ['temporarily_unavailable', 'server_error', /could not sign anybody in this time\. Sign in again\.$/],
    ['server_error', 'server_error', /could not sign anybody in this time\. Sign in again\.$/],
  ])('the error %s tells what to do, not what the provider wrote', async (deny, code, sentence) => {
    const { error } = await comeBack((callback) => callback.searchParams.set('error_description', 'canary_text'), {
      deny,
    })
    expectSentence(error, code, sentence)
  })

  test.each([
    ['invalid_target', 'malformed_response', /refused the request \(400\)\. Check the client there.* Sign in again\.$/],
    ['access_denied', 'malformed_response', /refused the request \(400\)/],
    ['consent_required', 'interaction_required', /call signIn\(\)/],
    ['unauthorized_client', 'invalid_client', /authorization_code/],
  ])('a code that the token endpoint refuses with %s is told as that', async (refusal, code, sentence) => {
    const { server, createClient, signIn } = setUp()
    server.faults.next(oauthFailure(refusal), { grant: 'authorization_code' })
    const error = await signIn(createClient()).catch((failed: AuthError) => failed)
    expectSentence(error as AuthError, code, sentence)
  })

  test('a callback that comes again after it was finished keeps the session, and its code is not sent again', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { data } = await auth.signIn()
    const callback = await server.authorize(data.url ?? '')
    const { data: first } = await auth.handleRedirect(callback)
    const { data: again, error } = await auth.handleRedirect(callback)
    expectSentence(error, 'callback_unknown', /is finished/)
    expect(again.session).toBeNull()
    expect((await auth.getSession()).data.session).toBe(first.session)
    expect(server.count('authorization_code')).toBe(1)
  })
})

describe('an ID token', () => {
  async function signInWith(change: (body: Record<string, unknown>) => unknown) {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { data } = await auth.signIn()
    server.faults.next(alterAnswer(change), { grant: 'authorization_code' })
    const { error } = await auth.handleRedirect(await server.authorize(data.url ?? ''))
    return { auth, error }
  }

  test('that is signed fine but answers another sign-in’s nonce signs nobody in', async () => {
    const other = await createAuthServer().signIn()
    const { auth, error } = await signInWith((body) => ({ ...body, id_token: other.id_token }))
    expectSentence(error, 'malformed_response', /Sign in again/)
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  test('that is missing, though it was asked for, signs nobody in', async () => {
    const { auth, error } = await signInWith((body) => ({ ...body, id_token: undefined }))
    expectSentence(error, 'malformed_response', /Sign in again/)
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  test('is not asked for without the scope openid, and is left alone where it comes, at a sign-in or a refresh', async () => {
    const { server, createClient } = setUp()
    const auth = createClient({ oauth: { scope: 'api' } })
    const { data } = await auth.signIn()
    expect(new URL(data.url ?? '').searchParams.has('nonce')).toBe(false)
    const { id_token } = await server.signIn()
    server.faults.always(
      alterAnswer((body) => ({ ...body, id_token })),
      { endpoint: 'token' },
    )
    const { data: returned, error } = await auth.handleRedirect(await server.authorize(data.url ?? ''))
    expect(error).toBeNull()
    expect(returned.session).toMatchObject({ user: null, scopes: ['api'] })
    expect((await auth.refreshSession()).data.session).toMatchObject({ user: null, revision: 2 })
  })

  test('tells who the user is, by a clock that may be hours off', async () => {
    const { createClient, signIn } = setUp({ now: () => Date.now() - 5 * 3_600_000 })
    const { user } = await signIn(createClient(), 'grace')
    expect(user).toMatchObject({ id: 'canary_sub_grace', name: 'Grace Hopper', email: 'canary.grace@example.test' })
  })

  test('is a new one with each refresh: a user of whom it tells nothing new stays as it was', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient()
    const { user } = await signIn(auth)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { data } = await auth.refreshSession()
    expect(data.session?.revision).toBe(2)
    expect(data.session?.user).toEqual(user)
  })

  test('is not asked for, so nobody is asked who it is, and a session is handed over without', async () => {
    const { server, createClient, signIn } = setUp()
    const plain = { oauth: { scope: 'api' } }
    const [one, two] = [createClient(plain), createClient(plain)]
    await signIn(one)
    const { tokens } = (await one.exportSession()).data
    if (!tokens) throw new Error('There should be tokens.')
    // As a server answers whose userinfo wants `openid` (OpenID Connect Core 5.3.3).
    server.faults.always(oauthFailure('insufficient_scope', { status: 403 }), { endpoint: 'userinfo' })
    expect((await two.setSession(tokens)).error).toBeNull()
    expect((await two.getUser()).error?.code).toBe('unsupported')
  })

  test('about somebody else in the answer to a refresh makes nobody another user', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth, 'ada')
    const { id_token } = await server.signIn({ user: 'grace' })
    server.faults.next(
      alterAnswer((body) => ({ ...body, id_token })),
      { grant: 'refresh_token' },
    )
    const { data, error } = await auth.refreshSession()
    expect(error?.code).toBe('malformed_response')
    expect(data.session?.user?.name).toBe('Ada Lovelace')
  })
})

describe('a sign-in with `max_age`', () => {
  /** Seconds, by a server whose clock is hours off: of the authentication before the ID token, which was made `later` than the sign-in began. */
  async function signInAfter(age: number | undefined, later = 0, maxAge: string | number = '300') {
    const { server, createClient } = setUp({ now: () => Date.now() - 5 * 3_600_000 })
    const auth = createClient({ oauth: { scope: 'openid' } })
    const { data } = await auth.signIn({ queryParams: { max_age: maxAge as string } })
    expect(new URL(data.url ?? '').searchParams.get('max_age')).toBe(`${maxAge}`)
    const told = withClaims(({ iat, ...claims }) => ({ ...claims, iat, auth_time: age && Number(iat) - age }))
    server.faults.next(alterAnswer(told), { grant: 'authorization_code' })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + later * 1_000 })
    onTestFinished(() => void vi.useRealTimers())
    return auth.handleRedirect(await server.authorize(data.url ?? ''))
  }

  test.each([
    ['at once', 1, 0],
    ['not long before', 290, 0],
    ['before a consent that took an hour', 3_800, 3_600],
  ])('is good where the user had authenticated %s', async (_, age, later) => {
    const { data, error } = await signInAfter(age, later)
    expect(error).toBeNull()
    expect(data.session?.user?.name).toBe('Ada Lovelace')
  })

  test.each([
    ['too long before', 3_800, 0],
    ['too long before, and took an hour', 8_000, 3_600],
    ['nobody knows when', undefined, 0],
  ])('signs nobody in where the user had authenticated %s', async (_, age, later) => {
    const { data, error } = await signInAfter(age, later)
    expectSentence(error, 'provider_invalid', /has not asked the user again, as `max_age` wants/)
    expect(data.session).toBeNull()
  })

  test.each([0, '0'])('of %j means now, written as a number or as a text', async (maxAge) => {
    expect((await signInAfter(3_800, 0, maxAge)).error?.code).toBe('provider_invalid')
    expect((await signInAfter(1, 0, maxAge)).error).toBeNull()
  })

  test('is not sent on a way back that nobody reads', async () => {
    const { data, error } = await setUp()
      .createClient()
      .signIn({ queryParams: { response_mode: 'fragment' } })
    expectSentence(error, 'invalid_option', /`response_mode` must be `query`/)
    expect(data.url).toBeNull()
  })

  test('is refused without the scope openid, as nobody would say when that was', async () => {
    const auth = setUp().createClient({ oauth: { scope: 'orders' } })
    const { data, error } = await auth.signIn({ queryParams: { max_age: '300' } })
    expectSentence(error, 'invalid_option', /`max_age` needs `openid` in the scope/)
    expect(data.url).toBeNull()
  })

  test('that went on when this device’s clock was set back is as good', async () => {
    expect((await signInAfter(1, -7_200)).error).toBeNull()
  })
})

describe('who the user is', () => {
  const session = { user: null } as never
  const ioOf = (metadata: object) => {
    const fetch = vi.fn(async () => HttpResponse.json({ issuer, token_endpoint: `${issuer}/token`, ...metadata }))
    return { fetch, signal: new AbortController().signal, now: Date.now }
  }

  test('is asked of nobody without the scope openid', async () => {
    const io = ioOf({ userinfo_endpoint: `${issuer}/userinfo` })
    const provider = oauth({ issuer, clientId: 'spa', scope: 'orders' })
    expect(await provider.user?.('token', io, session)).toEqual({ kind: 'user', user: null })
    expect(io.fetch).not.toHaveBeenCalled()
  })

  test('is not known where the provider has no such endpoint', async () => {
    const io = ioOf({})
    const provider = oauth({ issuer, clientId: 'spa' })
    expect(await provider.user?.('token', io, session)).toEqual({ kind: 'user', user: null })
    expect(io.fetch).toHaveBeenCalledTimes(1)
  })
})

test.each(['?state=s', '?code=c', '?error=access_denied', ''])('an address with `%s` is no callback', (query) => {
  expect(oauth({ issuer, clientId: 'spa' }).readCallback(new URL(`https://app.example.test/${query}`))).toBeNull()
})

describe('a lifetime', () => {
  const hundredYears = 100 * 365 * 24 * 3_600_000
  test.each([
    [-60, null],
    [0, null],
    [undefined, null],
    [null, null],
    ['soon', null],
    ['120', 120_000],
    [1e300, hundredYears],
    [59.5, 59_500],
  ])('of %s loses no rotated token, and the session is not refreshed at every call', async (expiresIn, lifetime) => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(withExpiresIn(expiresIn), { grant: 'refresh_token' })

    const before = Date.now()
    const { data, error } = await auth.refreshSession()
    const after = Date.now()
    await auth.getSession()

    expect(error).toBeNull()
    const expiresAt = data.session?.expiresAt ?? null
    const received = expiresAt === null ? null : expiresAt - (lifetime ?? Number.NaN)
    expect(received === null ? lifetime : received >= before && received <= after).toBe(lifetime === null ? null : true)
    expect(server.count('refresh_token')).toBe(1)
    expect((await auth.refreshSession()).data.session?.revision).toBe(3)
    expect(refreshTokenIds(server)).toEqual(['refresh-1', 'refresh-2'])
  })

  test('that the answer does not name is read from a JWT, whatever its clock', async () => {
    const { server, createClient, signIn } = setUp({
      accessTokenFormat: 'jwt',
      accessTokenTtl: 90,
      now: () => Date.now() - 86_400_000,
    })
    const auth = createClient()
    server.faults.next(withExpiresIn(undefined), { grant: 'authorization_code' })
    const before = Date.now()
    const { expiresAt } = await signIn(auth)
    expect(expiresAt).toBeGreaterThanOrEqual(before + 90_000)
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 90_000)
  })
})

describe('the token endpoint', () => {
  test('that redirects is not followed: the token goes nowhere else, and the session stays', async () => {
    const { server, network, createClient, signIn } = setUp()
    const visited = vi.fn()
    network.use(
      http.all('https://elsewhere.example.test/*', () => {
        visited()
        return HttpResponse.json({})
      }),
    )
    const auth = createClient()
    await signIn(auth)
    server.faults.next(redirected('https://elsewhere.example.test/token'), { grant: 'refresh_token' })

    const { data, error } = await auth.refreshSession()

    expectSentence(error, 'malformed_response', /redirects, and no token follows.*Check the address/)
    expect(data.session?.revision).toBe(1)
    expect(visited).not.toHaveBeenCalled()
    // Whoever redirects may have rotated: a forced refresh is that of a lost answer.
    expect((await auth.refreshSession()).error?.code).toBe('refresh_unknown_outcome')
    expect(server.count('refresh_token')).toBe(1)
  })

  test('that asks to retry an invalid_request has not consumed the token: it is presented again, once by the same refresh', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(contention(), { grant: 'refresh_token' })

    expect((await auth.refreshSession()).data.session?.revision).toBe(2)

    for (let n = 0; n < 2; n += 1) server.faults.next(contention(), { grant: 'refresh_token' })
    expect((await auth.refreshSession()).error?.code).toBe('server_error')
    expect((await auth.refreshSession()).data.session?.revision).toBe(3)
    expect(server.count((entry) => entry.reused)).toBe(0)
  })

  test('is asked without cookies and cache, with the resource where there is one', async () => {
    const { createClient, signIn } = setUp()
    const auth = createClient({ oauth: { resource: 'https://api.example.test' } })
    await signIn(auth)
    const asked = vi.spyOn(globalThis, 'fetch')
    await auth.refreshSession()
    const [, init] = asked.mock.calls.find(([input]) => input === `${issuer}/token`) ?? []
    asked.mockRestore()
    expect(init).toMatchObject({ method: 'POST', credentials: 'omit', cache: 'no-store', redirect: 'manual' })
    expect(Object.fromEntries(init?.body as URLSearchParams)).toMatchObject({
      grant_type: 'refresh_token',
      client_id: 'spa',
      resource: 'https://api.example.test',
    })
  })
})

describe('a revocation', () => {
  const io = (server: ReturnType<typeof createAuthServer>) => ({
    fetch: server.fetch,
    signal: new AbortController().signal,
    now: Date.now,
  })
  const tokensOf = (refreshToken: string) => ({ accessToken: 'a', refreshToken })

  test('ends the session at the server', async () => {
    const server = createAuthServer()
    const { refresh_token = '' } = await server.signIn()
    expect(await oauth({ issuer, clientId: 'spa' }).revoke(tokensOf(refresh_token), io(server), 'local')).toBe(true)
    expect(server.liveSessions).toEqual([])
  })

  test('ends no other session of the user, also where all are to end; and says that it cannot end the others', async () => {
    const server = createAuthServer()
    const { refresh_token = '' } = await server.signIn()
    await server.signIn()
    const { revoke } = oauth({ issuer, clientId: 'spa' })
    expect(await revoke(tokensOf(refresh_token), io(server), 'others')).toBe(false)
    expect(server.liveSessions).toEqual(['session-1', 'session-2'])
    expect(await revoke(tokensOf(refresh_token), io(server), 'global')).toBe(true)
    expect(server.liveSessions).toEqual(['session-2'])
  })

  test.each([
    [
      'the refresh token, where there is one',
      'canary_refresh',
      { token: 'canary_refresh', token_type_hint: 'refresh_token' },
    ],
    ['the access token, where it is all there is', null, { token: 'canary_access', token_type_hint: 'access_token' }],
  ])('is of %s', async (_, refreshToken, sent) => {
    const server = createAuthServer()
    const fetch = vi.fn(server.fetch)
    const { revoke } = oauth({ issuer, clientId: 'spa' })
    await revoke({ accessToken: 'canary_access', refreshToken }, { ...io(server), fetch }, 'local')
    const body = fetch.mock.lastCall?.[1]?.body as URLSearchParams
    expect(Object.fromEntries(body)).toMatchObject(sent)
  })

  test('is never of the access token that asks to end the others: that session goes on', async () => {
    const server = createAuthServer()
    const { revoke } = oauth({ issuer, clientId: 'spa' })
    expect(await revoke({ accessToken: 'canary_access', refreshToken: null }, io(server), 'others')).toBe(false)
    expect(server.count('revocation')).toBe(0)
  })

  test('says where the provider has none', async () => {
    const server = createAuthServer()
    server.faults.always(
      alterAnswer((body) => ({ ...body, revocation_endpoint: undefined })),
      discovery,
    )
    expect(await oauth({ issuer, clientId: 'spa' }).revoke(tokensOf('token'), io(server), 'local')).toBe(false)
  })

  test('rejects where it did not work', async () => {
    const server = createAuthServer()
    server.faults.always(serverError(), { endpoint: 'revocation' })
    await expect(oauth({ issuer, clientId: 'spa' }).revoke(tokensOf('token'), io(server), 'local')).rejects.toThrow(
      'status',
    )
  })
})
