import { setupWorker } from 'msw/browser'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { busy, createAuthServer, loseAnswer } from '../src/index.ts'
import { createOAuthClient } from './oauth-client.ts'
import { newRefreshToken } from './token-requests.ts'

const server = createAuthServer()
const worker = setupWorker(...server.handlers)
beforeAll(async () => {
  await worker.start({ quiet: true, onUnhandledFrame: 'bypass' })
})
afterEach(() => server.reset())
afterAll(() => worker.stop())

const post = (token: string) =>
  fetch(`${server.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: token }),
  })

test('an independent OpenID client signs in and refreshes through the service worker', async () => {
  const client = await createOAuthClient(server, fetch)
  const first = await client.signIn('grace')
  const second = await client.refresh(first.refresh_token ?? '')
  expect(await client.userinfo(second.access_token, 'canary_sub_grace')).toMatchObject({ name: 'Grace Hopper' })
})

test('an independent OpenID client signs in and refreshes without any interception', async () => {
  const client = await createOAuthClient(server)
  const first = await client.signIn()
  expect((await client.refresh(first.refresh_token ?? '')).refresh_token).not.toBe(first.refresh_token)
})

test('a lost answer is a network error, and the rotation has happened', async () => {
  const token = await newRefreshToken(server)
  server.faults.next(loseAnswer())
  await expect(post(token)).rejects.toThrow(TypeError)
  expect((await post(token)).status).toBe(400)
  expect(server.log).toMatchObject([{ status: 0, processed: true }, { reused: true }])
})

test('a page of another origin can read Retry-After', async () => {
  server.faults.next(busy({ retryAfter: 7 }))
  const answer = await post(await newRefreshToken(server))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
})

test('a gate holds the request of a page', async () => {
  const gate = server.hold({ when: 'after' })
  const answer = post(await newRefreshToken(server))
  await gate.arrived
  expect(server.log).toMatchObject([{ status: null, processed: true }])
  gate.release()
  expect((await answer).status).toBe(200)
})
