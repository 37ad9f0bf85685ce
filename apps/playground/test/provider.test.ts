import { connect } from 'node:net'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Playground, startPlayground } from '../server/playground.ts'
import { readLog, refresh, revoke, signIn, type Tokens, Visitor } from './visitor.ts'

let playground: Playground
const printed = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'info'), vi.spyOn(console, 'error')]

beforeAll(async () => {
  playground = await startPlayground({ port: 0 })
})

afterAll(() => playground.stop())

describe('signing in', () => {
  test('ends with a JWT for the API and a refresh token, also when the client names no resource', async () => {
    const tokens = await signIn(playground)

    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, remoteKeys(), {
      issuer: playground.issuer,
      audience: `${playground.url}/api`,
    })
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(payload).toMatchObject({ client_id: 'playground', scope: 'openid profile email' })
    expect(tokens.expires_in).toBe(30)
    expect(tokens.scope).toBe('openid profile email')
    expect(tokens.refresh_token).toBeTypeOf('string')
  })

  test('tells who the user is in the ID token', async () => {
    const { id_token } = await signIn(playground, 'carol')

    const { payload } = await jwtVerify(id_token, remoteKeys(), { audience: 'playground' })
    expect(payload).toMatchObject({ sub: 'user-3', name: 'Carol Singer', email: 'carol@example.com' })
  })

  test('asks nobody twice in one browser, unless the client wants it', async () => {
    const visitor = new Visitor(playground)
    await visitor.signIn('alice')

    const silent = await visitor.open(visitor.authorizationUrl('verifier'))
    const asked = await visitor.open(visitor.authorizationUrl('verifier', { prompt: 'login' }))

    expect(silent.url).toMatch(`${playground.url}/?code=`)
    expect(asked.html).toContain('Sign in')
  })

  test('as somebody else in the same browser leaves the first one signed in', async () => {
    const visitor = new Visitor(playground)
    const alice = await visitor.signIn('alice')

    const bob = await visitor.signIn('bob', { prompt: 'login' })

    const { payload } = await jwtVerify(bob.id_token, remoteKeys())
    expect(payload.sub).toBe('user-2')
    expect((await refresh(playground, alice.refresh_token)).status).toBe(200)
  })

  test('shows the demo users, fills in the hint, and says so when the password is wrong', async () => {
    const visitor = new Visitor(playground)
    const page = await visitor.open(visitor.authorizationUrl('verifier', { login_hint: '"><b>bob' }))
    for (const word of ['Alice Liddell', 'bob', 'builder', 'Carol Singer']) expect(page.html).toContain(word)
    expect(page.html).toContain('value="&quot;>&lt;b>bob"')

    const wrong = await visitor.submit(page.html ?? '', { login: 'alice', password: 'nope' })
    expect(wrong.status).toBe(401)
    expect(wrong.html).toContain('role="alert"')

    const right = await visitor.submit(wrong.html ?? '', { login: 'alice', password: 'wonderland' })
    expect(right.url).toMatch(`${playground.url}/?code=`)
  })

  test('gives consent where a client asks for it', async () => {
    const visitor = new Visitor(playground)
    const tokens = await visitor.signIn('alice', { prompt: 'consent' })
    expect(tokens.refresh_token).toBeTypeOf('string')
  })

  test('goes back to no other address than the page', async () => {
    const visitor = new Visitor(playground)
    const url = visitor.authorizationUrl('verifier', { redirect_uri: `${playground.url}/elsewhere` })

    const { status, html } = await visitor.open(url)

    expect(status).toBe(400)
    expect(html).toContain('invalid_redirect_uri')
    expect(await lastEntry()).toMatchObject({ endpoint: 'authorization', status: 400, error: 'invalid_redirect_uri' })
  })

  test('needs PKCE', async () => {
    const visitor = new Visitor(playground)
    const url = new URL(visitor.authorizationUrl('verifier'))
    url.searchParams.delete('code_challenge')
    url.searchParams.delete('code_challenge_method')

    const answer = await visitor.open(url.href)

    expect(new URL(answer.url).searchParams.get('error')).toBe('invalid_request')
  })

  test('in an unknown interaction shows a page that leads back', async () => {
    const { status, html } = await new Visitor(playground).open(`${playground.issuer}/interaction/nobody`)
    expect(status).toBe(400)
    expect(html).toContain(`href="${playground.url}/"`)
  })
})

describe('a refresh', () => {
  test('rotates the token', async () => {
    const { refresh_token } = await signIn(playground)

    const response = await refresh(playground, refresh_token)

    expect(response.headers.get('access-control-allow-origin')).toBe(playground.url)
    const rotated = (await response.json()) as Tokens
    expect(rotated.refresh_token).not.toBe(refresh_token)
    expect((await refresh(playground, rotated.refresh_token)).status).toBe(200)
  })

  test("with a rotated token is refused, and takes the winner's token with it", async () => {
    const first = await signIn(playground)
    const second = (await (await refresh(playground, first.refresh_token)).json()) as Tokens

    const reuse = await refresh(playground, first.refresh_token)
    const winner = await refresh(playground, second.refresh_token)

    expect(reuse.status).toBe(400)
    expect(await reuse.json()).toMatchObject({ error: 'invalid_grant' })
    expect(winner.status).toBe(400)
    expect(await winner.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('of another sign-in is not touched by a reuse', async () => {
    const visitor = new Visitor(playground)
    const [one, other] = [await visitor.signIn('alice'), await visitor.signIn('alice')]
    await refresh(playground, one.refresh_token)
    await refresh(playground, one.refresh_token)

    expect((await refresh(playground, other.refresh_token)).status).toBe(200)
  })

  test('from a page of another origin is refused', async () => {
    const { refresh_token } = await signIn(playground)
    const response = await refresh(playground, refresh_token, { headers: { origin: 'http://evil.example' } })
    expect(response.status).toBe(400)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('arriving in pieces is seen by the log and the provider alike', async () => {
    const { refresh_token } = await signIn(playground)
    const before = await readLog(playground)

    const body = new TextEncoder().encode(
      new URLSearchParams({ grant_type: 'refresh_token', client_id: 'playground', refresh_token }).toString(),
    )
    const answer = await sendInPieces(playground.issuer, body)

    expect(answer).toMatch(/^HTTP\/1.1 200/)
    expect((await readLog(playground)).refreshRequests).toBe(before.refreshRequests + 1)
  })
})

test('a revoked refresh token is of no use', async () => {
  const { refresh_token } = await signIn(playground)

  expect((await revoke(playground, refresh_token)).status).toBe(200)

  expect((await refresh(playground, refresh_token)).status).toBe(400)
})

test('signing out at the authorization server asks, then leads back to the page', async () => {
  const visitor = new Visitor(playground)
  const { id_token } = await visitor.signIn('alice')
  const url = `${playground.issuer}/session/end?${new URLSearchParams({
    id_token_hint: id_token,
    post_logout_redirect_uri: `${playground.url}/`,
  })}`

  const page = await visitor.open(url)
  expect(page.html).toContain('Sign out?')
  const answer = await visitor.submit(page.html ?? '', { logout: 'yes' })

  expect(answer.url).toBe(`${playground.url}/`)
  expect((await visitor.open(visitor.authorizationUrl('verifier'))).html).toContain('Sign in')
})

test('the log names every request and holds no token and no subject', async () => {
  const tokens = await signIn(playground, 'bob')
  await refresh(playground, tokens.refresh_token)
  await refresh(playground, tokens.refresh_token)
  await revoke(playground, tokens.refresh_token)

  const { entries } = await readLog(playground)

  expect(entries.slice(-7).map(({ endpoint, grant, status, error }) => [endpoint, grant, status, error])).toEqual([
    ['authorization', undefined, 303, undefined],
    ['login', undefined, 303, undefined],
    ['authorization', undefined, 303, undefined],
    ['token', 'authorization_code', 200, undefined],
    ['token', 'refresh_token', 200, undefined],
    ['token', 'refresh_token', 400, 'invalid_grant'],
    ['revocation', undefined, 200, undefined],
  ])
  const text = JSON.stringify(entries)
  for (const secret of [tokens.access_token, tokens.refresh_token, tokens.id_token, 'user-2']) {
    expect(text).not.toContain(secret)
  }
})

test('the provider is configured for real: it has nothing to warn of', () => {
  for (const spy of printed) expect(spy).not.toHaveBeenCalled()
})

function remoteKeys() {
  return createRemoteJWKSet(new URL(`${playground.issuer}/jwks`))
}

async function lastEntry() {
  return (await readLog(playground)).entries.at(-1)
}

/** Sends a token request whose body comes in two pieces, the second only after the first has arrived. */
function sendInPieces(issuer: string, body: Uint8Array): Promise<string> {
  const { port } = new URL(issuer)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.once('close', () => resolve(answer)).once('error', reject)
    socket.setNoDelay(true)
    socket.write(
      `POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
        `Content-Length: ${body.length}\r\n\r\n`,
    )
    socket.write(body.subarray(0, 20), () => setTimeout(() => socket.write(body.subarray(20)), 50))
  })
}
