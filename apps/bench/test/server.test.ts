import type { AuthServer, TokenAnswer } from '@authflight/testing'
import { expect, test } from 'vitest'
import { answerIn, createStrictServer } from '../src/server.ts'

const origin = 'http://127.0.0.1'

async function post(server: AuthServer, path: string, body: object | URLSearchParams): Promise<Response> {
  const form = body instanceof URLSearchParams ? body : JSON.stringify(body)
  const answer = await answerIn(server, new Request(origin + path, { method: 'POST', body: form }))
  if (typeof answer === 'string') throw new Error(answer)
  return answer
}

const refreshForm = (token = ''): URLSearchParams =>
  new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token })

test('a GoTrue client signs in with a password and refreshes once; the second time ends its session', async () => {
  const server = createStrictServer(Date.now)
  const email = server.users[1]?.email
  const signedIn = await post(server, '/token?grant_type=password', { email, password: 'any' })
  const session = (await signedIn.json()) as TokenAnswer & { readonly user: { readonly email: string } }
  expect(session.user.email).toBe(email)

  const { refresh_token } = session
  const refreshed = await post(server, '/token?grant_type=refresh_token', { refresh_token })
  const next = (await refreshed.json()) as TokenAnswer
  expect(next.refresh_token).not.toBe(refresh_token)
  expect(server.accessOf(new Request(origin, { headers: { authorization: `Bearer ${next.access_token}` } }))).not.toBe(
    null,
  )

  const again = await post(server, '/token?grant_type=refresh_token', { refresh_token })
  expect(again.status).toBe(400)
  expect(await again.json()).toMatchObject({ error_code: 'refresh_token_already_used' })
  expect(server.liveSessions).toEqual([])
})

test('an Auth0 client finds the token endpoint where it looks, and the issuer written as it expects', async () => {
  const server = createStrictServer(Date.now)
  const { refresh_token } = await server.signIn()
  const answer = await post(server, '/oauth/token', refreshForm(refresh_token))
  const { id_token = '' } = (await answer.json()) as TokenAnswer
  const [header, claims] = id_token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header ?? '')).toMatchObject({ alg: 'RS256' })
  expect(JSON.parse(claims ?? '')).toMatchObject({ iss: `${origin}/`, aud: 'spa' })
  expect((await post(server, '/oauth/token', refreshForm(refresh_token))).status).toBe(400)
})

test('every other request goes to the server as it came', async () => {
  const server = createStrictServer(Date.now)
  const { refresh_token } = await server.signIn()
  const answer = await post(server, '/token', refreshForm(refresh_token))
  expect(answer.status).toBe(200)
  expect(server.count('refresh_token')).toBe(1)
})
