import { alterAnswer } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { dpop } from '../../src/providers/dpop.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { refreshTokenIds, setUp } from '../support/app.ts'
import { type Body, withClaims } from '../support/id-tokens.ts'
import { redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'

const having = (more: Body) => (body: Body) => ({ ...body, ...more })

const odd: [string, (body: Body) => Body][] = [
  ['an encrypted ID token', having({ id_token: 'canary.e.n.c.rypted' })],
  ['an ID token that is none', having({ id_token: 'canary' })],
  ['an ID token that is an object', having({ id_token: { canary: 1 } })],
  ['an ID token of the issuer with a slash', withClaims((claims) => ({ ...claims, iss: `${String(claims.iss)}/` }))],
  ['an ID token without a subject', withClaims((claims) => ({ ...claims, sub: undefined }))],
  ['an ID token without an end', withClaims((claims) => ({ ...claims, exp: undefined }))],
  ['an ID token for two, of whom none is named', withClaims((claims) => ({ ...claims, aud: ['spa', 'other'] }))],
  ['a list of scopes', having({ scope: ['canary'] })],
  ['no token type', having({ token_type: undefined })],
  ['an empty token type', having({ token_type: '' })],
]

describe('a good answer to a refresh', () => {
  test.each(odd)('with %s costs no rotated token: the session goes on as it was', async (_, change) => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    const before = await signIn(auth)
    server.faults.next(alterAnswer(change), { grant: 'refresh_token' })

    const { data, error } = await auth.refreshSession()

    expect(error).toBeNull()
    const { user, scopes, tokenType } = before
    expect(data.session).toMatchObject({ revision: 2, user, scopes, tokenType })
    await auth.refreshSession()
    expect(refreshTokenIds(server)).toEqual(['refresh-1', 'refresh-2'])
  })

  test('with a refresh token that is no text keeps the one that there was', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(alterAnswer(having({ refresh_token: 7 })), { grant: 'refresh_token' })
    const { data, error } = await auth.refreshSession()
    expect(error).toBeNull()
    expect(data.session?.revision).toBe(2)
    await auth.refreshSession()
    expect(refreshTokenIds(server)).toEqual(['refresh-1', 'refresh-1'])
  })

  test('with an ID token of somebody else is none, however damaged that is', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    const before = await signIn(auth)
    const another = withClaims((claims) => ({ ...claims, exp: undefined, sub: 'canary_sub_grace' }))
    server.faults.next(alterAnswer(another), { grant: 'refresh_token' })
    const { data, error } = await auth.refreshSession()
    expect(error?.code).toBe('malformed_response')
    expect(data.session).toBe(before)
  })

  test('keeps the last ID token that was good for a sign-out at the provider', async () => {
    const { server, createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.next(alterAnswer(having({ id_token: 'canary' })), { grant: 'refresh_token' })
    await auth.refreshSession()
    const { data } = await auth.signOut({ redirect: redirectUri })
    expect(new URL(data.url ?? '').searchParams.get('id_token_hint')).toMatch(/^[^.]+\.[^.]+\.[^.]+$/)
  })
})

test('a sign-in is not lenient: an ID token that cannot be read signs nobody in', async () => {
  const { server, createClient, signIn } = setUp()
  server.faults.next(alterAnswer(having({ id_token: 'canary' })), { grant: 'authorization_code' })
  await expect(signIn(createClient())).rejects.toMatchObject({ code: 'malformed_response' })
})

/** A client whose tokens are bound to a key, at a provider that names no token type any more once that is asked for. */
async function setUpBound() {
  const server = await startOpenIdProvider()
  const provider = dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }))
  const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual' })
  onTestFinished(() => auth.dispose())
  const callback = await server.authorize((await auth.signIn()).data.url ?? '')
  function nameNoType(): void {
    const { fetch } = globalThis
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const answer = await fetch(input, init)
      return Response.json({ ...((await answer.json()) as object), token_type: undefined })
    })
    onTestFinished(() => void vi.restoreAllMocks())
  }
  return { auth, callback, nameNoType }
}

describe('a token whose type is not named', () => {
  test('is bound as the last one of its session was', async () => {
    const { auth, callback, nameNoType } = await setUpBound()
    await auth.handleRedirect(callback)
    nameNoType()
    expect((await auth.refreshSession()).data.session).toMatchObject({ tokenType: 'dpop', revision: 2 })
  })

  test('is a bearer token at a sign-in, and dpop() signs nobody in with one', async () => {
    const { auth, callback, nameNoType } = await setUpBound()
    nameNoType()
    expect((await auth.handleRedirect(callback)).error?.code).toBe('provider_invalid')
  })
})

test.each([
  ['names no scopes', undefined, 'openid profile email offline_access'],
  ['has a list of them', ['canary'], 'openid profile email offline_access'],
  ['grants fewer', 'openid', 'openid'],
])('the scopes of a session whose sign-in’s answer %s', async (_, scope, expected) => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  server.faults.always(alterAnswer(having({ scope })), { grant: 'authorization_code' })
  expect((await signIn(auth)).scopes).toEqual(expected.split(' '))
  server.faults.next(alterAnswer(having({ scope: undefined })), { grant: 'refresh_token' })
  expect((await auth.refreshSession()).data.session?.scopes).toEqual(expected.split(' '))
})
