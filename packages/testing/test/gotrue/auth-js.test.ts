import { AuthClient, type AuthError } from '@supabase/auth-js'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createGoTrueServer, type GoTrueServerOptions, type Message } from '../../src/index.ts'

// A check on the model: the client that is written for real GoTrue servers finds in it what it looks for.

const redirectTo = 'https://app.example.test/'
const email = 'canary.ada@example.test'
const password = 'canary_password_ada'

function setUp(options: GoTrueServerOptions = {}) {
  const server = createGoTrueServer(options)
  const stored = new Map<string, string>()
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  }
  const auth = new AuthClient({
    url: server.issuer,
    headers: { apikey: server.apiKey },
    fetch: server.fetch,
    storage,
    flowType: 'pkce',
    autoRefreshToken: false,
    persistSession: true,
    detectSessionInUrl: false,
  })
  onTestFinished(() => auth.dispose())
  const last = (): Message => {
    const message = server.messages.at(-1)
    if (!message) throw new Error('No message was sent.')
    return message
  }
  /** Clicks on the link of the last message, and signs in with the code that comes back. */
  async function comeBack(link = last().link ?? '') {
    const back = new URL(await server.follow(link))
    return auth.exchangeCodeForSession(back.searchParams.get('code') ?? '')
  }
  return { server, auth, last, comeBack }
}

const codeOf = (error: AuthError | null): string | undefined => error?.code

test('signs in with a password, refreshes, asks who it is, and signs out', async () => {
  const { server, auth } = setUp()
  const signedIn = await auth.signInWithPassword({ email, password })
  expect(signedIn.error).toBeNull()
  expect(signedIn.data.user).toMatchObject({ id: 'canary_sub_ada', user_metadata: { full_name: 'Ada Lovelace' } })

  const refreshed = await auth.refreshSession()
  expect(refreshed.error).toBeNull()
  expect(refreshed.data.session?.refresh_token).not.toBe(signedIn.data.session?.refresh_token)
  expect((await auth.getUser()).data.user?.email).toBe(email)

  expect((await auth.signOut({ scope: 'local' })).error).toBeNull()
  expect(server.liveSessions).toEqual([])
})

test('hears why a password is refused, by its code', async () => {
  const { auth, server } = setUp()
  expect(codeOf((await auth.signInWithPassword({ email, password: 'wrong' })).error)).toBe('invalid_credentials')
  server.ban('ada')
  expect(codeOf((await auth.signInWithPassword({ email, password })).error)).toBe('user_banned')
})

test('takes the older bodies for what they say', async () => {
  const { auth } = setUp({ errors: 'legacy' })
  const { error } = await auth.signInWithPassword({ email, password: 'wrong' })
  expect(error).toMatchObject({ status: 400, message: 'Invalid login credentials' })
})

test('signs up, is told that the address must be confirmed, and comes back by the link', async () => {
  const { auth, last, comeBack } = setUp()
  const { data, error } = await auth.signUp({
    email: 'canary.new@example.test',
    password: 'canary_new',
    options: { emailRedirectTo: redirectTo, data: { theme: 'dark' } },
  })
  expect(error).toBeNull()
  expect(data.session).toBeNull()
  expect(last()).toMatchObject({ kind: 'signup', to: 'canary.new@example.test' })

  const back = await comeBack()
  expect(back.error).toBeNull()
  expect(back.data.user).toMatchObject({ email: 'canary.new@example.test', user_metadata: { theme: 'dark' } })
})

test('signs up and is signed in at once where nobody confirms, and cannot take an address twice', async () => {
  const { auth } = setUp({ autoconfirm: true })
  const { data } = await auth.signUp({ email: 'canary.new@example.test', password: 'canary_new' })
  expect(data.session).not.toBeNull()
  expect(codeOf((await auth.signUp({ email, password: 'canary_other' })).error)).toBe('user_already_exists')
  expect(codeOf((await auth.signUp({ email: 'b@example.test', password: 'short' })).error)).toBe('weak_password')
})

test('signs in by code, over e-mail and phone, once', async () => {
  const { auth, last } = setUp()
  await auth.signInWithOtp({ email, options: { emailRedirectTo: redirectTo } })
  const token = last().code
  const byMail = await auth.verifyOtp({ email, token, type: 'email' })
  expect(byMail.error).toBeNull()
  expect(byMail.data.user?.id).toBe('canary_sub_ada')
  expect(codeOf((await auth.verifyOtp({ email, token, type: 'email' })).error)).toBe('otp_expired')

  await auth.signInWithOtp({ phone: '+15550101' })
  const byPhone = await auth.verifyOtp({ phone: '+15550101', token: last().code, type: 'sms' })
  expect(byPhone.data.user?.id).toBe('canary_sub_grace')
})

test('signs in by the hash of a link', async () => {
  const { auth, last } = setUp()
  await auth.signInWithOtp({ email })
  const { data, error } = await auth.verifyOtp({ token_hash: last().tokenHash ?? '', type: 'email' })
  expect(error).toBeNull()
  expect(data.session).not.toBeNull()
})

test('signs in through another provider, and with the code of a link to reset a password', async () => {
  const { server, auth, comeBack } = setUp()
  const { data } = await auth.signInWithOAuth({
    provider: 'github',
    options: { redirectTo, skipBrowserRedirect: true },
  })
  const back = new URL(await server.authorize(data.url ?? '', { user: 'grace' }))
  const code = back.searchParams.get('code') ?? ''
  const exchanged = await auth.exchangeCodeForSession(code)
  expect(exchanged.data.user?.id).toBe('canary_sub_grace')

  await auth.resetPasswordForEmail(email, { redirectTo })
  const recovered = await comeBack()
  expect(recovered.data.user?.id).toBe('canary_sub_ada')
  expect((await auth.updateUser({ password: 'canary_new_password' })).error).toBeNull()
  expect(codeOf((await auth.updateUser({ password: 'canary_new_password' })).error)).toBe('same_password')
})

test('is anonymous, and gets an address later', async () => {
  const { auth, last } = setUp()
  const { data } = await auth.signInAnonymously()
  expect(data.user?.is_anonymous).toBe(true)
  await auth.updateUser({ email: 'canary.late@example.test' })
  const { data: confirmed } = await auth.verifyOtp({
    email: 'canary.late@example.test',
    token: last().code,
    type: 'email_change',
  })
  expect(confirmed.user).toMatchObject({ id: data.user?.id, email: 'canary.late@example.test' })
})

test('changes an address once both have confirmed it', async () => {
  const { server, auth } = setUp()
  await auth.signInWithPassword({ email, password })
  await auth.updateUser({ email: 'canary.next@example.test' })
  const [old, next] = server.messages.slice(-2)
  const half = await auth.verifyOtp({ email, token: old?.code ?? '', type: 'email_change' })
  expect(half.data.session).toBeNull()
  const whole = await auth.verifyOtp({ email: next?.to ?? '', token: next?.code ?? '', type: 'email_change' })
  expect(whole.data.user?.email).toBe('canary.next@example.test')
})

test('reauthenticates for a new password where that is asked for', async () => {
  const { auth, last } = setUp({ reauthentication: true })
  await auth.signInWithPassword({ email, password })
  const change = { password: 'canary_new_password' }
  expect(codeOf((await auth.updateUser(change)).error)).toBe('reauthentication_needed')
  expect((await auth.reauthenticate()).error).toBeNull()
  const wrong = await auth.updateUser({ ...change, nonce: '0' })
  expect(codeOf(wrong.error)).toBe('reauthentication_not_valid')
  expect((await auth.updateUser({ ...change, nonce: last().code })).error).toBeNull()
})

describe.each(['v1', 'v2'] as const)('refresh tokens of %s', (tokens) => {
  const sessionOf = (server: ReturnType<typeof createGoTrueServer>) => server.signIn({ user: 'ada' })

  test('the parent of the newest gets the newest, at any time', async () => {
    const clock = { now: Date.now() }
    const { server, auth } = setUp({ tokens, now: () => clock.now })
    const { refresh_token } = await sessionOf(server)
    const first = await auth.refreshSession({ refresh_token })
    clock.now += 3_600_000
    const again = await auth.refreshSession({ refresh_token })
    expect(again.error).toBeNull()
    expect(again.data.session?.refresh_token).toBe(first.data.session?.refresh_token)
  })

  test('an older one is refused once the interval is over, and nothing of the session can be refreshed', async () => {
    const clock = { now: Date.now() }
    const { server, auth } = setUp({ tokens, now: () => clock.now })
    const { refresh_token } = await sessionOf(server)
    const next = await auth.refreshSession({ refresh_token })
    const newest = await auth.refreshSession({ refresh_token: next.data.session?.refresh_token ?? '' })
    clock.now += 11_000
    expect(codeOf((await auth.refreshSession({ refresh_token })).error)).toBe('refresh_token_already_used')
    const last = await auth.refreshSession({ refresh_token: newest.data.session?.refresh_token ?? '' })
    expect(codeOf(last.error)).toBe(tokens === 'v1' ? 'refresh_token_already_used' : 'refresh_token_not_found')
    // The family is revoked, or the session deleted: of the second an access token tells nobody who it is.
    const { error } = await auth.getUser(newest.data.session?.access_token)
    expect(error?.name).toBe(tokens === 'v1' ? undefined : 'AuthSessionMissingError')
  })

  test('an older one within the interval leads to a token that works', async () => {
    const { server, auth } = setUp({ tokens })
    const { refresh_token } = await sessionOf(server)
    const next = await auth.refreshSession({ refresh_token })
    const newest = await auth.refreshSession({ refresh_token: next.data.session?.refresh_token ?? '' })
    const again = await auth.refreshSession({ refresh_token })
    expect(again.error).toBeNull()
    const isSame = again.data.session?.refresh_token === newest.data.session?.refresh_token
    expect(isSame).toBe(tokens === 'v2')
  })

  test('a session whose time is over, one that nobody knows, and a banned user are told apart', async () => {
    const { server, auth } = setUp({ tokens })
    const { refresh_token } = await sessionOf(server)
    expect(codeOf((await auth.refreshSession({ refresh_token: 'nobody’s' })).error)).toBe('refresh_token_not_found')
    server.expireSessions()
    expect(codeOf((await auth.refreshSession({ refresh_token })).error)).toBe('session_expired')
    // It remembers what was said of a token, and does not ask again.
    server.ban('grace')
    const { refresh_token: banned } = await server.signIn({ user: 'grace' })
    expect(codeOf((await auth.refreshSession({ refresh_token: banned })).error)).toBe('user_banned')
  })
})

test('ends this session, the others, or all', async () => {
  const { server, auth } = setUp()
  await server.signIn({ user: 'ada' })
  await server.signIn({ user: 'grace' })
  await auth.signInWithPassword({ email, password })
  await auth.signOut({ scope: 'others' })
  expect(server.liveSessions).toEqual(['session-2', 'session-3'])
  await server.signIn({ user: 'ada' })
  await auth.signOut({ scope: 'global' })
  expect(server.liveSessions).toEqual(['session-2'])
})
