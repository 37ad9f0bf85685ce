import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AccessTokens } from '../server/access-tokens.ts'
import { createApi } from '../server/api.ts'
import { Listener } from '../server/listener.ts'
import { type Playground, startPlayground } from '../server/playground.ts'
import { order, refresh, signIn, type Tokens } from './visitor.ts'

function get(url: string, token?: string): Promise<Response> {
  return fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
}

describe("with the authorization server's tokens", () => {
  let playground: Playground
  let tokens: Tokens

  beforeAll(async () => {
    playground = await startPlayground({ port: 0 })
  })

  beforeEach(async () => {
    await order(playground, 'reset')
    tokens = await signIn(playground)
  })

  afterAll(() => playground.stop())

  test('the API tells who calls, through which client, and how long the token lives', async () => {
    const response = await get(`${playground.url}/api/me`, tokens.access_token)
    const body = (await response.json()) as { expiresIn: number }

    expect(body).toMatchObject({ name: 'Alice Liddell', client: 'playground' })
    expect(body.expiresIn).toBeGreaterThan(0)
    expect(body.expiresIn).toBeLessThanOrEqual(30)
  })

  test('a thousand calls at once get a thousand answers, each its own', async () => {
    const numbers = Array.from({ length: 1000 }, (_, n) => n)
    const items = await Promise.all(
      numbers.map(async (n) => (await get(`${playground.url}/api/items/${n}`, tokens.access_token)).json()),
    )
    expect(items).toEqual(numbers.map((item) => ({ item })))
  })

  test('without a token it asks for one, and names no error', async () => {
    const response = await get(`${playground.url}/api/me`)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="playground"')
  })

  test('expired by an act, the tokens so far are refused, and one refreshed right after is good', async () => {
    const expired = await order(playground, 'act', { act: 'expire_access_tokens' })
    const { affected } = (await expired.json()) as { affected: number }
    const renewed = (await (await refresh(playground, tokens.refresh_token)).json()) as Tokens

    expect(affected).toBeGreaterThan(0)
    expect((await get(`${playground.url}/api/me`, tokens.access_token)).status).toBe(401)
    expect((await get(`${playground.url}/api/me`, renewed.access_token)).status).toBe(200)
  })

  test('a refresh token or an ID token is no access token', async () => {
    expect((await get(`${playground.url}/api/me`, tokens.refresh_token)).status).toBe(401)
    expect((await get(`${playground.url}/api/me`, tokens.id_token)).status).toBe(401)
  })

  test('an unknown path is not found', async () => {
    expect((await get(`${playground.url}/api/nothing`, tokens.access_token)).status).toBe(404)
  })
})

describe('with tokens made for the purpose', () => {
  const issuer = 'http://issuer.test'
  const resource = 'http://api.test'
  const accessTokens = new AccessTokens()
  let listener: Listener
  let url: string
  let keys: { own: CryptoKey; foreign: CryptoKey }

  beforeAll(async () => {
    const [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
    keys = { own: own.privateKey, foreign: foreign.privateKey }
    const jwks = createLocalJWKSet({ keys: [await exportJWK(own.publicKey)] })
    const api = createApi({ issuer, resource, keys: jwks, accessTokens })
    listener = new Listener('127.0.0.1')
    listener.server.on('request', (request, response) => {
      void api(request, response, new URL(request.url ?? '/', 'http://localhost'))
    })
    await listener.open({ exactly: 0 }, 'PORT')
    url = `http://127.0.0.1:${listener.port}/api/me`
  })

  afterAll(() => listener.close())

  interface Made {
    claims?: Record<string, unknown>
    typ?: string
    key?: CryptoKey
  }

  const now = () => Math.floor(Date.now() / 1000)

  const make = ({ claims = {}, typ = 'at+jwt', key = keys.own }: Made) =>
    new SignJWT({
      iss: issuer,
      aud: resource,
      sub: 'user-1',
      client_id: 'playground',
      exp: now() + 60,
      generation: accessTokens.generation,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ })
      .sign(key)

  test('one that is right in everything is taken', async () => {
    expect((await get(url, await make({}))).status).toBe(200)
  })

  test.each<[string, () => Made, string]>([
    ['for another audience', () => ({ claims: { aud: 'http://other.test' } }), 'The token has the wrong aud.'],
    ['of another issuer', () => ({ claims: { iss: 'http://other.test' } }), 'The token has the wrong iss.'],
    ['that expired this second', () => ({ claims: { exp: now() } }), 'The token is expired.'],
    ['that never expires', () => ({ claims: { exp: undefined } }), 'The token has the wrong exp.'],
    ['of another type', () => ({ typ: 'JWT' }), 'The token has the wrong typ.'],
    ['signed by a stranger', () => ({ key: keys.foreign }), 'The signature does not fit.'],
    ['of an earlier generation', () => ({ claims: { generation: 0 } }), 'The token is expired.'],
  ])('one %s is refused', async (_, made, reason) => {
    const response = await get(url, await make(made()))

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", error_description="${reason}"`)
    expect(await response.json()).toEqual({ error: 'invalid_token', error_description: reason })
  })

  test('one that is signed by nobody is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = {
      iss: issuer,
      aud: resource,
      sub: 'user-1',
      client_id: 'playground',
      exp: now() + 60,
      generation: 1,
    }
    expect((await get(url, `${part({ alg: 'none', typ: 'at+jwt' })}.${part(claims)}.`)).status).toBe(401)
  })

  test('garbage is refused and not repeated in the answer', async () => {
    const response = await get(url, 'garbage.that.nobody.signed')
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('garbage')
  })
})
