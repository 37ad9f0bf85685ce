import { expect, test } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { toAnswer } from '../../src/providers/gotrue-server.ts'
import { ada, setUp, signIn } from '../support/gotrue-app.ts'
import { createRealm } from '../support/realm.ts'

/** A client, and what it sends. */
function setUpSpied() {
  const { server, createClient } = setUp({ autoconfirm: true })
  const sent: { url: URL; init: RequestInit; body: unknown }[] = []
  const fetch: typeof globalThis.fetch = (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    sent.push({ url, init, body: typeof init.body === 'string' ? JSON.parse(init.body) : null })
    return server.fetch(input, init)
  }
  const realm = createRealm({ fetch })
  const auth = createClient({}, (options) => createAuthClientIn(realm, options))
  return { auth, sent, bodies: () => sent.flatMap(({ body }) => body ?? []) }
}

test('what an app says in its own words is sent under the names that the server knows', async () => {
  const { auth, bodies } = setUpSpied()
  const captcha = { captchaToken: 'captcha-1' }
  const gotrue_meta_security = { captcha_token: 'captcha-1' }
  await auth.signIn({ method: 'password', ...ada, ...captcha })
  await auth.updateUser({ password: 'canary_next', currentPassword: 'canary_old', nonce: '123456', data: { a: 1 } })
  await auth.signIn({
    method: 'otp',
    phone: '+15550100',
    channel: 'whatsapp',
    createUser: false,
    data: { a: 1 },
    ...captcha,
  })
  await auth.signIn({ method: 'anonymous', ...captcha })
  await auth.signUp({ phone: '+15550109', password: 'canary_new', channel: 'sms', data: { a: 1 }, ...captcha })
  await auth.verifyOtp({ type: 'phone_change', phone: '+15550109', token: '123456' })
  await auth.resetPasswordForEmail(ada.email, captcha)
  expect(bodies()).toMatchObject([
    { ...ada, gotrue_meta_security },
    { password: 'canary_next', current_password: 'canary_old', nonce: '123456', data: { a: 1 } },
    { phone: '+15550100', channel: 'whatsapp', create_user: false, data: { a: 1 }, gotrue_meta_security },
    { data: {}, gotrue_meta_security },
    { phone: '+15550109', password: 'canary_new', channel: 'sms', data: { a: 1 }, gotrue_meta_security },
    { type: 'phone_change', phone: '+15550109', token: '123456' },
    { email: ada.email, code_challenge_method: 's256', gotrue_meta_security },
  ])
})

test('nothing but the path, the grant, the scope and the way back stands in an address', async () => {
  const { auth, sent } = setUpSpied()
  await signIn(auth)
  await auth.refreshSession()
  await auth.updateUser({ email: 'canary.next@example.test' })
  await auth.signOut({ scope: 'global' })
  await expect.poll(() => sent.length).toBe(4)
  const seen = sent.map(({ url }) => [url.pathname.replace('/auth/v1', ''), ...url.searchParams.keys()].join(' '))
  expect(seen).toEqual(['/token grant_type', '/token grant_type', '/user redirect_to', '/logout scope'])
  expect(sent.map(({ url }) => url.href).join(' ')).not.toMatch(/canary/)
})

test('requests carry the key and no cookies, follow no redirect, and are not cached', async () => {
  const { auth, sent } = setUpSpied()
  await signIn(auth)
  await auth.refreshSession()
  await auth.getUser()
  for (const { init } of sent) {
    expect(init).toMatchObject({ credentials: 'omit', cache: 'no-store', redirect: 'manual' })
    expect(new Headers(init.headers).get('apikey')).toBe('sb_publishable_test')
  }
  // The key of a project is nobody's token.
  expect(sent.map(({ init }) => new Headers(init.headers).has('authorization'))).toEqual([false, false, true])
})

test('what has a body says of which kind it is, and what has none does not', async () => {
  const { auth, sent } = setUpSpied()
  await signIn(auth)
  await auth.getUser()
  const kinds = sent.map(({ init, body }) => [body !== null, new Headers(init.headers).get('content-type')])
  expect(kinds).toEqual([
    [true, 'application/json'],
    [false, null],
  ])
})

test.each([
  [60, 60],
  ['60', null],
  [undefined, null],
])('of an answer that names no user a lifetime of %j is %j seconds', (expires_in, seconds) => {
  const answer = toAnswer({ kind: 'json', json: { access_token: 'canary_access', expires_in } })
  expect(answer).toMatchObject({ kind: 'tokens', tokens: { expiresIn: seconds } })
})
