import { readFile } from 'node:fs/promises'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test } from 'vitest'
import { busy, createGoTrueServer, gotrueFailure, type GoTrueServer } from '../../src/index.ts'
import { serve } from '../../src/node.ts'
import { challengeOf } from '../../src/secrets.ts'

type Body = Record<string, unknown>

const ask = async (
  server: GoTrueServer,
  path: string,
  {
    fetch = server.fetch,
    at = server.issuer,
    body,
    headers = {},
  }: {
    fetch?: typeof globalThis.fetch
    at?: string
    body?: Body
    headers?: Record<string, string>
  } = {},
) => {
  const post = body && { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(at + path, { ...post, headers: { apikey: server.apiKey, ...headers } })
  return { status: response.status, body: (await response.json().catch(() => null)) as Body }
}

const ada = { email: 'canary.ada@example.test', password: 'canary_password_ada' }
const signIn = { body: ada }
const passwordGrant = '/token?grant_type=password'

test('answers through MSW and over HTTP as it does directly', async () => {
  const server = createGoTrueServer()
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  expect((await ask(server, passwordGrant, { ...signIn, fetch: globalThis.fetch })).status).toBe(200)
  network.close()
  const served = await serve(server)
  onTestFinished(() => served.close())
  expect((await ask(server, passwordGrant, { ...signIn, fetch: globalThis.fetch, at: served.url })).status).toBe(200)
  expect(server.log.map(({ endpoint, grant, status }) => [endpoint, grant, status])).toEqual([
    ['token', 'password', 200],
    ['token', 'password', 200],
  ])
})

test('over HTTP a link leads to it where `issuer` names its port, as the README shows', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain("createGoTrueServer({ issuer: 'http://127.0.0.1:9999/auth/v1' })`")
  expect(readme).toContain('`await serve(server, { port: 9999 })`')
  const free = await serve(createGoTrueServer())
  await free.close()
  const { origin, port } = new URL(free.url)
  const server = createGoTrueServer({ issuer: `${origin}/auth/v1` })
  const served = await serve(server, { port: Number(port) })
  onTestFinished(() => served.close())
  expect(served.url).toBe(server.issuer)
  const { email } = ada
  await ask(server, '/otp', { body: { email }, fetch: globalThis.fetch, at: served.url })
  const { status } = await fetch(server.messages[0]?.link ?? '', { redirect: 'manual' })
  expect(status).toBe(302)
})

test('lets nobody in without the key of its gateway, and answers in the words of a gateway', async () => {
  const server = createGoTrueServer()
  const { status, body } = await ask(server, passwordGrant, { ...signIn, headers: { apikey: 'another' } })
  expect([status, body.message]).toEqual([401, 'Invalid API key'])
  const open = createGoTrueServer({ apiKey: null })
  expect((await ask(open, passwordGrant, signIn)).status).toBe(200)
})

test.each([
  { title: 'undated', options: {}, headers: {}, expected: { code: 400, error_code: 'invalid_credentials' } },
  {
    title: 'dated',
    options: {},
    headers: { 'x-supabase-api-version': '2024-01-01' },
    expected: { code: 'invalid_credentials' },
  },
  { title: 'legacy', options: { errors: 'legacy' as const }, headers: {}, expected: { error: 'invalid_grant' } },
])('writes error bodies of every age: $title', async ({ options, headers, expected }) => {
  const server = createGoTrueServer(options)
  const { status, body } = await ask(server, passwordGrant, { body: { ...ada, password: 'wrong' }, headers })
  expect(status).toBe(400)
  expect(body).toMatchObject(expected)
  expect(server.log[0]?.error).toBe(options.errors ? 'invalid_grant' : 'invalid_credentials')
})

test('faults and gates meet its endpoints as they meet those of the other server', async () => {
  const server = createGoTrueServer()
  server.faults.next(busy({ retryAfter: 3 }), { endpoint: 'otp' })
  server.faults.next(gotrueFailure('captcha_failed'), { grant: 'password' })
  expect((await ask(server, '/otp', { body: { email: ada.email } })).status).toBe(429)
  expect((await ask(server, passwordGrant, signIn)).body).toMatchObject({ error_code: 'captcha_failed' })
  const gate = server.hold({ endpoint: 'verify' })
  const verifying = ask(server, '/verify', { body: { type: 'email', email: ada.email, token: '0' } })
  await gate.arrived
  gate.release()
  expect((await verifying).status).toBe(403)
})

test('counts how often a refresh token was presented, and sees one that comes again', async () => {
  const server = createGoTrueServer()
  const { refresh_token } = await server.signIn()
  const refresh = () => ask(server, '/token?grant_type=refresh_token', { body: { refresh_token } })
  await refresh()
  await refresh()
  expect(server.presentations(refresh_token)).toBe(2)
  expect(server.log.map(({ reused }) => reused)).toEqual([false, true])
})

test('knows its secrets in any text, codes, passwords and phone numbers too, and its log holds none', async () => {
  const server = createGoTrueServer()
  const { access_token, refresh_token } = await server.signIn({ user: 'ada' })
  await ask(server, '/otp', { body: { phone: '+15550100' } })
  const code = server.messages[0]?.code ?? ''
  const text = [access_token, refresh_token, code, ada.password, '+15550100', ada.email].join(' ')
  const found = await server.leaksIn(text)
  expect(found).toEqual(
    expect.arrayContaining([
      'refresh-1',
      'access-1 (signed)',
      'message-1.code',
      'ada.password',
      'ada.phone',
      'ada.email',
    ]),
  )
  expect(await server.leaksIn(JSON.stringify(server.log))).toEqual([])
})

test('a code is good once: when it comes again nobody knows it, and its session goes on', async () => {
  const server = createGoTrueServer()
  const verifier = 'v'.repeat(43)
  const query = {
    provider: 'github',
    redirect_to: 'https://app.example.test/',
    code_challenge: await challengeOf(verifier),
  }
  const back = new URL(await server.authorize(`${server.issuer}/authorize?${new URLSearchParams(query).toString()}`))
  const redeem = (code_verifier: string) =>
    ask(server, '/token?grant_type=pkce', { body: { auth_code: back.searchParams.get('code'), code_verifier } })
  expect((await redeem('w'.repeat(43))).body.error_code).toBe('bad_code_verifier')
  expect((await redeem(verifier)).status).toBe(200)
  expect((await redeem(verifier)).body.error_code).toBe('flow_state_not_found')
  expect(server.liveSessions).toEqual(['session-1'])
})

test('without PKCE a link leads back with the session in the hash, as GoTrue’s do', async () => {
  const server = createGoTrueServer()
  await ask(server, `/otp?redirect_to=${encodeURIComponent('https://app.example.test/')}`, {
    body: { email: ada.email },
  })
  const back = new URL(await server.follow(server.messages[0]?.link ?? ''))
  expect([...new URLSearchParams(back.hash.slice(1)).keys()]).toEqual(
    expect.arrayContaining(['access_token', 'refresh_token', 'sb', 'type']),
  )
})

test.each([
  ['https://app.example.test/deep/down?state=1', 'https://app.example.test/deep/down?state=1'],
  ['https://pr-7.preview.test/', 'https://pr-7.preview.test/'],
  ['https://a.b.preview.test/', 'https://site.example.test/'],
  ['https://app.example.test.evil.test/', 'https://site.example.test/'],
  ['https://site.example.test/orders', 'https://site.example.test/orders'],
  ['http://site.example.test/', 'https://site.example.test/'],
  ['nowhere', 'https://site.example.test/'],
])('a user who is to go to %s is sent to %s', async (wanted, sent) => {
  const server = createGoTrueServer({ redirectUrls: ['https://app.example.test/**', 'https://*.preview.test/'] })
  const query = new URLSearchParams({ provider: 'github', redirect_to: wanted, code_challenge: 'c'.repeat(43) })
  const back = new URL(await server.authorize(`${server.issuer}/authorize?${query.toString()}`))
  back.searchParams.delete('code')
  expect(back.href).toBe(sent)
  await ask(server, `/otp?redirect_to=${encodeURIComponent(wanted)}`, { body: { email: ada.email } })
  expect((await server.follow(server.messages[0]?.link ?? '')).split('#')[0]).toBe(sent)
})

test('a link that was used leads back with an error, in the query only where PKCE was asked for', async () => {
  const server = createGoTrueServer()
  const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }
  await ask(server, '/otp', { body: { email: ada.email, ...challenge } })
  const link = server.messages[0]?.link ?? ''
  await server.follow(link)
  const again = new URL(await server.follow(link))
  expect(again.searchParams.get('error_code')).toBe('otp_expired')
  expect(again.hash).toContain('otp_expired')
})

test('a reset forgets sessions, messages, users who came later, and the log', async () => {
  const server = createGoTrueServer({ autoconfirm: true })
  await ask(server, '/signup', { body: { email: 'canary.new@example.test', password: 'canary_new' } })
  await ask(server, '/recover', { body: { email: ada.email } })
  expect([server.users.length, server.messages.length, server.liveSessions.length]).toEqual([3, 1, 1])
  server.reset()
  expect([server.users.length, server.messages.length, server.liveSessions.length, server.log.length]).toEqual([
    2, 0, 0, 0,
  ])
})

test.each([
  ['/token?grant_type=magic', { a: 1 }, 400],
  [passwordGrant, { email: 'nobody@example.test', password: 'x' }, 400],
  [passwordGrant, {}, 400],
  ['/token?grant_type=pkce', { auth_code: 'x', code_verifier: 'y' }, 404],
  ['/token?grant_type=pkce', {}, 400],
  ['/otp', {}, 400],
  ['/otp', { email: 'nobody@example.test', create_user: false }, 422],
  ['/verify', { type: 'email' }, 400],
  ['/verify', { type: '__proto__', email: ada.email, token: '1' }, 403],
  ['/logout', {}, 401],
  ['/nowhere', {}, 404],
])('says no to %s with %j', async (path, body, status) => {
  expect((await ask(createGoTrueServer(), path, { body })).status).toBe(status)
})
