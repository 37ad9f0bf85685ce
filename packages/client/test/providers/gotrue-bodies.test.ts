import { describe, expect, test } from 'vitest'
import type { AuthError } from '../../src/index.ts'
import { codeOf } from '../../src/providers/gotrue-refusals.ts'
import { ada, answering, expectSentence, type GoTrueClient, setUp, signIn } from '../support/gotrue-app.ts'

const refresh = { grant: 'refresh_token' } as const

test('of two codes in an error body the named one counts: the other may be the status in words', () => {
  expect(codeOf({ code: 'bad_request', error_code: 'user_banned' })).toBe('user_banned')
  expect(codeOf({ code: 'user_banned', error_description: 'Session expired' })).toBe('user_banned')
})

test.each([
  [{ error: 'invalid_grant' }, 'invalid_grant'],
  [{ error: 'invalid_grant', code: 401 }, 'invalid_grant'],
  [{ error: 'invalid_grant', error_description: 'canary' }, 'invalid_grant'],
  [{ error: 'invalid_grant', error_description: 'canary', code: 401 }, 'invalid_grant'],
  [{ code: 401, msg: 'canary' }, '401'],
  [{ code: 401 }, null],
  [{ msg: 'canary' }, null],
  [{ error: { code: 401 }, error_description: ['canary'] }, null],
])('the code of %j is %j', (body, code) => {
  expect(codeOf(body)).toBe(code)
})

describe('an error body of each age means the same', () => {
  const bodies = {
    'current, undated': { code: 400, error_code: 'refresh_token_already_used', msg: 'canary' },
    'current, dated': { code: 'refresh_token_already_used', message: 'canary' },
    'from before there were codes': {
      error: 'invalid_grant',
      error_description: 'Invalid Refresh Token: Already Used',
    },
    'older still': { code: 400, msg: 'Invalid Refresh Token: Already Used' },
  }
  test.each(Object.entries(bodies))('%s', async (_, body) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(answering(body), refresh)
    const { data, error } = await auth.refreshSession()
    expect(data.session).toBeNull()
    expect(error?.code).toBe('session_ended')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'reuse' })
  })

  test('before there were codes, of a refresh token that is none', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(answering({ code: 400, msg: 'Invalid Refresh Token' }), refresh)
    expect((await auth.refreshSession()).error?.code).toBe('session_ended')
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'rejected' })
  })

  const next = { email: 'canary.next@example.test', password: 'canary_next' } as const
  const proof = { type: 'email', email: ada.email, token: '0' } as const
  const asking: readonly (readonly [string, (auth: GoTrueClient) => Promise<{ error: AuthError | null }>])[] = [
    ['invalid_credentials', (auth) => auth.signIn({ method: 'password', email: ada.email, password: 'wrong' })],
    ['otp_expired', (auth) => auth.verifyOtp(proof)],
    ['weak_password', (auth) => auth.signUp({ ...next, password: 'short' })],
    ['weak_password', (auth) => auth.updateUser({ password: 'short' })],
    ['user_exists', (auth) => auth.signUp(ada)],
    ['user_exists', (auth) => auth.updateUser({ email: 'canary.grace@example.test' })],
    ['method_disabled', (auth) => auth.signIn({ method: 'otp', email: next.email, createUser: false })],
    ['reauthentication_needed', (auth) => auth.updateUser({ password: next.password })],
    ['otp_expired', (auth) => auth.updateUser({ password: next.password, nonce: '0' })],
    // What has no meaning to a user.
    ['request_refused', (auth) => auth.verifyOtp({ ...proof, token: '' })],
  ]
  test.each((['current', 'legacy'] as const).flatMap((errors) => asking.map((ask) => [errors, ...ask] as const)))(
    'of what a user asks for (%s): %s, case %#',
    async (errors, code, ask) => {
      const { createClient } = setUp({ errors, autoconfirm: true, reauthentication: true })
      const auth = createClient()
      await signIn(auth)
      const { error } = await ask(auth)
      expect(error?.code).toBe(code)
      expectSentence(error)
    },
  )

  test.each(['current', 'legacy'] as const)('of the password there was (%s)', async (errors) => {
    const { createClient } = setUp({ errors })
    const auth = createClient()
    await signIn(auth)
    expect((await auth.updateUser({ password: ada.password })).error?.code).toBe('same_password')
  })

  test.each(['current', 'legacy'] as const)('of an access token that has died (%s)', async (errors) => {
    const { server, createClient } = setUp({ errors })
    const auth = createClient()
    await signIn(auth)
    server.expireAccessTokens()
    expect((await auth.updateUser({ data: { full_name: 'Countess' } })).data.user?.name).toBe('Countess')
  })

  test.each([
    ['Signups not allowed for this instance', 'method_disabled'],
    ['Anonymous sign-ins are disabled', 'method_disabled'],
    ['Email logins are disabled', 'method_disabled'],
    ['Unsupported provider: provider is not enabled', 'method_disabled'],
    ['captcha protection: request disallowed (canary)', 'captcha_failed'],
    ['User is banned', 'user_banned'],
    ['Phone not confirmed', 'not_confirmed'],
  ])('of a text from before there were codes: %s', async (msg, code) => {
    const { server, createClient } = setUp()
    server.faults.next(answering({ code: 422, msg }, 422), { endpoint: 'otp' })
    const { error } = await createClient().signIn({ method: 'otp', email: ada.email })
    expect(error?.code).toBe(code)
    expectSentence(error)
  })

  test('a code of no meaning is the server’s all the same, and does not speak of the key', async () => {
    const { server, createClient } = setUp()
    server.faults.next(answering({ code: 401, msg: 'canary' }, 401), { endpoint: 'verify' })
    expect((await createClient().verifyOtp(proof)).error?.code).toBe('request_refused')
  })

  test.each(['current', 'legacy'] as const)('of a wrong password (%s)', async (errors) => {
    const { createClient } = setUp({ errors })
    const { data, error } = await createClient().signIn({ method: 'password', email: ada.email, password: 'wrong' })
    expect(data.session).toBeNull()
    expect(error?.code).toBe('invalid_credentials')
    expectSentence(error)
  })
})
