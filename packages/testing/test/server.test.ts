import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { createAuthServer } from '../src/index.ts'
import { createOAuthClient } from './oauth-client.ts'
import { newRefreshToken, readTokens, sendRefresh } from './token-requests.ts'

const server = createAuthServer()
afterEach(() => server.reset())

const authorizeUrl = (change: Record<string, string> = {}) => {
  const parameters = {
    response_type: 'code',
    client_id: 'spa',
    redirect_uri: 'https://app.example.test/callback?keep=1',
    scope: 'openid',
    state: 's',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...change,
  }
  return `${server.issuer}/authorize?${new URLSearchParams(parameters)}`
}

/** The verifier of the challenge above (RFC 7636, appendix B). */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

function redeem(callback: string, change: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'spa',
    redirect_uri: 'https://app.example.test/callback?keep=1',
    code: new URL(callback).searchParams.get('code') ?? '',
    code_verifier: verifier,
    ...change,
  })
  return server.fetch(`${server.issuer}/token`, { method: 'POST', body })
}

describe('authorization', () => {
  test('the callback carries code, state and issuer beside the app’s own parameters', async () => {
    const callback = new URL(await server.authorize(authorizeUrl()))
    expect(callback.origin + callback.pathname).toBe('https://app.example.test/callback')
    expect(Object.fromEntries(callback.searchParams)).toEqual({
      keep: '1',
      code: expect.stringMatching(/^canary_code_/),
      state: 's',
      iss: server.issuer,
    })
  })

  test('the user is the one named, else the hinted one, else the first', async () => {
    const signedIn = async (consent: { user?: string }, hint: string) => {
      const callback = await server.authorize(authorizeUrl({ login_hint: hint }), consent)
      const { access_token: token } = await readTokens(await redeem(callback))
      const headers = { authorization: `Bearer ${String(token)}` }
      return server.accessOf(new Request('https://api.example.test/', { headers }))?.user.login
    }
    expect(await signedIn({ user: 'grace' }, 'ada')).toBe('grace')
    expect(await signedIn({}, 'canary.grace@example.test')).toBe('grace')
    expect(await signedIn({}, 'nobody')).toBe('ada')
  })

  test('a user who says no gives an error to the app', async () => {
    const callback = new URL(await server.authorize(authorizeUrl(), { deny: 'access_denied' }))
    expect(Object.fromEntries(callback.searchParams)).toEqual({
      keep: '1',
      error: 'access_denied',
      state: 's',
      iss: server.issuer,
    })
  })

  test('a request without PKCE gives an error to the app', async () => {
    const callback = await server.authorize(authorizeUrl({ code_challenge_method: 'plain' }))
    expect(new URL(callback).searchParams.get('error')).toBe('invalid_request')
  })

  test('the endpoint sends a browser straight back', async () => {
    const answer = await server.fetch(authorizeUrl())
    expect(answer.status).toBe(302)
    expect((await redeem(answer.headers.get('location') ?? '')).ok).toBe(true)
  })

  test('nobody is sent anywhere for an unknown client', async () => {
    expect((await server.fetch(authorizeUrl({ client_id: 'stranger' }))).status).toBe(400)
  })

  test('an unknown client is a mistake in the test, and there is no way back', async () => {
    await expect(server.authorize(authorizeUrl({ client_id: 'stranger' }))).rejects.toThrow('Nothing leads back')
  })

  test('a sign-in that was not finished is no live session', async () => {
    await server.authorize(authorizeUrl())
    expect(server.liveSessions).toEqual([])
  })

  test('an unknown user is a mistake in the test, and the message names those there are', async () => {
    await expect(server.authorize(authorizeUrl(), { user: 'eve' })).rejects.toThrow('There are: ada, grace')
  })
})

describe('the token endpoint', () => {
  test('a wrong verifier is refused', async () => {
    const answer = await redeem(await server.authorize(authorizeUrl()), { code_verifier: 'x'.repeat(43) })
    expect(await readTokens(answer)).toEqual({ error: 'invalid_grant' })
  })

  test('a code that comes twice revokes what it gave', async () => {
    const callback = await server.authorize(authorizeUrl())
    const tokens = await readTokens(await redeem(callback))
    expect((await redeem(callback)).status).toBe(400)
    expect((await sendRefresh(server, String(tokens.refresh_token))).status).toBe(400)
    expect(server.log.map(({ token, reused }) => [token, reused])).toEqual([
      [null, false],
      ['code-1', false],
      ['code-1', true],
      ['refresh-1', false],
    ])
  })

  test.each([
    { change: { client_id: 'stranger' }, status: 401, error: 'invalid_client' },
    { change: { grant_type: 'password' }, status: 400, error: 'unsupported_grant_type' },
    { change: { refresh_token: '' }, status: 400, error: 'invalid_request' },
    { change: { scope: 'admin' }, status: 400, error: 'invalid_scope' },
  ])('$change is $status $error and consumes nothing', async ({ change, status, error }) => {
    const token = await newRefreshToken(server)
    const answer = await sendRefresh(server, token, change)
    expect([answer.status, (await readTokens(answer)).error]).toEqual([status, error])
    expect((await sendRefresh(server, token)).ok).toBe(true)
  })

  test('the ID token has the nonce of the sign-in, and at a refresh none', async () => {
    const first = await readTokens(await redeem(await server.authorize(authorizeUrl({ nonce: 'n' }))))
    const second = await readTokens(await sendRefresh(server, String(first.refresh_token)))
    const [signedIn, refreshed] = [first, second].map((tokens) => decodeJwt(String(tokens.id_token)))
    expect(signedIn).toMatchObject({ nonce: 'n', sub: 'canary_sub_ada', aud: 'spa' })
    expect(refreshed).toMatchObject({ sub: 'canary_sub_ada', aud: 'spa' })
    expect(refreshed).not.toHaveProperty('nonce')
  })

  test('says how long the token lives, and a test may change that', async () => {
    const token = await newRefreshToken(server)
    server.setAccessTokenTtl(5)
    expect(await readTokens(await sendRefresh(server, token))).toMatchObject({ expires_in: 5 })
  })
})

describe('what the log tells', () => {
  test('counts by endpoint, by grant type and by whatever is asked', async () => {
    const token = await newRefreshToken(server)
    await Promise.all([sendRefresh(server, token), sendRefresh(server, token)])
    await server.fetch(`${server.issuer}/jwks`)
    expect(server.count('refresh_token')).toBe(2)
    expect(server.count('token')).toBe(2)
    expect(server.count('jwks')).toBe(1)
    expect(server.count((entry) => entry.reused)).toBe(1)
    expect(server.presentations(token)).toBe(2)
    expect(server.liveSessions).toEqual([])
  })

  test('holds no secret', async () => {
    const client = await createOAuthClient(server)
    const tokens = await client.signIn()
    await client.userinfo(tokens.access_token, 'canary_sub_ada')
    await client.refresh(tokens.refresh_token ?? '')
    await client.revoke(tokens.refresh_token ?? '')
    expect(await server.leaksIn(JSON.stringify(server.log))).toEqual([])
    expect(await server.leaksIn(JSON.stringify(tokens))).not.toEqual([])
  })

  test('reset forgets sessions, log and faults', async () => {
    const token = await newRefreshToken(server)
    server.hold()
    server.reset()
    expect((await sendRefresh(server, token)).status).toBe(400)
    expect(server.log).toMatchObject([{ seq: 1, token: null, faults: [] }])
  })
})

describe('acts of an operator', () => {
  test('revoking one user’s sessions leaves the other’s', async () => {
    const [ada, grace] = [await newRefreshToken(server), await newRefreshToken(server, { user: 'grace' })]
    expect(server.revokeSessions({ user: 'ada' })).toBe(1)
    expect((await sendRefresh(server, ada)).status).toBe(400)
    expect((await sendRefresh(server, grace)).status).toBe(200)
  })

  test('revoking one session leaves the user’s others', async () => {
    const [phone, laptop] = [await newRefreshToken(server), await newRefreshToken(server)]
    expect(server.revokeSessions({ session: 'session-1' })).toBe(1)
    expect(server.liveSessions).toEqual(['session-2'])
    expect((await sendRefresh(server, phone)).status).toBe(400)
    expect((await sendRefresh(server, laptop)).status).toBe(200)
  })

  test('expiring refresh tokens ends the next refresh, without suspicion of reuse', async () => {
    const token = await newRefreshToken(server)
    expect([server.expireRefreshTokens(), server.expireRefreshTokens()]).toEqual([1, 0])
    expect((await sendRefresh(server, token)).status).toBe(400)
    expect(server.log).toMatchObject([{ error: 'invalid_grant', reused: false }])
  })

  test('expiring access tokens makes an API say 401, and a refresh helps', async () => {
    const { access_token: token, refresh_token: refreshToken = '' } = await server.signIn()
    const bearer = (value: unknown) => ({ headers: { authorization: `Bearer ${String(value)}` } })
    const userinfo = `${server.issuer}/userinfo`
    expect((await server.fetch(userinfo, bearer(token))).status).toBe(200)
    expect(server.expireAccessTokens({ session: 'session-1' })).toBe(1)
    const refused = await server.fetch(userinfo, bearer(token))
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    const fresh = await readTokens(await sendRefresh(server, refreshToken))
    expect((await server.fetch(userinfo, bearer(fresh.access_token))).status).toBe(200)
  })
})

describe('signed access tokens', () => {
  const signing = createAuthServer({ accessTokenFormat: 'jwt', issuer: 'https://id.example.test/realm/' })

  test('an API can check them by itself: issuer, audience, key', async () => {
    const { access_token: token } = await signing.signIn({ resource: 'https://api.example.test' })
    const jwks = createLocalJWKSet(await (await signing.fetch(`${signing.issuer}/jwks`)).json())
    const expected = { issuer: 'https://id.example.test/realm', audience: 'https://api.example.test', typ: 'at+jwt' }
    expect((await jwtVerify(token, jwks, expected)).payload).toMatchObject({ sub: 'canary_sub_ada', client_id: 'spa' })
  })

  test('or ask the server, which also knows of revocation', async () => {
    const { access_token: token } = await signing.signIn({ user: 'grace', scope: 'openid profile' })
    const request = new Request('https://api.example.test/', { headers: { authorization: `Bearer ${token}` } })
    expect(signing.accessOf(request)).toMatchObject({ user: { login: 'grace' }, scopes: ['openid', 'profile'] })
    expect(signing.idOf(token)).toBe('access-2')
    signing.revokeSessions()
    expect(signing.accessOf(request)).toBeNull()
  })

  test('an ID token is no access token', async () => {
    const { id_token: token = '' } = await signing.signIn()
    const headers = { authorization: `Bearer ${token}` }
    expect(signing.accessOf(new Request('https://api.example.test/', { headers }))).toBeNull()
  })
})

test('revocation asks who wants it, and does not tell whether it knew the token', async () => {
  const token = await newRefreshToken(server)
  const revoke = async (body: Record<string, string>) =>
    (await server.fetch(`${server.issuer}/revoke`, { method: 'POST', body: new URLSearchParams(body) })).status
  expect(await revoke({ client_id: 'stranger', token })).toBe(401)
  expect(await revoke({ client_id: 'spa' })).toBe(400)
  expect(await revoke({ client_id: 'spa', token: 'unheard of' })).toBe(200)
  expect(server.liveSessions).toEqual(['session-1'])
  expect(await revoke({ client_id: 'spa', token })).toBe(200)
  expect(server.liveSessions).toEqual([])
})

test('logout started by the app ends the session of its hint and leads back', async () => {
  const { id_token: hint = '', refresh_token: token = '' } = await server.signIn()
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: 'https://app.example.test/bye', state: 's' }
  const answer = await server.fetch(`${server.issuer}/logout?${new URLSearchParams(parameters)}`)
  expect(answer.headers.get('location')).toBe('https://app.example.test/bye?state=s')
  expect((await sendRefresh(server, token)).status).toBe(400)
})

test('an unknown address is 404 and does not stand in the log', async () => {
  expect((await server.fetch(`${server.issuer}/nothing`)).status).toBe(404)
  expect((await server.fetch(`${server.issuer}/token`)).status).toBe(404)
  expect(server.log).toEqual([])
})

test('an unknown profile is refused with the names there are', () => {
  expect(() => createAuthServer({ profile: 'lenient' as 'strict' })).toThrow(
    /No reuse profile 'lenient'.*strict, idempotent/,
  )
})
