import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAuthServer, loseAnswer } from '../src/index.ts'
import { createOAuthClient } from './oauth-client.ts'
import { newRefreshToken } from './token-requests.ts'

const server = createAuthServer()
const network = setupServer(...server.handlers)
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterEach(() => server.reset())
afterAll(() => network.close())

test('an independent OpenID client discovers, signs in, refreshes, reads the user and revokes', async () => {
  const client = await createOAuthClient(server, fetch)
  const first = await client.signIn('grace')
  const second = await client.refresh(first.refresh_token ?? '')
  expect(second.refresh_token).not.toBe(first.refresh_token)
  expect(await client.userinfo(second.access_token, 'canary_sub_grace')).toMatchObject({ name: 'Grace Hopper' })

  await client.revoke(second.refresh_token ?? '')
  await expect(client.refresh(second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  expect(server.liveSessions).toEqual([])
  expect(server.log.map((entry) => entry.endpoint)).toEqual([
    'discovery',
    'authorization',
    'token',
    'token',
    'userinfo',
    'revocation',
    'token',
  ])
})

test('a lost answer is a network error, and the rotation has happened', async () => {
  const client = await createOAuthClient(server, fetch)
  const token = await newRefreshToken(server)
  server.faults.next(loseAnswer())
  await expect(client.refresh(token)).rejects.toThrow(TypeError)
  await expect(client.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' })
  expect(server.log.filter((entry) => entry.grant)).toMatchObject([
    { status: 0, faults: ['lose_answer'], processed: true, reused: false },
    { status: 400, error: 'invalid_grant', reused: true },
  ])
})

test('a gate holds a real request, and the request can be given up meanwhile', async () => {
  const token = await newRefreshToken(server)
  const gate = server.hold({ when: 'after' })
  const request = new AbortController()
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token })
  const outcome = fetch(`${server.issuer}/token`, { method: 'POST', body, signal: request.signal }).then(
    () => 'answered',
    (error: Error) => error.name,
  )
  await gate.arrived
  request.abort()
  expect(await outcome).toBe('AbortError')
  gate.release()
  expect(server.log).toMatchObject([{ processed: true }])
})
