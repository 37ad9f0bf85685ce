import { describe, expect, test } from 'vitest'
import { ada, answering, expectSentence, lastMessage, setUp, signIn } from '../support/gotrue-app.ts'

const newcomer = { email: 'canary.new@example.test', password: 'canary_new' } as const

describe('signing up', () => {
  test('signs in at once where the project confirms nobody', async () => {
    const { createClient } = setUp({ autoconfirm: true })
    const auth = createClient()
    const { data, error } = await auth.signUp({ ...newcomer, data: { theme: 'dark' } })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ email: newcomer.email, claims: { user_metadata: { theme: 'dark' } } })
    expect((await auth.getSession()).data.session).toBe(data.session)
  })

  test('else tells who has to confirm, signs nobody in or out, and the link comes back', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const before = await signIn(auth)
    const { data, error } = await auth.signUp(newcomer)
    expect(error).toBeNull()
    expect(data).toMatchObject({ session: null, user: { email: newcomer.email } })
    expect((await auth.getSession()).data.session).toBe(before)

    const back = await auth.handleRedirect(await server.follow(lastMessage(server).link))
    expect(back.data.session?.user?.email).toBe(newcomer.email)
    expect((await auth.accounts()).data.accounts).toHaveLength(1)
  })

  test('by phone, and its code', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const phone = '+15550109'
    expect((await auth.signUp({ phone, password: newcomer.password })).data.session).toBeNull()
    const { data, error } = await auth.verifyOtp({ type: 'sms', phone, token: lastMessage(server).code })
    expect(error).toBeNull()
    expect(data.user?.claims).toMatchObject({ phone })
  })

  test('for an address that is taken tells of nobody who is there', async () => {
    const { server, createClient } = setUp()
    const { data } = await createClient().signUp({ email: ada.email, password: newcomer.password })
    expect(data.session).toBeNull()
    expect(data.user?.id).not.toBe('canary_sub_ada')
    expect(server.messages).toEqual([])
  })
})

describe('a code', () => {
  test('signs in, by its address or its hash, once', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await auth.signIn({ method: 'otp', email: ada.email })
    const { code, tokenHash } = lastMessage(server)
    const proof = { type: 'email', email: ada.email, token: code } as const
    const { data, error } = await auth.verifyOtp(proof)
    expect(error).toBeNull()
    expect(data.user?.id).toBe('canary_sub_ada')
    expect(data.session).toBe((await auth.getSession()).data.session)
    expect((await auth.verifyOtp(proof)).error?.code).toBe('otp_expired')
    const spent = await createClient().verifyOtp({ type: 'email', tokenHash: tokenHash ?? '' })
    expect(spent.error?.code).toBe('otp_expired')

    await auth.signIn({ method: 'otp', email: ada.email })
    const other = createClient()
    const hashed = await other.verifyOtp({ type: 'email', tokenHash: lastMessage(server).tokenHash ?? '' })
    expect(hashed.data.user?.id).toBe('canary_sub_ada')
  })

  test('that signs nobody up where that is not wanted', async () => {
    const { createClient } = setUp()
    const { error } = await createClient().signIn({ method: 'otp', email: newcomer.email, createUser: false })
    expect(error?.code).toBe('method_disabled')
  })

  test('signs in beside who is shown, where that is asked for', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    await auth.signIn({ method: 'otp', phone: '+15550101', channel: 'sms' })
    await auth.verifyOtp({ type: 'sms', phone: '+15550101', token: lastMessage(server).code, add: true })
    const { data } = await auth.accounts()
    expect(data.accounts.map(({ user }) => user?.name).toSorted()).toEqual(['Ada Lovelace', 'Grace Hopper'])
  })
})

describe('changing a user', () => {
  test('keeps what the server tells, and tells it as USER_UPDATED', async () => {
    const { createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    const heard: string[] = []
    auth.onAuthStateChange((event, session) => void heard.push(`${event} ${session?.user?.name}`))
    const { data, error } = await auth.updateUser({ data: { full_name: 'Countess' } })
    expect(error).toBeNull()
    expect(data.user?.name).toBe('Countess')
    await expect.poll(() => heard).toEqual(['INITIAL_SESSION Ada Lovelace', 'USER_UPDATED Countess'])
    expect((await auth.getSession()).data.session).toMatchObject({ revision: 1, user: { name: 'Countess' } })
  })

  test('renews an access token that has died, and puts it again', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.expireAccessTokens()
    const { data, error } = await auth.updateUser({ data: { full_name: 'Countess' } })
    expect(error).toBeNull()
    expect(data.user?.name).toBe('Countess')
    expect(server.log.map(({ endpoint, status }) => `${endpoint} ${status}`).slice(-3)).toEqual([
      'user 403',
      'token 200',
      'user 200',
    ])
  })

  test('an address once it is confirmed: by code from both, or by the link, which comes back here', async () => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    const next = 'canary.next@example.test'
    expect((await auth.updateUser({ email: next })).data.user?.email).toBe(ada.email)
    const [old, young] = server.messages
    const half = await auth.verifyOtp({ type: 'email_change', email: ada.email, token: old?.code ?? '' })
    expect(half).toEqual({ data: { user: null, session: null }, error: null })
    expect((await auth.getSession()).data.session?.user?.email).toBe(ada.email)

    const { data, error } = await auth.handleRedirect(await server.follow(young?.link ?? ''))
    expect(error).toBeNull()
    expect(data.session?.user?.email).toBe(next)
  })

  test('a password, with the code of reauthenticate where the project asks for it', async () => {
    const { server, createClient } = setUp({ reauthentication: true })
    const auth = createClient()
    await signIn(auth)
    const change = { password: 'canary_new_password' }
    expect((await auth.updateUser(change)).error?.code).toBe('reauthentication_needed')
    expect(await auth.reauthenticate()).toEqual({ data: {}, error: null })
    expect((await auth.updateUser({ ...change, nonce: '0' })).error?.code).toBe('otp_expired')
    expect((await auth.updateUser({ ...change, nonce: lastMessage(server).code })).error).toBeNull()
    expect((await auth.signIn({ method: 'password', email: ada.email, ...change })).error).toBeNull()
  })

  test.each([
    [{ password: ada.password }, 'same_password'],
    [{ password: 'short' }, 'weak_password'],
    [{ email: 'canary.grace@example.test' }, 'user_exists'],
    [{ phone: '+15550101' }, 'user_exists'],
  ])('says why it does not: %j', async (change, code) => {
    const { createClient } = setUp()
    const auth = createClient()
    const { user } = await signIn(auth)
    const { data, error } = await auth.updateUser(change)
    expect(error?.code).toBe(code)
    expect(data.user).toEqual(user)
    expect(auth.getSnapshot().status).toBe('signed-in')
  })
})

describe('a weak password', () => {
  const words = { length: 'longer', characters: 'kinds of characters', pwned: 'leak' }

  test.each<[unknown, readonly string[], readonly string[]]>([
    [['length'], ['length'], ['longer']],
    [['characters'], ['characters'], ['kinds of characters']],
    [['pwned'], ['pwned'], ['leak']],
    [
      ['length', 'pwned'],
      ['length', 'pwned'],
      ['longer', 'leak'],
    ],
    [['pwned', 'canary', 7], ['pwned'], ['leak']],
    ['length', [], ['longer', 'kinds of characters']],
    [undefined, [], ['longer', 'kinds of characters']],
  ])('of which the server says %j is told by what it lacks, in our words', async (reasons, told, said) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    const body = { code: 422, error_code: 'weak_password', msg: 'canary', weak_password: { reasons } }
    for (const endpoint of ['signup', 'user'] as const) server.faults.next(answering(body, 422), { endpoint })
    for (const { error } of [await auth.signUp(newcomer), await auth.updateUser({ password: newcomer.password })]) {
      expect(error).toMatchObject({ code: 'weak_password', reasons: told })
      expectSentence(error)
      expect(Object.values(words).filter((word) => error?.message.includes(word))).toEqual(said)
    }
  })

  test('has its reasons from a server, and no other refusal has any', async () => {
    const { createClient } = setUp()
    const { error } = await createClient().signUp({ ...newcomer, password: 'short' })
    expect(error).toMatchObject({ code: 'weak_password', status: 422, reasons: ['length'] })
    const wrong = await createClient().signIn({ method: 'password', email: ada.email, password: 'wrong' })
    expect(wrong.error).toMatchObject({ code: 'invalid_credentials', reasons: [] })
  })
})

test('a forgotten password: the link comes back signed in, and a new password is set', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  expect(await auth.resetPasswordForEmail(ada.email, { returnTo: '/new-password' })).toEqual({ data: {}, error: null })
  expect((await auth.resetPasswordForEmail('nobody@example.test')).error).toBeNull()
  expect(server.messages).toHaveLength(1)
  const { data } = await auth.handleRedirect(await server.follow(lastMessage(server).link))
  expect(data.session?.user?.id).toBe('canary_sub_ada')
  expect((await auth.updateUser({ password: 'canary_new_password' })).error).toBeNull()
})

test.each(['updateUser', 'reauthenticate'] as const)(
  '%s needs somebody who is signed in, and says so',
  async (method) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    const { error } = method === 'updateUser' ? await auth.updateUser({ data: {} }) : await auth.reauthenticate()
    expect(error?.code).toBe('session_missing')
    expect(server.log).toEqual([])
  },
)

test('after dispose every method says so, and nothing is sent', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  auth.dispose()
  const results = await Promise.all([
    auth.signUp(newcomer),
    auth.verifyOtp({ type: 'email', tokenHash: 'x' }),
    auth.updateUser({ email: 'a@example.test' }),
    auth.reauthenticate(),
    auth.resetPasswordForEmail(ada.email),
    auth.signIn({ method: 'anonymous' }),
  ])
  expect(results.map(({ error }) => error?.code)).toEqual(Array(6).fill('client_disposed'))
  expect(server.log).toEqual([])
})

test('a caller may go: the request goes on without it', async () => {
  const { server, createClient } = setUp({ autoconfirm: true })
  const auth = createClient()
  const gate = server.hold({ endpoint: 'signup' })
  const leave = new AbortController()
  const signingUp = auth.signUp(newcomer, { signal: leave.signal })
  await gate.arrived
  leave.abort()
  expect((await signingUp).error?.code).toBe('aborted')
  gate.release()
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
})
