import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Presentation, present } from '../../src/refresh/present.ts'
import type { Answer, ProviderIo } from '../../src/providers/provider.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { createDeferred } from '../support/deferred.ts'

const endpoint = 'https://id.example.test/token'
const failed: Answer = { kind: 'unreadable', status: 500, retryAfter: null }

const telemetry = createTelemetry(systemRealm, 'client', null)
const using = (confirm: () => Promise<boolean>): Presentation => ({
  realm: systemRealm,
  telemetry,
  parent: telemetry.open('authflight.refresh', { attributes: {} }),
  provider: { terminal: {}, authority: 'a', clientId: 'c', audience: '' },
  limit: 1_000,
  confirm,
})

/** A provider that does not pass the signal on, and takes whatever comes for an answer. */
async function careless(io: ProviderIo): Promise<Answer> {
  await io.present(endpoint, { method: 'POST' }).catch(() => {})
  return failed
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 500 }))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('a right that is confirmed after the limit sends nothing, and the token counts as unspent', async () => {
  const confirmed = createDeferred<boolean>()
  const presented = present(
    using(() => confirmed.promise),
    careless,
  )
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await presented).toMatchObject({ verdict: { kind: 'unspent' }, attempts: 0, superseded: false })
  confirmed.resolve(true)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(globalThis.fetch).not.toHaveBeenCalled()
})

test('a page that was frozen past the limit sends nothing, though it hears of its right before its timers run', async () => {
  const confirmed = createDeferred<boolean>()
  let now = 0
  const clock = { ...systemRealm.clock, monotonic: () => now }
  const presented = present({ ...using(() => confirmed.promise), realm: { ...systemRealm, clock } }, careless)
  now = 1_000
  confirmed.resolve(true)

  expect(await presented).toMatchObject({ attempts: 0, superseded: false })
  expect(globalThis.fetch).not.toHaveBeenCalled()
})

test('a right that is confirmed after a timer that ran early sends nothing: the token was told to be unspent', async () => {
  const confirmed = createDeferred<boolean>()
  const clock = { ...systemRealm.clock, monotonic: () => 0 }
  const presented = present({ ...using(() => confirmed.promise), realm: { ...systemRealm, clock } }, careless)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await presented).toMatchObject({ verdict: { kind: 'unspent' }, attempts: 0 })
  confirmed.resolve(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(globalThis.fetch).not.toHaveBeenCalled()
})

test('a right that was lost sends nothing, and says so', async () => {
  const presented = await present(
    using(async () => false),
    careless,
  )
  expect(presented).toMatchObject({ attempts: 0, superseded: true })
  expect(globalThis.fetch).not.toHaveBeenCalled()
})

test('a store that cannot confirm is told as itself, whatever the provider makes of it', async () => {
  const fault = new DOMException('full', 'QuotaExceededError')
  await expect(
    present(
      using(() => Promise.reject(fault)),
      careless,
    ),
  ).rejects.toBe(fault)
  expect(globalThis.fetch).not.toHaveBeenCalled()
})

test('a token whose request was only refused for want of a nonce is unspent, if the device goes offline before the next', async () => {
  let isOffline = false
  const page = {
    ...systemRealm.page,
    get isOffline() {
      return isOffline
    },
  }
  const given = { ...using(async () => true), realm: { ...systemRealm, page } }
  const presented = await present(given, async (io) => {
    await io.present(endpoint, { method: 'POST' })
    isOffline = true
    await io.present(endpoint, { method: 'POST' })
    return failed
  })
  expect(presented).toMatchObject({ verdict: { kind: 'unspent', errorType: 'offline' }, attempts: 1 })
})

const accepted = () => using(async () => true)
/** What a provider in JavaScript brings. */
const bringing = (tokens: object) => (): Promise<Answer> => Promise.resolve({ kind: 'tokens', tokens } as Answer)

test('what an answer leaves out, or has empty, counts as not told, and the rotated token is there', async () => {
  const unknown = { tokenType: 'bearer', expiresIn: null, refreshExpiresIn: null, scopes: null, user: null }
  const rotated = { ...unknown, refreshToken: 'canary-2', digest: expect.any(String) as string, identity: null }
  const found = await present(accepted(), bringing({ accessToken: 'canary-1', refreshToken: 'canary-2' }))
  expect(found.verdict).toMatchObject({ kind: 'rotated', tokens: rotated })
  const kept = await present(accepted(), bringing({ accessToken: 'canary-1', refreshToken: '' }))
  expect(kept.verdict).toMatchObject({ kind: 'rotated', tokens: { ...unknown, refreshToken: null, digest: null } })
})

test.each([
  [300, 300],
  ['300', 300],
  [0, null],
  [-5, null],
  [Number.NaN, null],
  [Infinity, null],
])('a lifetime of %o seconds counts as %o', async (given, seconds) => {
  const tokens = { accessToken: 'canary-1', expiresIn: given, refreshExpiresIn: given }
  const { verdict } = await present(accepted(), bringing(tokens))
  expect(verdict).toMatchObject({ tokens: { expiresIn: seconds, refreshExpiresIn: seconds } })
})

test('a type in capitals is the same, and what is of another kind counts as not told', async () => {
  const odd = { accessToken: 'canary-1', tokenType: 'Bearer', refreshToken: 5, scopes: 'a b' }
  const { verdict } = await present(accepted(), bringing(odd))
  expect(verdict).toMatchObject({ tokens: { tokenType: 'bearer', refreshToken: null, scopes: null } })
  const proved = await present(accepted(), bringing({ accessToken: 'canary-1', tokenType: 'DPoP' }))
  expect(proved.verdict).toMatchObject({ tokens: { tokenType: 'dpop' } })
})

test('users of no id are not one and the same account', async () => {
  const { verdict } = await present(accepted(), bringing({ accessToken: 'canary-1', user: { claims: {} } }))
  expect(verdict).toMatchObject({ kind: 'rotated', tokens: { identity: null } })
})

test.each([{ accessToken: '' }, { accessToken: 'canary\n1' }, { accessToken: 1 }, {}, undefined])(
  'tokens without an access token that a header takes (%o) are none',
  async (tokens) => {
    const { verdict } = await present(accepted(), async (io) => {
      await io.present(endpoint, { method: 'POST' })
      return bringing(tokens as object)()
    })
    expect(verdict.kind).toBe('unknown')
  },
)

test.each([
  ['of a kind that there is not', { kind: 'ok' }],
  ['that is none', undefined],
  [
    'that cannot be read',
    {
      kind: 'tokens',
      tokens: {
        accessToken: 'canary-1',
        get refreshToken(): string {
          throw new Error('canary')
        },
      },
    },
  ],
])('what was sent may be spent, where its provider makes of it an answer %s', async (_, answer) => {
  const { verdict } = await present(accepted(), async (io) => {
    await io.present(endpoint, { method: 'POST' })
    return answer as unknown as Answer
  })
  expect(verdict.kind).toBe('unknown')
})

test('what was not sent is unspent, whatever its provider makes of that', async () => {
  expect((await present(accepted(), async () => ({ kind: 'ok' }) as never)).verdict.kind).toBe('unspent')
})

test('what was sent and not answered within the limit may be spent', async () => {
  vi.mocked(globalThis.fetch).mockImplementation(() => new Promise(() => {}))
  const presented = present(
    using(async () => true),
    careless,
  )
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await presented).toMatchObject({ verdict: { kind: 'unknown', errorType: 'timeout' }, attempts: 1 })
})

test('no token follows a redirect, also of a provider that would let it', async () => {
  const following = async (io: ProviderIo): Promise<Answer> => {
    await io.present(endpoint, { method: 'POST', redirect: 'follow' })
    return failed
  }
  await present(
    using(async () => true),
    following,
  )
  expect(globalThis.fetch).toHaveBeenCalledExactlyOnceWith(endpoint, expect.objectContaining({ redirect: 'manual' }))
})

const confirmed = async (): Promise<boolean> => true
const throwing = (error: unknown) => async (): Promise<Answer> => {
  throw error
}

test.each([
  ['(TypeError) ', new TypeError('canary_token')],
  ['(ReferenceError) ', new ReferenceError('canary_token')],
  ['', Object.assign(new Error('canary_token'), { name: 'canary_token' })],
  [
    '',
    Object.defineProperty({}, 'name', {
      get() {
        throw new Error('canary_token')
      },
    }),
  ],
  ['', null],
])('a provider that throws before it has asked for anything is named %s as what has failed', async (kind, error) => {
  const { verdict, attempts } = await present(using(confirmed), throwing(error))
  const message = `The provider threw ${kind}before it sent anything through \`io\`. Look for the fault there. The session is kept.`
  expect([verdict.kind, attempts]).toEqual(['unspent', 0])
  expect(verdict).toMatchObject({ error: { code: 'network', message } })
})

test.each<[string, (io: ProviderIo) => Promise<unknown>, string]>([
  ['the token', (io) => io.present(endpoint, { method: 'POST' }), 'unknown'],
  ['something else first', (io) => io.fetch(endpoint), 'unspent'],
])('a provider whose request for %s fails could not reach the server', async (_, ask, kind) => {
  vi.mocked(globalThis.fetch).mockRejectedValue(new TypeError('fetch failed'))
  const { verdict } = await present(using(confirmed), async (io) => {
    await ask(io)
    return failed
  })
  expect(verdict.kind).toBe(kind)
  // Nobody but a browser asks what an origin is allowed.
  const message = 'The authorization server could not be reached. Check the network. The session is kept.'
  expect(verdict).toMatchObject({ error: { code: 'network', message } })
})

test('in a browser a server that could not be reached may not allow the origin', async () => {
  vi.stubGlobal('location', new URL('https://app.example.test/'))
  vi.mocked(globalThis.fetch).mockRejectedValue(new TypeError('fetch failed'))
  const { verdict } = await present(using(confirmed), (io) => io.present(endpoint).then(() => failed))
  vi.unstubAllGlobals()
  expect(verdict).toMatchObject({
    error: { message: expect.stringMatching(/network, and that the server .*\(CORS\)\./) },
  })
})
