import { type AuthServerOptions, createAuthServer, delayAnswer } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ClientName } from './client.ts'
import { startWorker, type WorkerOptions } from './processes.ts'
import { elapse, redisForTests } from './redis-server.ts'

// Real processes, a real Redis, and an authorization server over HTTP.

const redis = redisForTests()

async function setUp(options: AuthServerOptions = {}) {
  const server = createAuthServer({ profile: 'strict', accessTokenTtl: 300, ...options })
  const { url: issuer, close } = await serve(server)
  const admin = new Redis({ port: redis().port, host: '127.0.0.1' })
  await admin.flushall()
  onTestFinished(async () => {
    admin.disconnect()
    await close()
  })
  const { refresh_token: token } = (await server.signIn({ scope: 'openid' })) as { refresh_token: string }
  const start = (more: Partial<WorkerOptions> = {}) =>
    startWorker({ issuer, port: redis().port, client: 'ioredis', profile: 'fatal', ...more })
  return { server, token, start, admin, isClaimed: async () => (await admin.keys('*:lease:*')).length > 0 }
}

/** The longest that a presenter is waited for: its request limit and the margin. */
const lease = 15_000

test('eight processes of a hundred callers each, on both clients: a strict server is asked once, and nobody fails', async () => {
  const { server, token, start } = await setUp()
  server.faults.always(delayAnswer(50), { grant: 'refresh_token' })
  const clients: ClientName[] = ['redis', 'ioredis']
  const workers = await Promise.all(Array.from({ length: 8 }, (_, n) => start({ client: clients[n % 2] ?? 'redis' })))
  const all = (await Promise.all(workers.map(({ refresh }) => refresh({ token, callers: 100 })))).flat()
  expect(all).toHaveLength(800)
  expect(new Set(all).size).toBe(1)
  expect(server.idOf(all[0] ?? '')).not.toBeNull()
  expect(server.presentations(token)).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})

// one   claim ── sent ── rotated, and killed
// two        └ wait ············ lease over
test('killed after the rotation, strict server, access token alive: the token is left alone, and the session lives', async () => {
  const { server, token, start, admin } = await setUp()
  const [one, two] = await Promise.all([start(), start()])
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  void one.refresh({ token })
  await gate.arrived
  await one.kill()
  const waiting = two.refresh({ token, hasLiveAccessToken: true })
  await elapse(admin, lease)
  expect(await waiting).toEqual(['refresh_unknown_outcome'])
  gate.release()
  expect(server.presentations(token)).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})

test('killed after the rotation, strict server, nothing left to lose: it is presented once more, and that ends the session', async () => {
  const { server, token, start, admin } = await setUp()
  const [one, two] = await Promise.all([start(), start()])
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  void one.refresh({ token })
  await gate.arrived
  await one.kill()
  gate.release()
  const waiting = two.refresh({ token, callers: 10 })
  await elapse(admin, lease)
  expect(await waiting).toEqual(Array(10).fill('session_ended'))
  expect(server.presentations(token)).toBe(2)
})

test('killed after the rotation, idempotent server: the next one gets the same successor, and the session lives', async () => {
  const { server, token, start, admin } = await setUp({ profile: 'idempotent' })
  const options = { profile: 'idempotent' } as const
  const [one, two] = await Promise.all([start(options), start(options)])
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  void one.refresh({ token })
  await gate.arrived
  await one.kill()
  gate.release()
  const waiting = two.refresh({ token, callers: 10, hasLiveAccessToken: true })
  await elapse(admin, lease)
  const got = await waiting
  expect(new Set(got).size).toBe(1)
  expect(server.idOf(got[0] ?? '')).not.toBeNull()
  expect(server.liveSessions).toHaveLength(1)
})

// one   claim, and killed before anything is sent
test('killed before it sent: the next one with nothing to lose presents, and the session lives', async () => {
  const { server, token, start, admin, isClaimed } = await setUp()
  const [one, two] = await Promise.all([start(), start()])
  const gate = server.hold({ when: 'before', endpoint: 'discovery' })
  void one.refresh({ token })
  await gate.arrived
  await vi.waitFor(async () => expect(await isClaimed()).toBe(true))
  await one.kill()
  gate.release()
  const waiting = two.refresh({ token })
  await elapse(admin, lease)
  const [got = ''] = await waiting
  expect(server.idOf(got)).not.toBeNull()
  expect(server.presentations(token)).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})

// one   claim ── sent ── rotated ── frozen ──────────────────── thawed: publish
// two        └ wait ···················· lease over: left alone ·· later: one's result
test('frozen past its lease after the rotation: what it publishes when it wakes is everybody’s', async () => {
  const { server, token, start, admin } = await setUp()
  const [one, two] = await Promise.all([start(), start()])
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refresh({ token })
  await gate.arrived
  one.freeze()
  gate.release()
  const waiting = two.refresh({ token, hasLiveAccessToken: true })
  await elapse(admin, lease)
  expect(await waiting).toEqual(['refresh_unknown_outcome'])
  one.thaw()
  const [got = ''] = await first
  expect(await two.refresh({ token })).toEqual([got])
  expect(server.idOf(got)).not.toBeNull()
  expect(server.presentations(token)).toBe(1)
  expect(server.liveSessions).toHaveLength(1)
})
