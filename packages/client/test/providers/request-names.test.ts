import { describe, expect, expectTypeOf, test } from 'vitest'
import { setUp as setUpOAuth } from '../support/app.ts'
import { ada, type GoTrueClient, setUp, signIn } from '../support/gotrue-app.ts'
import type {
  AnonymousSignIn,
  GoTrueMethods,
  OAuthSignIn,
  OtpSignIn,
  PasswordSignIn,
  requestNames,
} from '../../src/providers/gotrue-requests.ts'

const newcomer = { email: 'canary.new@example.test', password: 'canary_new' } as const
const otp = { method: 'otp', email: newcomer.email } as const

type Ask = (auth: GoTrueClient) => Promise<{ readonly error: unknown }>
type Request = Record<string, unknown>

const asking = {
  signIn:
    (request: Request): Ask =>
    (auth) =>
      auth.signIn(request as never),
  signUp:
    (more: Request): Ask =>
    (auth) =>
      auth.signUp({ ...newcomer, ...more } as never),
  verifyOtp:
    (more: Request): Ask =>
    (auth) =>
      auth.verifyOtp({ type: 'email', email: ada.email, ...more } as never),
  updateUser:
    (changes: Request): Ask =>
    (auth) =>
      auth.updateUser(changes as never),
  reset:
    (request: Request): Ask =>
    (auth) =>
      auth.resetPasswordForEmail(ada.email, request as never),
}

describe('a name that there is none of is refused before anything is sent, and the right one is offered', () => {
  test.each<[string, Ask, string]>([
    ['signIn', asking.signIn({ ...otp, shouldCreateUser: false }), '`shouldCreateUser`. Did you mean `createUser`?'],
    ['signIn', asking.signIn({ ...otp, emailRedirectTo: '/' }), '`emailRedirectTo`. There are: method, '],
    ['signIn', asking.signIn({ ...ada, method: 'password', captcha: 'x' }), 'Did you mean `captchaToken`?'],
    ['signIn', asking.signIn({ method: 'oauth', provider: 'x', redirectTo: '/' }), ', returnTo'],
    ['signIn', asking.signIn({ method: 'oauth', provider: 'x', scope: 'repo' }), 'Did you mean `scopes`?'],
    ['signIn', asking.signIn({ method: 'anonymous', metadata: {} }), 'Did you mean `data`?'],
    ['signUp', asking.signUp({ dat: {} }), 'Did you mean `data`?'],
    ['verifyOtp', asking.verifyOtp({ token_hash: 'x' }), 'Did you mean `tokenHash`?'],
    ['updateUser', asking.updateUser({ current_password: 'x' }), 'Did you mean `currentPassword`?'],
    ['updateUser', asking.updateUser({ email: newcomer.email, datas: {} }), 'Did you mean `data`?'],
    ['resetPasswordForEmail', asking.reset({ redirectTo: '/' }), '`redirectTo`. There are: '],
  ])('by %s, case %#', async (method, ask, hint) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const session = await signIn(auth)
    const sent = server.log.length
    const { error } = await ask(auth)
    expect(error).toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining(`${method}(): There is no option`),
    })
    expect(error).toMatchObject({ message: expect.stringContaining(hint) })
    expect(server.log.length).toBe(sent)
    expect(server.users).toHaveLength(2)
    expect((await auth.getSession()).data.session).toBe(session)
  })
})

test.each<[string, Ask]>([
  ['signIn', asking.signIn({ ...otp, options: { shouldCreateUser: false } })],
  ['signUp', asking.signUp({ options: { data: {} } })],
  ['verifyOtp', asking.verifyOtp({ options: { captchaToken: 'x' } })],
])('`options`, which auth-js has, does not swallow what is in it: %s', async (method, ask) => {
  const { server, createClient } = setUp()
  const message = `${method}(): There is no option \`options\`. Put what is in it beside the others.`
  expect((await ask(createClient())).error).toMatchObject({ code: 'invalid_option', message })
  expect(server.users).toHaveLength(2)
})

test.each([
  ['login_hint', 'There is no option `login_hint`. Did you mean `loginHint`?'],
  ['returnto', 'There is no option `returnto`. Did you mean `returnTo`?'],
  ['authorizationParams', 'There is no option `authorizationParams`. There are: '],
])('oauth() refuses `%s` as well', async (typed, sentence) => {
  const auth = setUpOAuth().createClient()
  const { data, error } = await auth.signIn({ [typed]: 'x' })
  expect(data.url).toBeNull()
  expect(error?.code).toBe('invalid_option')
  expect(error?.message).toContain(`signIn(): ${sentence}`)
})

test('a button may call signIn() and signOut() itself: its event names nothing', async () => {
  // As React's is: its methods are its class's, and what it tells its own.
  const event = Object.assign(Object.create({ preventDefault() {} }) as object, { _reactName: 'onClick' }) as never
  const auth = setUpOAuth().createClient()
  expect((await auth.signIn(event)).data.url).toMatch(/^https:/)
  expect((await auth.signOut(event)).error).toBeNull()
})

test('a sign-out that is misspelt ends nothing, and says so', async () => {
  const { createClient } = setUp()
  const auth = createClient()
  const session = await signIn(auth)
  const { data, error } = await auth.signOut({ redirct: '/' } as never)
  expect([data, error?.code]).toEqual([{ url: null }, 'invalid_option'])
  expect(error?.message).toBe('signOut(): There is no option `redirct`. Did you mean `redirect`?')
  expect((await auth.getSession()).data.session).toBe(session)
  expect((await auth.signOut({ scope: 'local', signal: undefined, otelContext: undefined })).error).toBeNull()
})

test('every name that a request has is known, and no other', () => {
  type Names = typeof requestNames
  type Of<Union> = Union extends unknown ? keyof Union : never
  type Given<Method extends keyof GoTrueMethods, At extends number = 0> = Of<
    NonNullable<Parameters<GoTrueMethods[Method]>[At]>
  >
  expectTypeOf<Names['signIn']['password'][number]>().toEqualTypeOf<Of<PasswordSignIn> | 'add'>()
  expectTypeOf<Names['signIn']['otp'][number]>().toEqualTypeOf<Of<OtpSignIn> | 'add'>()
  expectTypeOf<Names['signIn']['oauth'][number]>().toEqualTypeOf<Of<OAuthSignIn> | 'add'>()
  expectTypeOf<Names['signIn']['anonymous'][number]>().toEqualTypeOf<Of<AnonymousSignIn> | 'add'>()
  expectTypeOf<Names['signUp'][number]>().toEqualTypeOf<Given<'signUp'>>()
  expectTypeOf<Names['verifyOtp'][number]>().toEqualTypeOf<Given<'verifyOtp'>>()
  expectTypeOf<Names['updateUser'][number]>().toEqualTypeOf<Given<'updateUser'>>()
  expectTypeOf<Names['resetPasswordForEmail'][number]>().toEqualTypeOf<Given<'resetPasswordForEmail', 1>>()
})
