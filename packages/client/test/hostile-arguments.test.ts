import { delay, http, HttpResponse } from 'msw'
import { describe, expect, test, vi } from 'vitest'
import { type AuthError, isAuthError, type SessionResult } from '../src/index.ts'
import { dpop } from '../src/providers/dpop.ts'
import { gotrue } from '../src/providers/gotrue.ts'
import { oauth } from '../src/providers/oauth.ts'
import { setUp as setUpOAuth } from './support/app.ts'
import { type GoTrueClient, setUp, signIn } from './support/gotrue-app.ts'

type Method = (...given: unknown[]) => unknown

const methods = [
  'getSession',
  'refreshSession',
  'getAccessToken',
  'getUser',
  'exportSession',
  'signOut',
  'signIn',
  'setSession',
  'handleRedirect',
  'switchTo',
  'accounts',
  'signUp',
  'verifyOtp',
  'updateUser',
  'reauthenticate',
  'resetPasswordForEmail',
] as const

const hostile: readonly (readonly [string, readonly unknown[]])[] = [
  ['null', [null]],
  ['two nulls', [null, null]],
  ['a number', [7]],
  ['a text', ['canary_text']],
  ['a list', [[]]],
  ['a signal that is none', [{ signal: 7 }]],
  ['a second argument whose signal is none', [{}, { signal: 7 }]],
  ['a third one', ['x', {}, { signal: 7 }]],
]

/** What became of a call: the code of its error, `no error`, or what is not ours. */
async function ending(auth: GoTrueClient, method: string, given: readonly unknown[]): Promise<string> {
  try {
    const result = await (auth as unknown as Record<string, Method>)[method]?.(...given)
    const error = (result as { error?: unknown } | null)?.error ?? null
    return error === null ? 'no error' : name(error)
  } catch (error) {
    return name(error)
  }
}
const name = (error: unknown): string => (isAuthError(error) ? error.code : `not ours: ${String(error)}`)

describe.each(hostile)('%s', (_, given) => {
  test.each(methods)('given to %s is no error that is not ours, whoever is there', async (method) => {
    const { createClient } = setUp()
    const nobody = createClient()
    expect(await ending(nobody, method, given)).not.toMatch('not ours')
    const somebody = createClient()
    await signIn(somebody)
    expect(await ending(somebody, method, given)).not.toMatch('not ours')
  })
})

/** Whose listeners may be added, and never taken away. */
const unleavable = (): AbortSignal =>
  Object.assign(new AbortController().signal, {
    removeEventListener() {
      throw new Error('Nobody leaves.')
    },
  })

describe('a signal that is none', () => {
  const given = { signal: 7 } as never

  test.each(['refreshSession', 'getUser', 'signOut', 'reauthenticate'] as const)(
    'is named by %s, which begins nothing',
    async (method) => {
      const { network, createClient } = setUp()
      const auth = createClient()
      const session = await signIn(auth)
      const asked = vi.fn<() => undefined>()
      network.use(http.all('*', asked))
      const { error } = await auth[method](given)

      expect(error).toMatchObject({ code: 'invalid_option', message: '`signal` takes an AbortSignal.' })
      expect(asked).not.toHaveBeenCalled()
      expect((await auth.getSession()).data.session).toBe(session)
    },
  )

  test('is named by handleRedirect, and the sign-in can still be finished', async () => {
    const { server, createClient } = setUpOAuth()
    const auth = createClient()
    const callback = await server.authorize((await auth.signIn()).data.url ?? '')
    const { data, error } = await auth.handleRedirect(callback, given)
    expect(data.session).toBeNull()
    expect(error).toMatchObject({ code: 'invalid_option', message: '`signal` takes an AbortSignal.' })
    expect((await auth.handleRedirect(callback)).error).toBeNull()
  })

  test.each([
    ['a number', 7, 'invalid_option'],
    ['half a signal', { addEventListener() {} }, 'invalid_option'],
    ['one that cannot be left', unleavable(), 2],
  ])('does not keep others waiting for a flight that its caller has asked for as well: %s', async (_, signal, told) => {
    const { server, network, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    network.use(http.post(`${server.issuer}/token`, () => delay(20).then(() => undefined)))
    const first = auth.refreshSession()
    const asked = [auth.refreshSession({ signal: signal as never }), auth.refreshSession({})]
    const [bad, good] = (await Promise.all(asked)) as [SessionResult, SessionResult]

    expect(bad.error?.code ?? bad.data.session?.revision).toBe(told)
    expect([good.error, good.data.session?.revision]).toEqual([null, 2])
    expect((await first).data.session?.revision).toBe(2)
  })
})

test.each<[string, (auth: GoTrueClient) => Promise<{ data: object; error: AuthError | null }>, RegExp]>([
  [
    'refreshSession({ refresh_token })',
    (auth) => auth.refreshSession({ refresh_token: 'canary' } as never),
    /^refreshSession\(\): There is no option `refresh_token`/,
  ],
  ['getUser(jwt)', (auth) => auth.getUser('canary' as never), /^getUser\(\): There is no option `string`/],
])('%s, which asks about somebody in auth-js, is not answered with who is here', async (_, ask, sentence) => {
  const { server, createClient } = setUp()
  const auth = createClient()
  await signIn(auth)
  const before = server.log.length
  const { data, error } = await ask(auth)
  expect([Object.values(data), error?.code, server.log.length]).toEqual([[null], 'invalid_option', before])
  expect(error?.message).toMatch(sentence)
  expect(error?.message).not.toMatch(/canary/)
})

test('what a button hands over is no option', async () => {
  const auth = setUp().createClient()
  await signIn(auth)
  const click = new Event('click', { cancelable: true }) as never
  expect([(await auth.refreshSession(click)).error, (await auth.getUser(click)).error]).toEqual([null, null])
  expect((await auth.refreshSession(null as never)).error).toBeNull()
})

test('fetch with a signal that is none tells what is wrong, not that something of ours is no function', async () => {
  const { createClient } = setUp()
  const auth = createClient({ fetchOrigins: ['https://api.example.test'] })
  const asking = auth.fetch('https://api.example.test/', { signal: 7 as never })
  await expect(asking).rejects.toMatchObject({ code: 'invalid_option' })
})

describe('what a client and a provider are made of', () => {
  const known = { issuer: 'https://id.example.test', clientId: 'spa' }
  const project = { url: 'https://project.example.test/auth/v1' }

  test.each<[string, () => unknown, RegExp]>([
    ['oauth() of nothing', () => oauth(undefined as never), /^oauth\(\): `issuer` must be/],
    [
      'a handler that is none',
      () =>
        setUp()
          .createClient()
          .onAuthStateChange(null as never),
      /takes a function/,
    ],
    ['scope as a list', () => oauth({ ...known, scope: ['openid'] } as never), /^oauth\(\): `scope` takes one text/],
    ['resource as a list', () => oauth({ ...known, resource: ['a', 'b'] } as never), /`resource` takes the identifier/],
    ['a relative redirectUri', () => oauth({ ...known, redirectUri: '/back' }), /`redirectUri` takes a whole address/],
    ['a misspelt option', () => oauth({ ...known, scopes: 'openid' } as never), /no option `scopes`.*mean `scope`\?/],
    ['an option of another provider', () => gotrue({ ...project, apikey: 'k' } as never), /`apikey`.*mean `apiKey`\?/],
    ['gotrue() of nothing', () => gotrue(undefined as never), /^gotrue\(\): `url`/],
    ['dpop() of nothing', () => dpop(undefined as never), /^dpop\(\) takes a provider that oauth\(\) has made/],
    ['dpop() of another kind', () => dpop(gotrue(project) as never), /^dpop\(\) takes a provider that oauth\(\)/],
  ])('%s is refused by name', (_, make, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(sentence) }))
  })

  test('a redirectUri may be an address of an app’s own, and must be given in a worker, whose address is that of its script', async () => {
    vi.stubGlobal('location', new URL('https://app.example.test/worker.js'))
    try {
      const io = { fetch: async () => HttpResponse.json(metadata), signal: new AbortController().signal, now: Date.now }
      const metadata = {
        issuer: known.issuer,
        authorization_endpoint: `${known.issuer}/auth`,
        token_endpoint: `${known.issuer}/token`,
      }
      const app = oauth({ ...known, redirectUri: 'com.example.app:/back' })
      const { url } = await app.signIn({}, io)
      expect(new URL(url).searchParams.get('redirect_uri')).toBe('com.example.app:/back')
      await expect(oauth(known).signIn({}, io)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringMatching(/`redirectUri` is missing. Outside a page/),
      })
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
