import { withExpiresIn } from '@authflight/testing'
import { http, HttpResponse, type HttpHandler } from 'msw'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthFetch } from '../src/fetch.ts'
import { AuthError, memoryStore } from '../src/index.ts'
import type { Session } from '../src/base/session.ts'
import { systemRealm } from '../src/realm/system-realm.ts'
import { apiOrigin, setUp } from './support/app.ts'
import { letTokensDie } from './support/stores.ts'
import { listen, urlOf } from './support/openid-provider.ts'

afterEach(() => void vi.useRealTimers())

interface Seen {
  readonly authorization: string | null
  readonly body: string
  readonly status: number
}

/** An app with a signed-in client, and APIs that check the token as the server knows it. */
async function setUpApi(options: Parameters<ReturnType<typeof setUp>['createClient']>[0] = {}) {
  const app = setUp()
  const { server, network, createClient, signIn } = app
  const seen: Seen[] = []
  const answer = (origin: string): HttpHandler =>
    http.all(`${origin}/*`, async ({ request }) => {
      const status = server.accessOf(request) ? 200 : 401
      seen.push({ authorization: request.headers.get('authorization'), body: await request.text(), status })
      return HttpResponse.json({ n: seen.length }, { status })
    })
  network.use(answer(apiOrigin), answer('https://elsewhere.example.test'))
  const auth = createClient({ fetchOrigins: [apiOrigin], ...options })
  const session = await signIn(auth)
  return { ...app, auth, session, seen, bearer: `Bearer ${session.accessToken}` }
}

/** The same with tokens of an hour, and an address that takes none. */
async function setUpRefusing(options?: Parameters<typeof setUpApi>[0]) {
  const app = await setUpApi(options)
  app.server.setAccessTokenTtl(3_600)
  const refuse = vi.fn(() => new HttpResponse(null, { status: 401 }))
  app.network.use(http.get(`${apiOrigin}/never`, refuse))
  return { ...app, refuse }
}

/** `fetch` for a session that nothing else belongs to, over a network that gives these answers; and what was sent. */
function setUpAlone(answers: Response[] = [], href: string | null = null, origins: string[] | null = [apiOrigin]) {
  const sent: Parameters<typeof fetch>[] = []
  const authorizations: (string | null)[] = []
  const session = { accessToken: 'canary', tokenType: 'bearer' } as Session
  const authFetch = createAuthFetch({
    realm: {
      page: { ...systemRealm.page, href, base: href },
      async fetch(...of) {
        sent.push(of)
        authorizations.push(new Headers(of[1]?.headers).get('authorization'))
        return answers.shift() ?? new Response()
      },
    },
    origins,
    current: async () => session,
    isDisposed: () => false,
    prove: () => undefined,
    renewed: async () => ({ ...session, accessToken: 'canary_2' }),
  })
  return { sent, authorizations, authFetch }
}

/** Stands in for one: Node has no windows. A real one is asked with in Chromium. */
const requestOfAnotherWindow = (url: string): Request =>
  ({ [Symbol.toStringTag]: 'Request', url, clone: () => 'its copy' }) as unknown as Request

describe('who sees the token', () => {
  test('origins that are named do, in the place of the page’s own', async () => {
    const { authFetch, authorizations } = setUpAlone([], 'https://app.example.test/')
    await authFetch(`${apiOrigin}/me`)
    await authFetch('/me')
    expect(authorizations).toEqual(['Bearer canary', null])
  })

  test('an allowed origin does', async () => {
    const { auth, seen, bearer } = await setUpApi()
    const response = await auth.fetch(`${apiOrigin}/me`)
    expect(response.status).toBe(200)
    expect(seen).toEqual([{ authorization: bearer, body: '', status: 200 }])
  })

  test.each([
    'https://elsewhere.example.test/api.example.test',
    'https://api.example.test:8443/me',
    'http://api.example.test/me',
    'https://api.example.test.elsewhere.example.test/me',
    'https://api.example.test@elsewhere.example.test/me',
  ])('%s does not', async (url) => {
    const { auth } = await setUpApi()
    const sent = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response())
    await auth.fetch(url)
    await auth.fetch(new URL(url))
    expect(sent.mock.calls.map(([input, init]) => [new URL(input as string | URL).href, init])).toEqual([
      [new URL(url).href, undefined],
      [new URL(url).href, undefined],
    ])
    sent.mockRestore()
  })

  test.each([
    ['capacitor://localhost/index.html', 'evil://attacker.example.test/x'],
    ['capacitor://localhost/index.html', 'capacitor://localhost/me'],
    ['about:srcdoc', 'data:text/plain,x'],
    ['file:///app/index.html', 'file:///etc/x'],
  ])('of a page that has no origin (%s) nobody does, unless an origin is named: not %s', async (href, url) => {
    const unnamed = setUpAlone([], href, null)
    await unnamed.authFetch(url)
    expect([unnamed.sent, unnamed.authorizations]).toEqual([[[url, undefined]], [null]])
    const named = setUpAlone([], href)
    await named.authFetch(`${apiOrigin}/me`)
    expect(named.authorizations).toEqual(['Bearer canary'])
  })

  test('outside a page nobody does, unless an origin is named', async () => {
    const { server, network, createClient, signIn } = setUp()
    const authorization: unknown[] = []
    network.use(
      http.get(`${apiOrigin}/me`, ({ request }) => {
        authorization.push(request.headers.get('authorization'))
        return new HttpResponse()
      }),
    )
    const auth = createClient()
    await signIn(auth)
    await auth.fetch(`${apiOrigin}/me`)
    expect(authorization).toEqual([null])
    expect(server.count('refresh_token')).toBe(0)
  })

  test.each([
    ['as a header', [`${apiOrigin}/me`, { headers: { Authorization: 'Basic own' } }]],
    ['as a Headers', [`${apiOrigin}/me`, { headers: new Headers({ authorization: 'Basic own' }) }]],
    ['in a Request', [new Request(`${apiOrigin}/me`, { headers: { authorization: 'Basic own' } })]],
  ] as [string, Parameters<typeof fetch>][])(
    'a caller’s own Authorization %s is left alone, and a 401 to it is the caller’s',
    async (_, of) => {
      const { server, auth, seen } = await setUpApi()
      const response = await auth.fetch(...of)
      expect(response.status).toBe(401)
      expect(seen).toEqual([{ authorization: 'Basic own', body: '', status: 401 }])
      expect(server.count('refresh_token')).toBe(0)
    },
  )

  test('nobody signed in, the request goes out as it is', async () => {
    const { auth, seen } = await setUpApi()
    await auth.signOut()
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(401)
    expect(seen).toEqual([{ authorization: null, body: '', status: 401 }])
  })

  test('a token that is bound to a key is not sent as a bearer', async () => {
    const dpop = { accessToken: 'canary', tokenType: 'dpop' } as Session
    const fetch = createAuthFetch({
      realm: systemRealm,
      origins: [apiOrigin],
      current: async () => dpop,
      isDisposed: () => false,
      prove: () => undefined,
      renewed: async () => null,
    })
    const sent = vi.spyOn(globalThis, 'fetch')
    const error = await fetch(`${apiOrigin}/me`).catch((fault: unknown) => fault)
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).message).toMatch(/bound to a key.*dpop\(\)/)
    expect(sent).not.toHaveBeenCalled()
    sent.mockRestore()
  })
})

describe('after a 401', () => {
  test('a storm of a hundred makes one refresh, and each is asked once more', async () => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => auth.fetch(`${apiOrigin}/items/${n}`)))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    expect(server.count('refresh_token')).toBe(1)
    expect(seen.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(100).fill(200),
      ...Array<number>(100).fill(401),
    ])
  })

  test('one that comes late is asked again with what the others have got, without another refresh', async () => {
    const { server, network, auth } = await setUpApi()
    server.expireAccessTokens()
    let open = () => {}
    const opened = new Promise<void>((resolve) => void (open = resolve))
    network.use(
      http.get(
        `${apiOrigin}/slow`,
        async ({ request }) => {
          const status = server.accessOf(request) ? 200 : 401
          await opened
          return new HttpResponse(null, { status })
        },
        { once: true },
      ),
    )
    const slow = auth.fetch(`${apiOrigin}/slow`)
    await auth.fetch(`${apiOrigin}/quick`)
    open()
    expect((await slow).status).toBe(200)
    expect(server.count('refresh_token')).toBe(1)
  })

  test('a token that was just minted and is refused as well is not tried a third time', async () => {
    const { server, auth, refuse } = await setUpRefusing()
    expect((await auth.fetch(`${apiOrigin}/never`)).status).toBe(401)
    expect(refuse).toHaveBeenCalledTimes(2)
    expect(server.count('refresh_token')).toBe(1)
  })

  test('what another client of the store has minted since is sent, though this one has just been told of another', async () => {
    const storage = memoryStore()
    const { server, network, auth, createClient } = await setUpApi({ storage })
    await auth.refreshSession()
    const other = createClient({ storage })
    await other.getSession()
    const { data } = await other.refreshSession()
    network.use(
      http.get(`${apiOrigin}/me`, ({ request }) =>
        HttpResponse.json(null, {
          status: request.headers.get('authorization') === `Bearer ${data.session?.accessToken}` ? 200 : 401,
        }),
      ),
    )
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(200)
    expect(server.count('refresh_token')).toBe(2)
  })

  test('the answer stays what it was where the refresh fails', async () => {
    const { server, auth, seen } = await setUpApi()
    server.revokeSessions()
    const response = await auth.fetch(`${apiOrigin}/me`)
    expect([response.status, await response.json()]).toEqual([401, { n: 1 }])
    expect(seen).toHaveLength(1)
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'rejected' })
  })

  // Of ada only the session is another: her account is the one that asked.
  test.each(['grace', 'ada'])('%s signed in meanwhile, the request does not go out with that token', async (user) => {
    const { server, network, createClient, signIn } = setUp()
    const auth = createClient({ fetchOrigins: [apiOrigin] })
    await signIn(auth, 'ada')
    const sentBy: (string | undefined)[] = []
    network.use(
      http.post(`${apiOrigin}/orders`, async ({ request }) => {
        sentBy.push(server.accessOf(request)?.user.login)
        await signIn(auth, user)
        // A higher revision than the one refused, but another session's.
        await auth.refreshSession()
        return new HttpResponse(null, { status: 401 })
      }),
    )
    expect((await auth.fetch(`${apiOrigin}/orders`, { method: 'POST', body: 'of Ada' })).status).toBe(401)
    expect(sentBy).toEqual(['ada'])
    expect(server.count('refresh_token')).toBe(1)
  })

  const replaced = { code: 'refresh_discarded', reason: 'replaced' }
  test.each([
    ['grace signed in', replaced, replaced, []],
    ['nobody is signed in any more', null, { status: 401 }, [null]],
  ])(
    'a dead token is renewed first, and %s meanwhile: the token is %j, the answer %j',
    async (deed, token, answer, sent) => {
      const storage = memoryStore()
      const { server, createClient, signIn, seen } = await setUpApi({ storage })
      await letTokensDie(storage)
      const auth = createClient({ storage, fetchOrigins: [apiOrigin] })
      const gate = server.hold({ when: 'after', grant: 'refresh_token' })
      const told = (error: unknown): unknown => error
      const asked = auth.fetch(`${apiOrigin}/orders`, { method: 'POST', body: 'of Ada' }).catch(told)
      const got = auth.getAccessToken().catch(told)
      await gate.arrived
      await (deed === 'grace signed in' ? signIn(auth, 'grace') : auth.signOut())
      gate.release()
      expect([await got, await asked]).toMatchObject([token, answer])
      expect(seen.map(({ authorization }) => authorization)).toEqual(sent)
    },
  )

  test('another account shown meanwhile, it goes again as the one that asked', async () => {
    const { server, network, createClient, signIn } = setUp()
    const auth = createClient({ fetchOrigins: [apiOrigin] })
    const { account } = await signIn(auth, 'ada')
    const { account: other } = await signIn(auth, 'grace', { add: true })
    await auth.switchTo(account)
    server.expireAccessTokens()
    const askedBy: (string | undefined)[] = []
    network.use(
      http.post(`${apiOrigin}/orders`, async ({ request }) => {
        const login = server.accessOf(request)?.user.login
        askedBy.push(login)
        if (askedBy.length === 1) await auth.switchTo(other ?? '')
        return new HttpResponse(null, { status: login ? 200 : 401 })
      }),
    )
    expect((await auth.fetch(`${apiOrigin}/orders`, { method: 'POST', body: 'of Ada' })).status).toBe(200)
    expect(askedBy).toEqual([undefined, 'ada'])
    expect((await auth.getSession()).data.session?.account).toBe(other)
  })

  test.each([200, 400, 403, 500])('but not after a %d', async (status) => {
    const { server, network, auth } = await setUpApi()
    const answer = vi.fn(() => new HttpResponse(null, { status }))
    network.use(http.get(`${apiOrigin}/me`, answer))
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(status)
    expect(answer).toHaveBeenCalledOnce()
    expect(server.count('refresh_token')).toBe(0)
  })
})

describe('a body', () => {
  const form = new FormData()
  form.set('a', 'text')
  test.each([
    ['a text', () => ({ body: 'text' })],
    ['bytes', () => ({ body: new TextEncoder().encode('text') })],
    ['a Blob', () => ({ body: new Blob(['text']) })],
    ['parameters', () => ({ body: new URLSearchParams({ a: 'text' }) })],
    ['a form', () => ({ body: form })],
  ])('of %s is sent again whole', async (_, init) => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const response = await auth.fetch(`${apiOrigin}/orders`, { method: 'POST', ...init() })
    expect(response.status).toBe(200)
    expect(seen.map(({ body }) => body.includes('text'))).toEqual([true, true])
  })

  test('of a Request is sent again whole', async () => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const request = new Request(`${apiOrigin}/orders`, { method: 'POST', body: 'text', headers: { 'x-own': '1' } })
    expect((await auth.fetch(request)).status).toBe(200)
    expect(seen.map(({ body, status }) => [body, status])).toEqual([
      ['text', 401],
      ['text', 200],
    ])
  })

  const bytes = new TextEncoder()
  test.each<[string, RegExp, () => { body: BodyInit; change: () => void }]>([
    [
      'bytes',
      /^first$/,
      () => {
        const body = bytes.encode('in: first')
        return { body: body.subarray(4), change: () => body.set(bytes.encode('other'), 4) }
      },
    ],
    [
      'numbers of several bytes each',
      /^first!$/,
      () => {
        const body = new Uint16Array(new Uint8Array(bytes.encode('first!')).buffer)
        return { body, change: () => body.fill(0) }
      },
    ],
    [
      'a buffer',
      /^first$/,
      () => {
        const body = new Uint8Array(bytes.encode('first')).buffer
        return { body, change: () => new Uint8Array(body).fill(0) }
      },
    ],
    [
      'parameters',
      /^a=first$/,
      () => {
        const body = new URLSearchParams({ a: 'first' })
        return { body, change: () => body.set('a', 'other') }
      },
    ],
    [
      'a form',
      /name="a"; filename="name.txt"[^]*first[^]*name="a"[^]*second/,
      () => {
        const body = new FormData()
        body.append('a', new File(['first'], 'name.txt'))
        body.append('a', 'second')
        return { body, change: () => body.delete('a') }
      },
    ],
  ])('of %s is sent as it was at the call, whether anybody is signed in or not', async (_, sent, make) => {
    const { server, auth, seen } = await setUpApi()
    const ask = async (): Promise<void> => {
      const { body, change } = make()
      const init: RequestInit = { method: 'POST', body }
      const url = new URL(`${apiOrigin}/orders`)
      const asked = auth.fetch(url, init)
      change()
      init.method = 'GET'
      delete init.body
      url.host = 'elsewhere.example.test'
      expect((await asked).url).toBe(`${apiOrigin}/orders`)
    }
    server.expireAccessTokens()
    await ask()
    await auth.signOut()
    await ask()
    expect(seen.map(({ body }) => body)).toEqual(Array<unknown>(3).fill(expect.stringMatching(sent)))
  })

  test('of a Request of another window is sent again whole: it is none of this window’s class', async () => {
    const { sent, authFetch, authorizations } = setUpAlone([new Response(null, { status: 401 })])
    const foreign = requestOfAnotherWindow(`${apiOrigin}/orders`)
    expect((await authFetch(foreign)).status).toBe(200)
    expect(sent.map(([input]) => input)).toEqual([foreign, 'its copy'])
    expect(authorizations).toEqual(['Bearer canary', 'Bearer canary_2'])
  })

  test('that takes the place of a Request’s own is sent again whole', async () => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const request = new Request(`${apiOrigin}/orders`, { method: 'POST', body: 'old' })
    expect((await auth.fetch(request, { body: 'new' })).status).toBe(200)
    expect(seen.map(({ body }) => body)).toEqual(['new', 'new'])
  })

  const pieces = async function* () {
    yield new TextEncoder().encode('te')
    yield new TextEncoder().encode('xt')
  }
  test.each([
    ['a stream', () => new Response(pieces() as unknown as BodyInit).body],
    ['a generator, as Node takes one', () => pieces() as unknown as BodyInit],
  ])('of %s can be sent once, so it is not sent again, and the 401 is the answer', async (_, body) => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const init = { method: 'POST', body: body(), duplex: 'half' } as RequestInit
    expect((await auth.fetch(`${apiOrigin}/orders`, init)).status).toBe(401)
    expect(seen.map(({ body: sent }) => sent)).toEqual(['text'])
    expect(server.count('refresh_token')).toBe(0)
  })
})

describe('an API that refuses every token', () => {
  test('costs one refresh, not one for each request', async () => {
    const { server, auth } = await setUpRefusing()
    for (let n = 0; n < 5; n += 1) expect((await auth.fetch(`${apiOrigin}/never`)).status).toBe(401)
    expect(server.count('refresh_token')).toBe(1)
  })

  test.each(['an hour', 'a time that nobody knows'])(
    'costs one for all clients, whoever asks, of a token that lasts %s',
    async (lasting) => {
      const storage = memoryStore()
      const { server, auth, createClient } = await setUpRefusing({ storage })
      if (lasting !== 'an hour') server.faults.always(withExpiresIn(undefined), { grant: 'refresh_token' })
      const other = createClient({ storage, fetchOrigins: [apiOrigin] })
      for (let n = 0; n < 12; n += 1) await (n % 2 === 0 ? auth : other).fetch(`${apiOrigin}/never`)
      expect(server.count('refresh_token')).toBe(1)
    },
  )

  test('costs none beside the one that a dead token needs', async () => {
    const storage = memoryStore()
    const { server, createClient, refuse } = await setUpRefusing({ storage })
    await letTokensDie(storage)
    const auth = createClient({ storage, fetchOrigins: [apiOrigin] })
    expect((await auth.fetch(`${apiOrigin}/never`)).status).toBe(401)
    expect(server.count('refresh_token')).toBe(1)
    expect(refuse).toHaveBeenCalledOnce()
  })

  test('keeps others for a minute from renewing a token that was taken back, and no longer', async () => {
    const { server, auth, seen } = await setUpRefusing()
    await auth.fetch(`${apiOrigin}/never`)
    server.expireAccessTokens()
    vi.setSystemTime(Date.now() + 50_000)
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(401)
    vi.setSystemTime(Date.now() + 10_000)
    expect((await auth.fetch(`${apiOrigin}/me`)).status).toBe(200)
    expect(seen.map(({ status }) => status)).toEqual([401, 401, 200])
    expect(server.count('refresh_token')).toBe(2)
  })

  test('does not keep a request from the newer token that somebody else is getting', async () => {
    const { server, auth, seen } = await setUpApi()
    await auth.refreshSession()
    server.expireAccessTokens()
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = auth.refreshSession()
    await gate.arrived
    const asked = auth.fetch(`${apiOrigin}/me`)
    await expect.poll(() => seen.length).toBe(1)
    gate.release()
    expect((await asked).status).toBe(200)
    await refreshing
    expect(server.count('refresh_token')).toBe(2)
  })
})

test.each(['Bearer error="insufficient_scope", scope="admin"', 'DPoP error="insufficient_user_authentication"'])(
  'a challenge that no newer token meets is the answer: %s',
  async (challenge) => {
    const { server, network, auth } = await setUpApi()
    const refuse = vi.fn(() => new HttpResponse(null, { status: 401, headers: { 'www-authenticate': challenge } }))
    network.use(http.get(`${apiOrigin}/admin`, refuse))
    expect((await auth.fetch(`${apiOrigin}/admin`)).status).toBe(401)
    expect(refuse).toHaveBeenCalledOnce()
    expect(server.count('refresh_token')).toBe(0)
  },
)

test('a refused answer whose body breaks off while the token is renewed is nobody’s unhandled rejection', async () => {
  const { server, auth } = await setUpApi()
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  let breakOff = (): void => {}
  const body = new ReadableStream({
    start: (controller) => void (breakOff = () => controller.error(new Error('reset'))),
  })
  const answers = [new Response(body, { status: 401 }), new Response('ok')]
  const { fetch } = globalThis
  const sent = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async (input, init) =>
      urlOf(input) === `${apiOrigin}/me` ? (answers.shift() ?? Response.error()) : fetch(input, init),
    )
  onTestFinished(() => sent.mockRestore())
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const asked = auth.fetch(`${apiOrigin}/me`)
  await gate.arrived
  breakOff()
  gate.release()

  expect(await (await asked).text()).toBe('ok')
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(unhandled).not.toHaveBeenCalled()
})

test('in a worker a relative address is one of the worker’s origin', async () => {
  vi.stubGlobal('location', new URL('https://app.example.test/worker.js'))
  onTestFinished(() => void vi.unstubAllGlobals())
  const sent = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response())
  onTestFinished(() => sent.mockRestore())
  const session = { accessToken: 'canary', tokenType: 'bearer' } as Session
  const authFetch = createAuthFetch({
    realm: systemRealm,
    origins: null,
    current: async () => session,
    isDisposed: () => false,
    prove: () => undefined,
    renewed: async () => null,
  })
  await authFetch('/api/me')
  expect(new Headers(sent.mock.calls[0]?.[1]?.headers).get('authorization')).toBe('Bearer canary')
})

test('the caller’s own headers, method and signal go along, and its objects are not changed', async () => {
  const { server, network, auth } = await setUpApi()
  server.expireAccessTokens()
  const kept: unknown[] = []
  network.use(
    http.put(`${apiOrigin}/x`, ({ request }) => {
      kept.push([request.method, request.headers.get('x-own')])
    }),
  )
  const headers = new Headers({ 'x-own': '1' })
  await auth.fetch(`${apiOrigin}/x`, { method: 'PUT', headers })
  expect(kept).toEqual([
    ['PUT', '1'],
    ['PUT', '1'],
  ])
  expect([...headers]).toEqual([['x-own', '1']])
  await expect(auth.fetch(`${apiOrigin}/x`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('with a dead token that cannot be renewed the request is not sent, and the caller is told when it may be', async () => {
  const { server, auth, seen } = await setUpApi()
  const { busy } = await import('@authflight/testing')
  server.faults.always(busy({ retryAfter: 9 }), { grant: 'refresh_token' })
  vi.setSystemTime(Date.now() + 3_600_000)
  const error: unknown = await auth.fetch(`${apiOrigin}/me`).catch((fault: unknown) => fault)
  expect(error).toMatchObject({ code: 'rate_limited', retryAt: Date.now() + 9_000 })
  expect(seen).toEqual([])
})

describe('a caller who leaves', () => {
  test('before anything was sent: nothing is, and its reason is the error', async () => {
    const { auth, seen } = await setUpApi()
    const reason = new Error('Not any more.')
    await expect(auth.fetch(`${apiOrigin}/me`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const request = new Request(`${apiOrigin}/me`, { signal: AbortSignal.abort(reason) })
    await expect(auth.fetch(request)).rejects.toBe(reason)
    expect(seen).toEqual([])
  })

  test('while the token is renewed after a 401 is not sent again; the refresh goes on for others', async () => {
    const { server, auth, seen } = await setUpApi()
    server.expireAccessTokens()
    const gate = server.hold({ when: 'before', grant: 'refresh_token' })
    const leaving = new AbortController()
    const asked = auth.fetch(`${apiOrigin}/me`, { signal: leaving.signal })
    const other = auth.fetch(`${apiOrigin}/other`)
    await gate.arrived
    const reason = new Error('Not any more.')
    leaving.abort(reason)
    await expect(asked).rejects.toBe(reason)
    gate.release()
    expect((await other).status).toBe(200)
    expect(seen.map(({ status }) => status)).toEqual([401, 401, 200])
  })
})

describe('a redirect', () => {
  /** Two origins on this machine: one that sends on, and one that tells what it was sent. */
  async function setUpHops() {
    const told: (string | undefined)[] = []
    const end = await listen(({ url, headers }, response) => {
      told.push(headers.authorization)
      response.writeHead(url === '/away/refused' ? 401 : 200).end()
    })
    const start = await listen(({ url, headers }, response) => {
      if (url === '/end') {
        told.push(headers.authorization)
        return void response.end()
      }
      response.writeHead(307, { location: url?.startsWith('/away') ? end + url : '/end' }).end()
    })
    const session = { accessToken: 'canary', tokenType: 'bearer' } as Session
    const renewed = vi.fn<() => Promise<Session | null>>(async () => ({ ...session, revision: 2 }))
    const authFetch = createAuthFetch({
      realm: systemRealm,
      origins: [start],
      current: async () => session,
      isDisposed: () => false,
      prove: () => undefined,
      renewed,
    })
    return { authFetch, start, told, renewed }
  }

  test.each([
    ['to a foreign origin does not take the token along', '/away', undefined],
    ['within the origin does', '/here', 'Bearer canary'],
  ])('%s', async (_, path, authorization) => {
    const { authFetch, start, told } = await setUpHops()
    expect((await authFetch(start + path)).status).toBe(200)
    expect((await authFetch(new Request(start + path, { method: 'POST', body: 'text' }))).status).toBe(200)
    expect(told).toEqual([authorization, authorization])
  })

  test('to a foreign origin that answers 401 is no refusal of a token that it never saw', async () => {
    const { authFetch, start, told, renewed } = await setUpHops()
    expect((await authFetch(`${start}/away/refused`, { method: 'POST', body: 'text' })).status).toBe(401)
    expect(told).toEqual([undefined])
    expect(renewed).not.toHaveBeenCalled()
  })
})

describe('a relative address', () => {
  const pageAt = (href: string, base: string) => ({ ...systemRealm, page: { ...systemRealm.page, href, base } })
  const fetchOn = (page: ReturnType<typeof pageAt>, sent: unknown[]) =>
    createAuthFetch({
      realm: {
        page: page.page,
        fetch: async (input, init) => {
          sent.push([urlOf(input), new Headers(init?.headers).get('authorization')])
          return new Response()
        },
      },
      origins: null,
      current: async () => ({ accessToken: 'canary', tokenType: 'bearer' }) as Session,
      isDisposed: () => false,
      prove: () => undefined,
      renewed: async () => null,
    })

  test('is one of the `<base>` of its page: where that is foreign, the token stays here', async () => {
    const sent: unknown[] = []
    await fetchOn(pageAt('https://app.example.test/', 'https://cdn.example.test/'), sent)('me')
    await fetchOn(pageAt('https://app.example.test/', 'https://app.example.test/v2/'), sent)('me')
    expect(sent).toEqual([
      ['me', null],
      ['https://app.example.test/v2/me', 'Bearer canary'],
    ])
  })
})

test.each([true, false])('a Request for options is read as `fetch` reads it, signed in: %s', async (isSignedIn) => {
  const { network, createClient, signIn } = setUp()
  const auth = createClient({ fetchOrigins: [apiOrigin] })
  if (isSignedIn) await signIn(auth)
  network.use(http.put(`${apiOrigin}/me`, async ({ request }) => HttpResponse.text(await request.text())))
  const options = new Request(apiOrigin, { method: 'PUT', body: 'all of it' })
  expect(await (await auth.fetch(`${apiOrigin}/me`, options)).text()).toBe('all of it')
})
