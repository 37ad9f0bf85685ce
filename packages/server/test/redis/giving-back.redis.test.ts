import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startRedisServer } from '../../../../scripts/lib/redis-server.mjs'
import { type RedisClient, redisEngine } from '../../src/redis/index.ts'
import { turns, until } from '../support/clock.ts'
import { createRealm, watch } from '../support/set-up.ts'
import { type ClientName, openClient } from './client.ts'
import { elapse, redisForTests } from './redis-server.ts'

// A claim of which Redis heard, and whose answer nobody heard: nothing is presented with it.

const server = redisForTests()
const sealed = Uint8Array.of(1)
const request = (holder: string, again = false) => ({
  holder,
  lease: 10_000,
  note: sealed,
  again,
  miss: null,
  awaited: true,
})

describe.each<ClientName>(['redis', 'ioredis'])('%s: a claim that is answered after the timeout', (name) => {
  /** `before`: what is done while Redis answers. */
  async function setUp(before: (of: { engine: ReturnType<typeof redisEngine>; admin: Redis }) => Promise<unknown>) {
    const slow = await startRedisServer()
    const admin = new Redis({ port: slow.port, host: '127.0.0.1' })
    const { client, close } = await openClient(name, slow.port)
    const { realm, time } = createRealm()
    const engine = redisEngine({ client, commandTimeout: 50 }, realm)
    onTestFinished(async () => {
      engine.close()
      close()
      admin.disconnect()
      await slow.kill()
    })
    await before({ engine, admin })
    slow.freeze()
    const asked = watch(engine.claim(place, request('a', true)))
    await turns()
    time.advance(50)
    await until(() => asked.isSettled)
    expect(String(asked.error)).toContain('in time')
    // It stays slow for as long as the lease may last.
    for (let passed = 0; passed < 10_000; passed += 100) {
      time.advance(100)
      await turns(2)
    }
    slow.thaw()
    return { engine, admin, time }
  }
  const place = { session: 'session', token: 'token' }

  test('gives the right back: who asks next has it, as if nobody had asked', async () => {
    const { engine } = await setUp(async () => {})
    await vi.waitFor(async () =>
      expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 }),
    )
    const late = await engine.publish(place, 'a', sealed, { ttl: 1_000, awaited: true })
    expect(late).toEqual({ kind: 'superseded', outcome: null })
  })

  test('gives it back once, however long Redis takes', async () => {
    const { engine, admin } = await setUp(async () => {})
    // What was sent before it is done when it is answered.
    await engine.end('another', 1_000)
    const [, scripts] = /cmdstat_eval:calls=(\d+)/.exec(await admin.info('commandstats')) ?? []
    // The claim, its giving back, and the end.
    expect(Number(scripts)).toBe(3)
  })

  test('leaves a right as abandoned as it was', async () => {
    const { engine } = await setUp(async ({ engine: early, admin }) => {
      await early.claim(place, request('dead'))
      await elapse(admin, 10_000)
    })
    await vi.waitFor(async () => expect(await engine.claim(place, request('b'))).toEqual({ kind: 'abandoned' }))
    expect(await engine.claim(place, request('b', true))).toMatchObject({ kind: 'taken', orphan: true })
  })

  test('leaves one that it held before as abandoned as it had found it', async () => {
    const { engine } = await setUp(async ({ engine: early, admin }) => {
      await early.claim(place, request('dead'))
      await elapse(admin, 10_000)
      await early.claim(place, request('a', true))
    })
    await vi.waitFor(async () => expect(await engine.claim(place, request('b'))).toEqual({ kind: 'abandoned' }))
  })

  test('leaves nothing of a right that was abandoned, and had its outcome since', async () => {
    const { engine } = await setUp(async ({ engine: early, admin }) => {
      await early.claim(place, request('dead'))
      await elapse(admin, 10_000)
      await early.claim(place, request('other', true))
      await early.fail(place, 'other', sealed, { ttl: 1_000, lost: false, awaited: true })
      await elapse(admin, 1_000)
    })
    await vi.waitFor(async () =>
      expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'taken', orphan: false }),
    )
  })

  test('gives back nobody else’s', async () => {
    const { engine } = await setUp(({ engine: early }) => early.claim(place, request('dead')))
    await turns()
    expect(await engine.claim(place, request('b', true))).toMatchObject({ kind: 'held', holder: 'dead' })
  })
})

test('a claim whose answer was lost with the connection is given back when there is one again', async () => {
  const { client, close } = await openClient('ioredis', server().port)
  const { realm, time } = createRealm()
  const cut = vi.fn(async (): Promise<never> => {
    throw new Error('Connection is closed.')
  })
  const call = vi.fn(async (...words: Parameters<Redis['call']>): Promise<unknown> => (client as Redis).call(...words))
  call.mockImplementationOnce(async (...words) => {
    await (client as Redis).call(...words)
    return cut()
  })
  call.mockImplementationOnce(cut)
  const engine = redisEngine({ client: Object.assign(Object.create(client), { call }) as RedisClient }, realm)
  onTestFinished(() => {
    engine.close()
    close()
  })
  const place = { session: 'cut', token: 'token' }
  await expect(engine.claim(place, request('a'))).rejects.toThrow('closed')
  await until(() => cut.mock.calls.length === 2)
  expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'held', holder: 'a' })
  time.advance(100)
  await vi.waitFor(async () =>
    expect(await engine.claim(place, request('b'))).toEqual({ kind: 'taken', orphan: false, takes: 1 }),
  )
})
