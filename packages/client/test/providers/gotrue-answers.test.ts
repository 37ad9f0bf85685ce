import {
  alterAnswer,
  emptyAnswer,
  type Fault,
  gotrueFailure,
  htmlAnswer,
  redirected,
  serverError,
  withoutAccessToken,
} from '@authflight/testing'
import { http, HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { type AuthError, type AuthSnapshot, isAuthError } from '../../src/index.ts'
import { recordAll } from '../support/observe.ts'
import { ada, answering, expectSentence, setUp, signIn } from '../support/gotrue-app.ts'

const refresh = { grant: 'refresh_token' } as const
const password = { grant: 'password' } as const

describe('of all answers to a refresh only one of these ends the session', () => {
  test.each([
    ['invalid_grant', 'rejected'],
    ['refresh_token_not_found', 'rejected'],
    ['refresh_token_already_used', 'reuse'],
    ['session_not_found', 'revoked'],
    ['session_expired', 'expired'],
    ['user_banned', 'revoked'],
    ['user_not_found', 'revoked'],
    // Of v2 tokens: one that this server did not issue.
    ['validation_failed', 'rejected'],
  ])('%s, as %s', async (code, reason) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(gotrueFailure(code), refresh)
    expect((await auth.refreshSession()).error?.code).toBe('session_ended')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason })
  })

  test.each<[string, Fault, string]>([
    ['a limit', gotrueFailure('over_request_rate_limit', { status: 429 }), 'rate_limited'],
    ['a conflict', gotrueFailure('conflict', { status: 409 }), 'malformed_response'],
    ['a failure', gotrueFailure('unexpected_failure', { status: 500 }), 'server_error'],
    ['a hook that takes too long', gotrueFailure('hook_timeout', { status: 422 }), 'malformed_response'],
    ['a gateway that does not know the key', answering({ message: 'Invalid API key' }, 401), 'invalid_client'],
    ['a gateway without a route', answering({ message: 'no Route matched' }, 404), 'malformed_response'],
    ['a name of every object', gotrueFailure('__proto__'), 'malformed_response'],
    ['another name of every object', answering({ error: 'toString' }), 'malformed_response'],
    ['a code that is none', answering({ error_code: 7, code: null, error: ['invalid_grant'] }), 'malformed_response'],
    ['a list', answering(['invalid_grant']), 'malformed_response'],
    ['nothing', emptyAnswer(), 'malformed_response'],
    ['a page', htmlAnswer(), 'malformed_response'],
    ['a failure without words', serverError(), 'server_error'],
    ['no token', withoutAccessToken(), 'malformed_response'],
    ['a token that is none', alterAnswer((body) => ({ ...body, access_token: { canary: 1 } })), 'malformed_response'],
    [
      'a token that no header takes',
      alterAnswer((body) => ({ ...body, access_token: 'canary\nx' })),
      'malformed_response',
    ],
  ])('not %s', async (_, fault, code) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const session = await signIn(auth)
    server.faults.next(fault, refresh)
    const { data, error } = await auth.refreshSession()
    expect(error?.code).toBe(code)
    expectSentence(error)
    expect(data.session).toBe(session)
    expect(auth.getSnapshot().status).not.toBe('signed-out')
  })
})

describe('where no server of GoTrue is, the fix is named', () => {
  const fix = expect.stringMatching(/\(404\).*`url`.*\/auth\/v1/)
  const told = { code: 'malformed_response', status: 404, message: fix }

  test.each([
    [
      'the host of a project',
      () => HttpResponse.json({ message: 'no Route matched with those values' }, { status: 404 }),
    ],
    ['a server that has it elsewhere', () => new HttpResponse('404 page not found', { status: 404 })],
    ['nothing at all', () => new HttpResponse(null, { status: 404 })],
  ])('%s', async (_, answer) => {
    const { network, createClient } = setUp()
    const auth = createClient()
    network.use(http.all('*', answer))
    const comings = [
      auth.signIn({ method: 'password', ...ada }),
      auth.signIn({ method: 'otp', email: ada.email }),
      auth.signUp({ email: 'canary.new@example.test', password: 'canary_new' }),
      auth.resetPasswordForEmail(ada.email),
    ]
    for (const { error } of await Promise.all<{ error: AuthError | null }>(comings)) {
      expect(error).toMatchObject(told)
      expect(error?.message).not.toMatch(/session/)
    }

    network.resetHandlers()
    const session = await signIn(auth)
    network.use(http.all('*', answer))
    expect((await auth.updateUser({ data: {} })).error).toMatchObject(told)
    const { data, error } = await auth.refreshSession()
    expect(data.session).toBe(session)
    expect(error).toMatchObject(told)
    expect(error?.message).toMatch(/session is kept/)
  })
})

test.each<[string, Record<string, unknown>]>([
  ['no lifetime', { expires_in: undefined }],
  ['a negative one', { expires_in: -5 }],
  ['words', { expires_in: 'soon' }],
  ['a user that is a number', { user: 7 }],
  ['a user without id', { user: { email: 'canary' } }],
  ['metadata that are none', { user: { id: 'canary_sub_ada', user_metadata: 'x' } }],
])('what is odd beside good tokens costs no session: %s', async (_, odd) => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const before = await signIn(auth)
  server.faults.next(
    alterAnswer((body) => ({ ...body, ...odd })),
    refresh,
  )
  const { data, error } = await auth.refreshSession()
  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 2, user: { id: before.user?.id } })
})

describe('a refusal is told by what can be done about it', () => {
  test.each([
    ['invalid_credentials', 'invalid_credentials'],
    ['email_not_confirmed', 'not_confirmed'],
    ['phone_not_confirmed', 'not_confirmed'],
    ['user_banned', 'user_banned'],
    ['captcha_failed', 'captcha_failed'],
    ['email_provider_disabled', 'method_disabled'],
    ['anonymous_provider_disabled', 'method_disabled'],
    ['weak_password', 'weak_password'],
    ['insufficient_aal', 'insufficient_aal'],
    ['validation_failed', 'request_refused'],
    ['something_new', 'request_refused'],
    ['constructor', 'request_refused'],
  ])('%s is %s', async (code, told) => {
    const { server, createClient } = setUp()
    server.faults.next(gotrueFailure(code, { status: 422 }), password)
    const { error } = await createClient().signIn({ method: 'password', ...ada })
    expect(error?.code).toBe(told)
    expectSentence(error)
  })

  test.each<[string, Fault, string]>([
    ['a limit', gotrueFailure('over_email_send_rate_limit', { status: 429 }), 'rate_limited'],
    ['a failure', serverError(), 'server_error'],
    ['a page', htmlAnswer(), 'malformed_response'],
    [
      'a gateway that does not know the key',
      answering({ message: 'No API key found in request' }, 401),
      'invalid_client',
    ],
  ])('and what is none, %s, by what it is, without a word of a session that is kept', async (_, fault, told) => {
    const { server, createClient } = setUp()
    for (const endpoint of ['otp', 'signup', 'verify', 'recover'] as const) server.faults.always(fault, { endpoint })
    const auth = createClient()
    const results = [
      await auth.signIn({ method: 'otp', email: ada.email }),
      await auth.signUp(ada),
      await auth.verifyOtp({ type: 'email', email: ada.email, token: '1' }),
      await auth.resetPasswordForEmail(ada.email),
    ]
    for (const { error } of results) {
      expect(error?.code).toBe(told)
      expectSentence(error)
      expect(error?.message).not.toMatch(/session is kept/)
    }
  })
})

test('a limit is one for who changes or asks about a user, too, and the session stays', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const session = await signIn(auth)
  const limit = gotrueFailure('over_email_send_rate_limit', { status: 429 })
  for (const endpoint of ['user', 'reauthenticate'] as const) server.faults.always(limit, { endpoint })
  const results = [
    await auth.updateUser({ email: 'canary.next@example.test' }),
    await auth.getUser(),
    await auth.reauthenticate(),
  ]
  for (const { error } of results) {
    expect(error).toMatchObject({ name: 'AuthRetryableFetchError', code: 'rate_limited', status: 429 })
    expectSentence(error)
  }
  expect((await auth.getSession()).data.session).toBe(session)
})

test('no password and no token is sent on to where an answer redirects', async () => {
  const { server, network, createClient } = setUp()
  const auth = createClient()
  await signIn(auth)
  let visits = 0
  const elsewhere = 'https://elsewhere.example.test/'
  network.use(http.all(elsewhere, () => HttpResponse.json({ visits: (visits += 1) })))
  for (const endpoint of ['token', 'user', 'verify'] as const) {
    server.faults.always(redirected(elsewhere), { endpoint })
  }
  const errors = [
    (await auth.signIn({ method: 'password', ...ada })).error,
    (await auth.getUser()).error,
    (await auth.verifyOtp({ type: 'email', email: ada.email, token: '1' })).error,
    (await auth.refreshSession()).error,
  ]
  expect(errors.map((error) => error?.code)).toEqual(Array(4).fill('malformed_response'))
  expect(visits).toBe(0)
})

test('a session that the server has ended is found out by whoever asks about its user', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.revokeSessions()
  expect((await auth.getUser()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out', reason: 'rejected' })
})

const wrongKey = answering({ message: 'Invalid API key' }, 401)

describe('a code that comes back is refused by what can be done about it', () => {
  test.each<[string, Fault, string]>([
    ['user_banned', gotrueFailure('user_banned'), 'user_banned'],
    ['provider_disabled', gotrueFailure('provider_disabled'), 'method_disabled'],
    ['signup_disabled', gotrueFailure('signup_disabled', { status: 422 }), 'method_disabled'],
    ['validation_failed', gotrueFailure('validation_failed'), 'request_refused'],
    ['a gateway that does not know the key', wrongKey, 'invalid_client'],
    ['a limit', gotrueFailure('over_request_rate_limit', { status: 429 }), 'rate_limited'],
    ['a failure', gotrueFailure('unexpected_failure', { status: 500 }), 'server_error'],
    ['a page', htmlAnswer(), 'malformed_response'],
    ['flow_state_expired', gotrueFailure('flow_state_expired', { status: 422 }), 'sign_in_failed'],
    ['bad_code_verifier', gotrueFailure('bad_code_verifier'), 'sign_in_failed'],
  ])('%s', async (_, fault, told) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { data } = await auth.signIn({ method: 'oauth', provider: 'github' })
    const back = await server.authorize(data.url ?? '')
    server.faults.next(fault, { grant: 'pkce' })
    const { error } = await auth.handleRedirect(back)
    expect(error?.code).toBe(told)
    expectSentence(error)
    expect(error?.message.includes('it took too long or was used before')).toBe(told === 'sign_in_failed')
    expect(error?.message).not.toMatch(/session is kept/)
    // Whose code was not looked at may come again.
    expect((await auth.handleRedirect(back)).error?.code).toBe(told === 'rate_limited' ? undefined : 'callback_unknown')
  })
})

test('a wrong key is told by its name, at a refresh and at an exchange, and no client id, which there is none of here', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const session = await signIn(auth)
  const { data } = await auth.signIn({ method: 'oauth', provider: 'github', add: true })
  const back = await server.authorize(data.url ?? '')
  server.faults.always(wrongKey, { endpoint: 'token' })
  const asked = [await auth.refreshSession(), await auth.handleRedirect(back)]
  for (const { error } of asked)
    expect(error).toMatchObject({ code: 'invalid_client', message: expect.stringContaining('`apiKey`') })
  expect(asked.map(({ data }) => data.session)).toEqual([session, null])
  expect((await auth.getSession()).data.session).toBe(session)
})

test.each([
  ['?code=a&code=b&state=STATE', 'callback_invalid'],
  ['?error=server_error&error_description=canary&state=STATE', 'sign_in_failed'],
  ['?code=a&error=x&state=STATE', 'sign_in_failed'],
  ['?error_code=__proto__&state=STATE', 'sign_in_failed'],
  ['?code=canary_forged&state=STATE', 'sign_in_failed'],
])('a callback %s is refused in words, and its sign-in is over', async (query, code) => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const { data } = await auth.signIn({ method: 'oauth', provider: 'github' })
  const back = new URL(new URL(data.url ?? '').searchParams.get('redirect_to') ?? '')
  const forged = `https://app.example.test/${query.replace('STATE', back.searchParams.get('state') ?? '')}`
  const { error } = await auth.handleRedirect(forged)
  expect(error?.code).toBe(code)
  expectSentence(error)
  const real = await server.authorize(data.url ?? '', { user: 'ada' })
  expect((await auth.handleRedirect(real)).error?.code).toBe('callback_unknown')
})

test('a callback of somebody else’s is nobody’s here', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  expect(await auth.handleRedirect('https://app.example.test/?code=x&state=y')).toEqual({
    data: { session: null },
    error: null,
  })
  expect(server.count('token')).toBe(0)
})

test('no record, error or event holds a token, a code, a password, a number or an address', async () => {
  const observed = recordAll()
  const { server, createClient } = setUp({ reauthentication: true })
  const auth = createClient()
  const output: unknown[] = []
  auth.onAuthStateChange((event, _session, details) => void output.push(event, details))
  const told = (result: { readonly error: AuthError | null }): void => void output.push(result.error)
  await signIn(auth)
  told(await auth.updateUser({ password: 'canary_password_grace' }))
  told(await auth.updateUser({ email: 'canary.grace@example.test', phone: '+15550101' }))
  await auth.reauthenticate()
  const code = server.messages.at(-1)?.code ?? ''
  told(await auth.verifyOtp({ type: 'email', email: ada.email, token: code }))
  told(await auth.signUp({ phone: '+15550100', password: 'canary' }))
  told(await auth.signIn({ method: 'password', ...ada, password: 'wrong' }))
  server.faults.next(answering({ error_code: 'x', msg: ada.email }), refresh)
  told(await auth.refreshSession())
  server.faults.next(gotrueFailure('refresh_token_not_found'), refresh)
  told(await auth.refreshSession())
  const text = JSON.stringify([observed.records, output], (_key, value: unknown) =>
    value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
  )
  expect(output.some(isAuthError)).toBe(true)
  expect(text).not.toMatch(/canary/)
  expect(await server.leaksIn(text)).toEqual([])
})

test('a snapshot is what an app renders: nothing of a sign-in that waits for its message is in it', async () => {
  const { createClient } = setUp()
  const auth = createClient()
  await auth.signIn({ method: 'otp', email: ada.email })
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: null } satisfies AuthSnapshot)
})
