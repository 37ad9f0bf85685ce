import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type AuthClientOptions,
  createAuthClient,
  memoryStore,
  type Session,
  type SessionTokens,
  type Store,
} from '../../src/index.ts'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { asStale } from '../../src/accounts/mirror.ts'
import { dpop } from '../../src/providers/dpop.ts'
import { oauth, type OAuthOptions, type OAuthSignIn } from '../../src/providers/oauth.ts'
import { bind, bindingOf } from '../../src/slot/slot.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import type { Client } from '../support/app.ts'
import { claimsOf, startDpopApi } from '../support/dpop-api.ts'
import { createDeferred } from '../support/deferred.ts'
import { recordAll } from '../support/observe.ts'
import {
  apiAudience,
  type OpenIdProvider,
  redirectUri,
  startOpenIdProvider,
  urlOf,
} from '../support/openid-provider.ts'
import { createRealm } from '../support/realm.ts'
import { openTab } from '../support/tabs.ts'

type Options = Partial<AuthClientOptions<OAuthSignIn>> & {
  readonly oauth?: Partial<OAuthOptions>
  readonly bearer?: true
}

/** A client of a real provider, with tokens bound to a key unless told. Disposed with the test. */
function createClient(server: OpenIdProvider, { oauth: more, bearer, ...rest }: Options = {}): Client {
  const plain = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri, ...more })
  const provider = bearer ? plain : dpop(plain)
  const auth = createAuthClient({
    provider,
    storage: memoryStore(),
    autoRefresh: 'off',
    redirect: 'manual',
    ...rest,
  })
  onTestFinished(() => auth.dispose())
  return auth
}

async function signIn(server: OpenIdProvider, auth: Client): Promise<Session> {
  const { data, error } = await auth.signIn()
  if (error || data.url === null) throw error ?? new Error('No address to sign in at.')
  const returned = await auth.handleRedirect(await server.authorize(data.url))
  if (returned.error || !returned.data.session) throw returned.error ?? new Error('No session.')
  return returned.data.session
}

/** A provider, an API of its, and a client that is signed in. */
async function setUpApi(nonce: string | null = null) {
  const server = await startOpenIdProvider({ requireDpop: true })
  const api = await startDpopApi(server.issuer)
  api.nonce = nonce
  const auth = createClient(server, { oauth: { resource: apiAudience }, fetchOrigins: [api.origin] })
  const session = await signIn(server, auth)
  const refreshes = () => server.seen.filter(({ grant }) => grant === 'refresh_token').length
  return { server, api, auth, session, refreshes }
}

/** Answers what `matches` in the place of the network. Gives the requests that were answered so. */
function answerInstead(matches: (url: string, init?: RequestInit) => boolean, answer: () => Response) {
  const { fetch } = globalThis
  const asked: Headers[] = []
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = urlOf(input)
    if (!matches(url, init)) return fetch(input, init)
    asked.push(new Headers(init?.headers))
    return answer()
  })
  onTestFinished(() => spy.mockRestore())
  return asked
}

/** Changes the record of the session, as a store does that does not keep what it is given. */
const alterSlot = (store: Store, alter: (slot: { tokens: { key?: unknown } }) => void): Promise<void> =>
  store.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [at, record] of view.list('slot:')) {
      const slot = structuredClone(record) as { tokens: { key?: unknown } }
      alter(slot)
      view.put(at, slot)
    }
  })

const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
  'sign',
  'verify',
])

const isTokenRequest = (url: string) => url.endsWith('/token')

describe('with a provider that takes no other tokens, and no proof without a nonce', () => {
  const demanding = { requireNonce: true, requireDpop: true }

  test('the user signs in, refreshes, is asked for and signs out; a nonce costs one retry, and is known from then on', async () => {
    const server = await startOpenIdProvider(demanding)
    const auth = createClient(server)
    expect(await signIn(server, auth)).toMatchObject({ tokenType: 'dpop', revision: 1, user: { name: 'Ada Lovelace' } })
    expect((await auth.refreshSession()).data.session).toMatchObject({ tokenType: 'dpop', revision: 2 })
    expect((await auth.getUser()).data.user?.email).toBe('ada@example.test')
    expect((await auth.signOut()).error).toBeNull()
    expect(server.seen).toEqual([
      { path: '/token', grant: 'authorization_code', status: 400, error: 'use_dpop_nonce' },
      { path: '/token', grant: 'authorization_code', status: 200, error: null },
      { path: '/token', grant: 'refresh_token', status: 200, error: null },
      { path: '/me', grant: null, status: 200, error: null },
    ])
  })

  test('a client that does not bind its tokens is refused, and told where to look', async () => {
    const server = await startOpenIdProvider(demanding)
    await expect(signIn(server, createClient(server, { bearer: true }))).rejects.toMatchObject({
      code: 'sign_in_failed',
    })
  })

  test('another tab takes the session with its key from IndexedDB, and refreshes it', async () => {
    const server = await startOpenIdProvider(demanding)
    const options = { oauth: { redirectUri }, dpop: true }
    const one = await openTab(server, options)
    await signIn(server, one)
    const other = await openTab(server, options)
    const [refreshed, adopted] = await Promise.all([other.refreshSession(), one.refreshSession()])
    expect([refreshed.data.session?.revision, adopted.data.session?.revision]).toEqual([2, 2])
    expect((await other.refreshSession()).data.session?.revision).toBe(3)
    expect((await one.getUser()).error).toBeNull()
    expect(server.seen.filter(({ grant, status }) => grant === 'refresh_token' && status === 200)).toHaveLength(2)
  })
})

describe('the key', () => {
  test('cannot be taken out, is another one with each sign-in, and binds the code as well', async () => {
    const provider = dpop(oauth({ issuer: (await startOpenIdProvider()).issuer, clientId: 'spa', redirectUri }))
    const io = { fetch, signal: new AbortController().signal, now: Date.now }
    const [one, other] = [await provider.signIn({}, io), await provider.signIn({}, io)]
    const { privateKey } = one.keep['key'] as CryptoKeyPair
    expect(privateKey).toMatchObject({ extractable: false, type: 'private', algorithm: { namedCurve: 'P-256' } })
    const bound = [one, other].map(({ url }) => new URL(url).searchParams.get('dpop_jkt'))
    expect(bound[0]).toMatch(/^[\w-]{43}$/)
    expect(bound[0]).not.toBe(bound[1])
  })

  test('is no part of the session that an app holds', async () => {
    const { session } = await setUpApi()
    const names = [...Object.getOwnPropertyNames(session), ...Object.getOwnPropertySymbols(session)]
    expect(names.toSorted()).toEqual([
      'accessToken',
      'account',
      'expiresAt',
      'revision',
      'scopes',
      'sessionId',
      'tokenType',
      'user',
    ])
  })

  test('goes along in a hand-over', async () => {
    const { server, auth, refreshes } = await setUpApi()
    const { data } = await auth.exportSession()
    const other = createClient(server, { oauth: { resource: apiAudience } })
    expect((await other.setSession(data.tokens ?? { accessToken: '' })).error).toBeNull()
    expect((await other.refreshSession()).data.session).toMatchObject({ tokenType: 'dpop', revision: 2 })
    expect(refreshes()).toBe(1)
  })

  test('is handed over as a copy: what is done to it changes nothing that is kept', async () => {
    const { auth } = await setUpApi()
    const { data } = await auth.exportSession()
    Object.assign(data.tokens?.key ?? {}, { privateKey: null })
    expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  })

  test('is all that a provider is told of how a session is bound: the refresh token is no part of it', async () => {
    const server = await startOpenIdProvider({ requireDpop: true })
    const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
    const told: unknown[] = []
    const storage = memoryStore()
    const auth = createAuthClient({
      provider: {
        ...provider,
        refresh: (token, io) => (told.push(io.bound), provider.refresh(token, io)),
        user: (token, io, session) => (told.push(io.bound), provider.user?.(token, io, session) ?? Promise.reject()),
        prove: (bound, through, now) => (told.push(bound), provider.prove?.(bound, through, now) ?? through),
      },
      storage,
      autoRefresh: 'off',
      redirect: 'manual',
      fetchOrigins: [server.issuer],
    })
    onTestFinished(() => auth.dispose())
    await signIn(server, auth)
    await auth.refreshSession()
    await auth.getUser()
    await auth.fetch(`${server.issuer}/me`)
    const { tokens } = (await auth.exportSession()).data
    await auth.signOut()
    await auth.setSession({ ...tokens, accessToken: tokens?.accessToken ?? '', refreshToken: null, user: null })
    expect(told.map((bound) => Object.keys(bound as object).toSorted())).toEqual(
      Array(told.length).fill(['key', 'type']),
    )
    expect(told).toHaveLength(4)
  })

  test('stays with a session that is marked as stale', () => {
    const binding = { type: 'dpop' } as const
    const session = { accessToken: 'a', tokenType: 'dpop', expiresAt: null, scopes: [], user: null } as const
    const fresh = bind({ ...session, account: 'a', sessionId: 's', revision: 1 }, binding)
    expect(bindingOf(asStale(asStale(fresh)))).toBe(binding)
  })

  test('that went through text is refused in a hand-over: the session that is there stays', async () => {
    const { auth, session } = await setUpApi()
    const { data } = await auth.exportSession()
    const { error } = await auth.setSession(JSON.parse(JSON.stringify(data.tokens)) as SessionTokens)
    expect([error?.code, error?.message]).toEqual([
      'invalid_option',
      '`setSession` takes tokens of DPoP with their whole `key`.',
    ])
    expect(auth.getSnapshot()).toEqual({ status: 'signed-in', session })
  })

  test('that one client lost is not lost to another that shares its refresh', async () => {
    const server = await startOpenIdProvider({ requireDpop: true })
    const [storage, damaged] = [memoryStore(), memoryStore()]
    const auth = createClient(server, { storage })
    await signIn(server, auth)
    const { data } = await auth.exportSession()
    await createClient(server, { storage: damaged }).setSession(data.tokens ?? { accessToken: '' })
    await alterSlot(damaged, (slot) => void (slot.tokens.key = undefined))
    const other = createClient(server, { storage: damaged })
    await other.getSession()
    await Promise.all([other.refreshSession(), auth.refreshSession()])
    expect(other.getSnapshot()).toEqual({ status: 'signed-out', reason: 'key_lost' })
    expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  })

  test('is refused by a store that keeps text, before anybody leaves the page', async () => {
    const server = await startOpenIdProvider()
    const texts = new Map<string, string>()
    const auth = createClient(server, {
      storage: {
        getItem: (key) => texts.get(key) ?? null,
        setItem: (key, text) => void texts.set(key, text),
        removeItem: (key) => void texts.delete(key),
      },
    })
    const { data, error } = await auth.signIn()
    expect(data.url).toBeNull()
    expect(error?.code).toBe('storage_error')
    expect(error?.message).toMatch(/keeps text only.*Leave `storage` out for IndexedDB/)
  })

  describe.each([
    ['came back as something else', { privateKey: {}, publicKey: {} }],
    ['is gone', undefined],
    ['came back as one half', { privateKey }],
  ])('that %s ends the session, and nobody is asked', (_, key) => {
    async function lose() {
      const server = await startOpenIdProvider({ requireDpop: true })
      const storage = memoryStore()
      await signIn(server, createClient(server, { storage }))
      await alterSlot(storage, (slot) => void (slot.tokens.key = key))
      const auth = createClient(server, { storage, fetchOrigins: ['https://api.example.test'] })
      await auth.getSession()
      const asked = answerInstead(
        () => true,
        () => new Response(null, { status: 500 }),
      )
      return { auth, asked }
    }

    test('at a refresh', async () => {
      const { records } = recordAll()
      const { auth, asked } = await lose()
      const { data, error } = await auth.refreshSession()
      expect(data.session).toBeNull()
      expect([error?.code, error?.message]).toEqual([
        'session_ended',
        'The key of this session is gone from the store. Sign in again.',
      ])
      expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'key_lost' })
      expect(asked).toEqual([])
      expect(records.findLast(({ name }) => name === 'authflight.refresh')?.attributes).toMatchObject({
        'authflight.refresh.attempt_count': 0,
        'error.type': 'key_lost',
      })
    })

    test.each([
      ['at a request', (auth: Client) => auth.fetch('https://api.example.test/me').then(({ status }) => status), 401],
      [
        'when the user is asked for',
        (auth: Client) => auth.getUser().then(({ error }) => error?.code),
        'session_ended',
      ],
    ])('%s', async (__, ask, answer) => {
      const { auth, asked } = await lose()
      expect(await ask(auth)).toBe(answer)
      expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'key_lost' })
      expect(asked.filter((headers) => headers.has('authorization'))).toEqual([])
    })
  })

  test('that is gone when a sign-in comes back ends the sign-in: its code is not presented', async () => {
    const server = await startOpenIdProvider()
    const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
    const present = vi.fn<typeof fetch>()
    const io = { fetch, present, signal: new AbortController().signal, now: Date.now, giveBack: vi.fn() }
    const exchanged = provider.exchange(new URL(`${redirectUri}?code=c&state=s`), { key: {} }, io)
    await expect(exchanged).rejects.toThrow('The key of this sign-in is gone. Sign in again.')
    expect(present).not.toHaveBeenCalled()
  })
})

describe('a request to an API', () => {
  test('carries a proof for its method, address and access token, and nothing that is used twice', async () => {
    const { api, auth, session } = await setUpApi()
    expect((await auth.fetch(`${api.origin}/me?q=1#part`)).status).toBe(200)
    expect((await auth.fetch(new Request(`${api.origin}/orders`, { method: 'POST', body: 'text' }))).status).toBe(200)
    expect(api.calls.map(({ authorization }) => authorization)).toEqual(Array(2).fill(`DPoP ${session.accessToken}`))
    expect(api.calls.map(({ proof }) => [proof?.['htm'], proof?.['htu']])).toEqual([
      ['GET', `${api.origin}/me`],
      ['POST', `${api.origin}/orders`],
    ])
    expect(new Set(api.calls.map(({ proof }) => proof?.['jti'])).size).toBe(2)
  })

  test('after a 401 makes one refresh for all, and goes once more with a proof for the new token', async () => {
    const { api, auth, refreshes } = await setUpApi()
    api.refuse = 3
    const answers = await Promise.all([1, 2, 3].map((n) => auth.fetch(`${api.origin}/items/${n}`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(refreshes()).toBe(1)
    expect(new Set(api.calls.map(({ proof }) => proof?.['ath'])).size).toBe(2)
  })

  test('is sent again, whole, where the API names a nonce, without a refresh; the next one brings it at once', async () => {
    const { api, auth, refreshes } = await setUpApi('one')
    const request = new Request(`${api.origin}/orders`, { method: 'POST', body: 'text' })
    expect((await auth.fetch(request)).status).toBe(200)
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(200)
    api.nonce = 'two'
    expect((await auth.fetch(`${api.origin}/orders`, { method: 'PUT', body: 'text' })).status).toBe(200)
    expect(api.calls.map(({ body, status, proof }) => [body, status, proof?.['nonce']])).toEqual([
      ['text', 401, undefined],
      ['text', 200, 'one'],
      ['', 200, 'one'],
      ['text', 401, 'one'],
      ['text', 200, 'two'],
    ])
    expect(refreshes()).toBe(0)
  })

  test('is sent again for each of those that go side by side when a nonce changes, and no token is renewed for it', async () => {
    const { api, auth, refreshes } = await setUpApi()
    for (const nonce of ['one', 'two']) {
      api.nonce = nonce
      const answers = await Promise.all([1, 2, 3].map((n) => auth.fetch(`${api.origin}/items/${n}`)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    }
    expect(api.calls.map(({ status }) => status).toSorted()).toEqual([...Array(6).fill(200), ...Array(6).fill(401)])
    expect(refreshes()).toBe(0)
  })

  test('whose body can be read once is not sent again for a nonce; the next one brings it', async () => {
    const { api, auth } = await setUpApi('one')
    const body = new Response('text').body
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await auth.fetch(`${api.origin}/orders`, init)).status).toBe(401)
    expect((await auth.fetch(`${api.origin}/orders`, { method: 'POST' })).status).toBe(200)
    expect(api.calls.map(({ status }) => status)).toEqual([401, 200])
  })

  test.each([
    ['patch', 'patch'],
    ['get', 'GET'],
  ])('with the method `%s` carries a proof for `%s`: what is sent is what is signed', async (method, signed) => {
    const { api, auth } = await setUpApi()
    const asked = answerInstead(
      (url) => url.startsWith(api.origin),
      () => new Response('ok'),
    )
    await auth.fetch(`${api.origin}/me`, { method })
    expect(asked.map((headers) => claimsOf(headers.get('dpop'))?.['htm'])).toEqual([signed])
  })

  test('is not redirected: the proof is for one address', async () => {
    const { api, auth } = await setUpApi()
    await expect(auth.fetch(`${api.origin}/moved`)).rejects.toThrow(TypeError)
    expect((await auth.fetch(`${api.origin}/moved`, { redirect: 'manual' })).status).toBe(307)
    expect(api.calls.map(({ path }) => path)).toEqual(['/moved', '/moved'])
  })

  test('of a provider that binds nothing is not sent with a bound token', async () => {
    const { server, api, auth } = await setUpApi()
    const { data } = await auth.exportSession()
    const plain = createClient(server, { bearer: true, fetchOrigins: [api.origin] })
    await plain.setSession({ user: null, ...data.tokens, accessToken: data.tokens?.accessToken ?? '' })
    await expect(plain.fetch(`${api.origin}/me`)).rejects.toThrow(/bound to a key.*dpop\(\)/)
    expect(api.calls).toEqual([])
  })
})

describe('an answer of the token endpoint', () => {
  test('that refuses the code says the same as without a key', async () => {
    const refuse = () => Response.json({ error: 'invalid_grant' }, { status: 400 })
    const told: unknown[] = []
    for (const bearer of [true, undefined] as const) {
      const server = await startOpenIdProvider({ requireDpop: !bearer })
      const asked = answerInstead(isTokenRequest, refuse)
      await signIn(server, createClient(server, { ...(bearer && { bearer }) })).catch(({ code, message, cause }) =>
        told.push({ code, message, cause: String(cause) }),
      )
      expect(asked).toHaveLength(1)
      vi.restoreAllMocks()
    }
    expect(told).toHaveLength(2)
    expect(told[1]).toEqual(told[0])
  })

  test('that brings tokens is taken, whatever else stands in it: the refresh token is spent', async () => {
    const server = await startOpenIdProvider({ requireDpop: true })
    const auth = createClient(server)
    await signIn(server, auth)
    const { fetch } = globalThis
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const answer = await fetch(input, init)
      if (!isTokenRequest(urlOf(input))) return answer
      const body = { ...((await answer.json()) as object), error: 'use_dpop_nonce' }
      return Response.json(body, { headers: { 'dpop-nonce': 'another' } })
    })
    onTestFinished(() => void vi.restoreAllMocks())

    await auth.refreshSession()

    expect(server.seen.filter(({ grant }) => grant === 'refresh_token')).toHaveLength(1)
  })
})

describe('a nonce', () => {
  const demand = (status: number) => {
    let n = 0
    return () =>
      Response.json(
        { error: 'use_dpop_nonce' },
        { status, headers: { 'dpop-nonce': `nonce-${(n += 1)}`, 'www-authenticate': 'DPoP error="use_dpop_nonce"' } },
      )
  }

  test('that the provider demands again and again costs one retry; the token is not spent, and the session stays', async () => {
    const { server, auth } = await setUpApi()
    const asked = answerInstead(isTokenRequest, demand(400))
    const { data, error } = await auth.refreshSession()
    expect([error?.code, data.session?.revision]).toEqual(['invalid_dpop_proof', 1])
    expect(asked.map((headers) => claimsOf(headers.get('dpop'))?.['nonce'])).toEqual([expect.any(String), 'nonce-1'])
    vi.restoreAllMocks()
    // What is not of its making the provider refuses, and names its own.
    expect((await auth.refreshSession()).data.session?.revision).toBe(2)
    expect(server.seen.slice(-2).map(({ error }) => error)).toEqual(['use_dpop_nonce', null])
  })

  test('that the provider demands of two refreshes side by side costs each of them one retry', async () => {
    const { server, auth } = await setUpApi()
    const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
    const { data } = await auth.exportSession()
    const bound = { type: 'dpop', key: data.tokens?.key } as const
    const nonces: unknown[] = []
    const both = createDeferred()
    const present: typeof fetch = async (_, init) => {
      const nonce = claimsOf(new Headers(init?.headers).get('dpop'))?.['nonce']
      if (nonces.push(nonce) === 2) both.resolve()
      await both.promise
      return nonce ? Response.json({ access_token: 'a', token_type: 'DPoP' }) : demand(400)()
    }
    const io = { fetch, present, signal: new AbortController().signal, now: Date.now, bound }
    const answers = await Promise.all(['one', 'other'].map((token) => provider.refresh(token, io)))
    expect(answers.map(({ kind }) => kind)).toEqual(['tokens', 'tokens'])
    expect(nonces).toEqual([undefined, undefined, 'nonce-1', 'nonce-1'])
  })

  test('that is demanded without being named is not looked for: the refresh is not sent again', async () => {
    const { auth } = await setUpApi()
    const asked = answerInstead(isTokenRequest, () => Response.json({ error: 'use_dpop_nonce' }, { status: 400 }))
    expect((await auth.refreshSession()).error?.code).toBe('invalid_dpop_proof')
    expect(asked).toHaveLength(1)
  })

  test('that an API demands again and again ends with its 401: two tries for each of two tokens', async () => {
    const { api, auth, refreshes } = await setUpApi()
    const asked = answerInstead((url) => url.startsWith(api.origin), demand(401))
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(401)
    expect(asked).toHaveLength(4)
    expect(refreshes()).toBe(1)
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(401)
    expect(refreshes()).toBe(1)
  })

  test('is told to nobody but the origin that it came from', async () => {
    const { server, api, auth } = await setUpApi('of-the-api')
    const sent: unknown[] = []
    const { fetch } = globalThis
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const proof = claimsOf(new Headers(init?.headers).get('dpop'))
      if (proof) sent.push([new URL(urlOf(input)).origin, proof['nonce']])
      return fetch(input, init)
    })
    onTestFinished(() => void vi.restoreAllMocks())
    await auth.fetch(`${api.origin}/me`)
    await auth.refreshSession()
    await auth.fetch(`${api.origin}/me`)
    expect(sent).toEqual([
      [api.origin, undefined],
      [api.origin, 'of-the-api'],
      [server.issuer, expect.not.stringContaining('api') as unknown],
      [api.origin, 'of-the-api'],
    ])
  })

  test('beside a 401 is tried where the challenge cannot be read, as across origins', async () => {
    const { api, auth, refreshes } = await setUpApi()
    const answers = [new Response(null, { status: 401, headers: { 'dpop-nonce': 'n' } }), new Response('ok')]
    const asked = answerInstead(
      (url) => url.startsWith(api.origin),
      () => answers.shift() ?? Response.error(),
    )
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(200)
    expect(asked.map((headers) => claimsOf(headers.get('dpop'))?.['nonce'])).toEqual([undefined, 'n'])
    expect(refreshes()).toBe(0)
  })
})

describe('a device whose clock is an hour behind the server', () => {
  const hour = 3_600_000
  const iatOf = (headers: Headers): number => Number(claimsOf(headers.get('dpop'))?.['iat']) * 1_000
  /** How far a proof is from the server's time, which is an hour ahead of here: whole minutes. */
  const minutesOff = (headers: Headers): number => Math.round((Date.now() + hour - iatOf(headers)) / 60_000)
  const refusal = (status: number, date: number | null) =>
    Response.json(
      { error: 'invalid_dpop_proof' },
      {
        status,
        headers: {
          'www-authenticate': 'DPoP error="invalid_dpop_proof"',
          ...(date === null ? {} : { date: new Date(date).toUTCString() }),
        },
      },
    )

  /** Refreshes at a server that looks at the time of a proof and dates what it refuses. */
  async function refresh(dateNow: () => number | null, times: number) {
    const { server, auth } = await setUpApi()
    const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
    const { data } = await auth.exportSession()
    const bound = { type: 'dpop', key: data.tokens?.key } as const
    const off: number[] = []
    const present: typeof fetch = async (_, init) => {
      off.push(minutesOff(new Headers(init?.headers)))
      return off.at(-1) === 0 ? Response.json({ access_token: 'a', token_type: 'DPoP' }) : refusal(400, dateNow())
    }
    const io = { fetch, present, signal: new AbortController().signal, now: Date.now, bound }
    const kinds: string[] = []
    for (let time = 0; time < times; time += 1) kinds.push((await provider.refresh('token', io)).kind)
    return { off, kinds }
  }

  test('has its proof refused once, sends one of the server’s time, and knows that time from then on', async () => {
    expect(await refresh(() => Date.now() + hour, 2)).toEqual({ off: [60, 0, 0], kinds: ['tokens', 'tokens'] })
  })

  test.each([
    ['tells no time that can be read', () => null],
    ['has the time of the device', () => Date.now()],
  ])('sends nothing again to a server that refuses its proof and %s', async (_, dateNow) => {
    expect(await refresh(dateNow, 1)).toEqual({ off: [60], kinds: ['refused'] })
  })

  test('whose client has the server’s time proves that time wherever it asks', async () => {
    const server = await startOpenIdProvider({ requireDpop: true })
    const storage = memoryStore()
    const { user } = await signIn(server, createClient(server, { storage }))
    const api = 'https://api.example.test'
    const realm = createRealm({ clock: { ...systemRealm.clock, now: () => Date.now() + hour } })
    const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
    const auth = createAuthClientIn(realm, { provider, storage, autoRefresh: 'off', fetchOrigins: [api] })
    onTestFinished(() => auth.dispose())
    const tokens = { access_token: 'a', token_type: 'DPoP', expires_in: 60 }
    const asked = answerInstead(
      (_, init) => new Headers(init?.headers).has('dpop'),
      () => Response.json({ ...tokens, sub: user?.id }),
    )
    expect((await auth.refreshSession()).error).toBeNull()
    expect((await auth.getUser()).error).toBeNull()
    expect((await auth.fetch(api)).status).toBe(200)
    expect(asked.map(minutesOff)).toEqual([0, 0, 0])
  })

  test('that refuses it nonetheless is asked twice and no more', async () => {
    const { auth } = await setUpApi()
    const asked = answerInstead(isTokenRequest, () => refusal(400, Date.now() + 5 * hour))
    expect((await auth.refreshSession()).error?.code).toBe('invalid_dpop_proof')
    expect(asked).toHaveLength(2)
  })

  test('asks an API again with a proof of the server’s time, and renews no token for it', async () => {
    const { api, auth, refreshes } = await setUpApi()
    const asked = answerInstead(
      (url) => url.startsWith(api.origin),
      () => (minutesOff(asked.at(-1) as Headers) === 0 ? new Response('ok') : refusal(401, Date.now() + hour)),
    )
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(200)
    expect((await auth.fetch(`${api.origin}/me`)).status).toBe(200)
    expect(asked.map(minutesOff)).toEqual([60, 0, 0])
    expect(refreshes()).toBe(0)
  })
})

describe('a token that is bound to nothing', () => {
  test('in the answer to a sign-in signs nobody in, and is revoked; nobody waits for the answer to that', async () => {
    const server = await startOpenIdProvider()
    const auth = createClient(server)
    const { fetch } = globalThis
    const revoked = createDeferred<string | null>()
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (urlOf(input).endsWith('/revocation')) {
        revoked.resolve((init as { body: URLSearchParams }).body.get('token'))
        return new Promise(() => {})
      }
      if (!isTokenRequest(urlOf(input))) return fetch(input, init)
      // A provider that does not know DPoP.
      const { dpop: _, ...headers } = (init as { headers: Record<string, string> }).headers
      return fetch(input, { ...init, headers })
    })
    onTestFinished(() => void vi.restoreAllMocks())
    const { data } = await auth.signIn()
    const unbound = new URL(data.url ?? '')
    unbound.searchParams.delete('dpop_jkt')
    const { error } = await auth.handleRedirect(await server.authorize(unbound.href))
    expect([error?.code, error?.message]).toEqual([
      'provider_invalid',
      'The provider gave a token that is bound to no key. Switch DPoP on for this client there, or leave dpop() out.',
    ])
    expect(auth.getSnapshot().status).toBe('signed-out')
    expect(await revoked.promise).toMatch(/./)
  })

  test('of a session that was there before goes on as a bearer token', async () => {
    const server = await startOpenIdProvider()
    const storage = memoryStore()
    await signIn(server, createClient(server, { storage, bearer: true }))
    const auth = createClient(server, { storage })
    expect((await auth.refreshSession()).data.session).toMatchObject({ tokenType: 'bearer', revision: 2 })
    expect((await auth.getUser()).error).toBeNull()
  })

  test('in the answer to a refresh leaves the refresh token bound: the next refresh proves the key as well', async () => {
    const server = await startOpenIdProvider()
    const auth = createClient(server)
    await signIn(server, auth)
    const { fetch } = globalThis
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const answer = await fetch(input, init)
      return Response.json({ ...((await answer.json()) as object), token_type: 'Bearer' })
    })
    onTestFinished(() => spy.mockRestore())
    expect((await auth.refreshSession()).data.session).toMatchObject({ tokenType: 'bearer', revision: 2 })
    spy.mockRestore()
    expect((await auth.refreshSession()).data.session).toMatchObject({ tokenType: 'dpop', revision: 3 })
  })
})
