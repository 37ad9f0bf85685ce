import {
  alterAnswer,
  blocked,
  busy,
  contention,
  emptyAnswer,
  type Fault,
  htmlAnswer,
  invalidClient,
  invalidDpopProof,
  invalidScope,
  loseAnswer,
  loseRequest,
  oauthFailure,
  redirected,
  serverError,
  unauthorizedClient,
  withoutAccessToken,
} from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createFailingStore, letTokensDie, slotsOf } from '../support/stores.ts'

const harmless: [string, Fault][] = [
  ...([408, 425, 429, 503] as const).map((status): [string, Fault] => [`${status}`, busy({ status })]),
  ...[500, 502, 504].map((status): [string, Fault] => [`${status}`, serverError({ status })]),
  ['the HTML of a firewall', blocked()],
  ['the HTML of a captive portal', htmlAnswer()],
  ['an empty body', emptyAnswer()],
  ['a redirect', redirected('https://elsewhere.example.test/')],
  ['an answer without a token', withoutAccessToken()],
  ['an answer that is no object', alterAnswer(() => null)],
  ['a lost answer', loseAnswer()],
  ['a lost request', loseRequest()],
  ['invalid_client', invalidClient()],
  ['unauthorized_client', unauthorizedClient()],
  ['invalid_scope', invalidScope()],
  ['invalid_dpop_proof', invalidDpopProof()],
  ['use_dpop_nonce', oauthFailure('use_dpop_nonce')],
  ['contention at the server', contention()],
  ['a server that wants to ask the user', oauthFailure('interaction_required')],
  ['an error code that nobody knows', oauthFailure('canary_error')],
  ['an error code that every object has', oauthFailure('constructor')],
]

describe.each(harmless)('%s ends nothing', (_, fault) => {
  test('the access token that still lives is served, the app stays signed in, and what is stored stays as it was', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    const before = await signIn(auth)
    const stored = await slotsOf(storage)
    server.faults.always(fault, { grant: 'refresh_token' })

    const { data, error } = await auth.refreshSession()

    expect(error).not.toBeNull()
    expect(data.session).toBe(before)
    expect((await auth.getSession()).data.session).toBe(before)
    expect(auth.getSnapshot()).toEqual({ status: 'signed-in', session: before })
    expect(await slotsOf(storage)).toEqual(stored)
  })

  test('where the access token is dead, the app stays signed in, marked stale', async () => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    await letTokensDie(storage)
    server.faults.always(fault, { grant: 'refresh_token' })
    const auth = createClient({ storage })

    const { data, error } = await auth.getSession()

    expect(error).not.toBeNull()
    expect(data.session?.stale).toBe(true)
    expect(auth.getSnapshot()).toMatchObject({ status: 'stale', session: { revision: 1 } })
    // Configuration, and a server that wants the user: their errors have no time of the next try.
    expect(auth.getSnapshot()).toHaveProperty('retryAt', expect.any(Number))
  })

  test('and all who joined are told the same, as a value', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.always(fault, { grant: 'refresh_token' })

    const [first, ...joined] = await Promise.all(Array.from({ length: 4 }, () => auth.refreshSession()))

    expect(first?.error).not.toBeNull()
    expect(joined).toEqual([first, first, first])
  })
})

test.each([
  ['invalid_grant', 400],
  ['token_inactive', 401],
])('a session ends by %s', async (code, status) => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.faults.always(oauthFailure(code, { status }), { grant: 'refresh_token' })
  expect((await auth.refreshSession()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'rejected' })
})

test('a refresh that hangs marks the snapshot stale, as callers are told, once their patience is over, and not before', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const auth = createClient({ storage })
  const seen: string[] = []
  auth.subscribe(() => seen.push(auth.getSnapshot().status))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const asking = [auth.getSession(), auth.getSession({}), auth.refreshSession()]
  await gate.arrived
  expect(auth.getSnapshot().status).toBe('signed-in')
  await vi.advanceTimersByTimeAsync(10_000)
  for (const { data, error } of await Promise.all(asking))
    expect([data.session?.stale, error?.code]).toEqual([true, 'timeout'])
  expect(auth.getSnapshot()).toMatchObject({ status: 'stale', error: { code: 'timeout' }, session: { stale: true } })
  expect(seen).toEqual(['signed-in', 'stale'])
  gate.release()
  while (auth.getSnapshot().status === 'stale') await new Promise((resolve) => setImmediate(resolve))
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { revision: 2 } })
})

test('a session without a refresh token ends when its access token is dead, and says so', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  server.faults.next(
    alterAnswer((body) => ({ ...body, refresh_token: undefined })),
    { grant: 'authorization_code' },
  )
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const auth = createClient({ storage })

  const { data, error } = await auth.getSession()

  expect(data.session).toBeNull()
  expect(error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
})

test('a store that fails says nothing about the session', async () => {
  const { createClient, signIn } = setUp()
  const { store, fail } = createFailingStore()
  const auth = createClient({ storage: store })
  const before = await signIn(auth)
  fail()

  const { data, error } = await auth.refreshSession()

  expect(error?.code).toBe('storage_error')
  expect(data.session).toBe(before)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('a rotation whose answer has null members is a session all the same', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  const before = await signIn(auth)
  server.faults.next(
    alterAnswer((body) => ({ ...body, scope: null, id_token: null, refresh_token_expires_in: null })),
    { grant: 'refresh_token' },
  )

  const { data, error } = await auth.refreshSession()

  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 2, scopes: before.scopes, user: before.user })
})
