import { type AuthError, isAuthError } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import {
  type AuthServerOptions,
  busy,
  createAuthServer,
  delayAnswer,
  loseAnswer,
  serverError,
} from '@authflight/testing'
import { setupServer } from 'msw/node'
import { expect, onTestFinished, test } from 'vitest'
import { type Ask, createRefreshCoordinator, type LocalOptions } from '../src/index.ts'

/** A server-side app of a strict authorization server: several requests hold the refresh token that its sign-in brought. */
async function setUp(options: AuthServerOptions = {}, more: Partial<LocalOptions> = {}) {
  const server = createAuthServer({ accessTokenTtl: 300, ...options })
  const network = setupServer(...server.handlers)
  network.listen({ onUnhandledFrame: 'error' })
  onTestFinished(() => network.close())
  const provider = oauth({ issuer: server.issuer, clientId: 'spa', scope: 'openid' })
  const { authority: issuer, clientId, terminal } = provider
  const coordinator = createRefreshCoordinator({
    issuer,
    clientId,
    terminal,
    profile: 'fatal',
    revoke: provider.revoke,
    ...more,
  })
  const { refresh_token: token } = (await server.signIn({ scope: 'openid' })) as { refresh_token: string }
  const askWith =
    (held: string): Ask =>
    (io) =>
      provider.refresh(held, io)
  return { server, coordinator, token, askWith, ask: askWith(token) }
}

const codeOf = (call: Promise<unknown>): Promise<AuthError['code'] | null> =>
  call.then(
    () => null,
    (error: unknown) => {
      if (isAuthError(error)) return error.code
      throw error
    },
  )

test('a hundred requests with one cookie ask a strict server once, and nobody is signed out', async () => {
  const { server, coordinator, token, ask } = await setUp()
  server.faults.next(delayAnswer(20), { grant: 'refresh_token' })
  const all = await Promise.all(
    Array.from({ length: 100 }, () => coordinator.refresh(token, ask, { session: 'session 1' })),
  )
  const late = await coordinator.refresh(token, ask, { session: 'session 1' })
  expect(new Set([...all, late].map(({ accessToken }) => accessToken)).size).toBe(1)
  expect(server.presentations(token)).toBe(1)
  expect(server.count(({ reused }) => reused)).toBe(0)
  expect(server.liveSessions).toHaveLength(1)
  expect(coordinator.servedLate).toBe(1)
})

test('generations follow each other, each token presented once', async () => {
  const { server, coordinator, token, askWith } = await setUp()
  let held = token
  for (let generation = 0; generation < 5; generation += 1) {
    const all = await Promise.all([1, 2, 3].map(() => coordinator.refresh(held, askWith(held))))
    held = all[0]?.refreshToken ?? ''
  }
  expect(server.count('refresh_token')).toBe(5)
  expect(server.liveSessions).toHaveLength(1)
})

test('without a coordinator the same requests end the session: the test server is as strict as it says', async () => {
  const { server, token, ask } = await setUp()
  const io = { signal: AbortSignal.timeout(5_000), now: Date.now, fetch, present: fetch }
  await Promise.all([1, 2, 3].map(() => ask(io)))
  expect(server.presentations(token)).toBe(3)
  expect(server.liveSessions).toEqual([])
})

test('a session that the server revoked ends for everybody, asked once', async () => {
  const { server, coordinator, token, ask } = await setUp()
  server.revokeSessions()
  const calls = [1, 2, 3].map(() => codeOf(coordinator.refresh(token, ask)))
  expect(await Promise.all(calls)).toEqual(Array(3).fill('session_ended'))
  expect(server.count('refresh_token')).toBe(1)
})

test.each([
  ['rate_limited', busy({ status: 429, retryAfter: 3 })],
  ['server_error', serverError()],
  ['network', loseAnswer()],
])('%s: everybody is told, the server is asked once, and the session lives', async (code, fault) => {
  const { server, coordinator, token, ask } = await setUp()
  server.faults.next(fault, { grant: 'refresh_token' })
  const calls = [1, 2, 3].map(() => codeOf(coordinator.refresh(token, ask)))
  expect(await Promise.all(calls)).toEqual(Array(3).fill(code))
  expect(await codeOf(coordinator.refresh(token, ask))).toBe(code)
  expect(server.count('refresh_token')).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})

test('a discovery that fails has provably sent nothing', async () => {
  const { server, coordinator, token, ask } = await setUp()
  const restore = server.faults.always(serverError(), { endpoint: 'discovery' })
  expect(await codeOf(coordinator.refresh(token, ask, { hasLiveAccessToken: true }))).toBe('provider_unreachable')
  restore()
  expect(server.count('refresh_token')).toBe(0)
})

test('a sign-out during the refresh leaves no live token at the server', async () => {
  const { server, coordinator, token, ask } = await setUp()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const call = codeOf(coordinator.refresh(token, ask, { session: 'session 1' }))
  await gate.arrived
  await coordinator.end('session 1')
  gate.release()
  expect(await call).toBe('refresh_discarded')
  await expect.poll(() => server.count('revocation')).toBe(1)
  expect(server.liveSessions).toEqual([])
})
