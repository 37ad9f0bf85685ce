import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startRedisServer } from '../../../../scripts/lib/redis-server.mjs'
import { redisEngine } from '../../src/redis/index.ts'
import { turns, until } from '../support/clock.ts'
import { describeEngine, lasting } from '../support/engine-conformance.ts'
import { createRealm, watch } from '../support/set-up.ts'
import { type ClientName, openClient } from './client.ts'
import { elapse, redisForTests } from './redis-server.ts'

const server = redisForTests()
let admin: Redis
beforeAll(() => {
  admin = new Redis({ port: server().port, host: '127.0.0.1' })
})
afterAll(() => admin.disconnect())

async function openEngine(name: ClientName, prefix?: string, realm?: Parameters<typeof redisEngine>[1]) {
  const { client, close } = await openClient(name, server().port)
  const engine = redisEngine({ client, ...(prefix ? { prefix } : {}) }, realm)
  onTestFinished(() => {
    engine.close()
    close()
  })
  return engine
}

/** Until a wait has looked and found nothing: the look has a timer beside that of the wait. */
async function untilAsleep(time: { readonly timers: number }): Promise<void> {
  await until(() => time.timers === 2)
  await until(() => time.timers === 1)
}

const sealed = Uint8Array.of(1)
const request = (holder: string) => ({ holder, lease: 10_000, note: sealed, again: false, miss: null, awaited: true })

describe.each<ClientName>(['redis', 'ioredis'])('%s', (name) => {
  describeEngine(`Redis by ${name}`, async () => ({
    engine: await openEngine(name),
    elapse: (ms) => elapse(admin, ms),
  }))

  test('processes that share it see each other, and a message ends the wait in one when another is done', async () => {
    // Its time stands still: it never looks by itself.
    const { realm } = createRealm()
    const [one, two] = [await openEngine(name), await openEngine(name, undefined, realm)]
    const place = { session: `shared by ${name}`, token: 'token' }
    await one.claim(place, request('a'))
    const waiting = watch(two.wait(place, 'a', 10_000))
    await vi.waitFor(async () =>
      expect(await admin.pubsub('NUMSUB', 'authflight:wake')).toEqual(['authflight:wake', 1]),
    )
    expect(await two.claim(place, request('b'))).toMatchObject({ kind: 'held', holder: 'a' })
    expect(waiting.isSettled).toBe(false)
    await one.publish(place, 'a', sealed, lasting(10_000))
    await until(() => waiting.isSettled)
  })

  test('a wait whose message is lost ends by its next look', async () => {
    const { realm, time } = createRealm()
    const engine = await openEngine(name, undefined, realm)
    const place = { session: `silent ${name}`, token: 'token' }
    await engine.claim(place, request('a'))
    const waiting = watch(engine.wait(place, 'a', 60_000))
    await untilAsleep(time)
    await admin.del(`authflight:{silent ${name}}:standing:token`)
    await turns()
    expect(waiting.isSettled).toBe(false)
    time.advance(500)
    await until(() => waiting.isSettled)
    expect(waiting.error).toBeUndefined()
  })

  test('a wait ends by its own time', async () => {
    const { realm, time } = createRealm()
    const engine = await openEngine(name, undefined, realm)
    const place = { session: `long ${name}`, token: 'token' }
    await engine.claim(place, request('a'))
    const waiting = watch(engine.wait(place, 'a', 200))
    await untilAsleep(time)
    time.advance(200)
    await until(() => waiting.isSettled)
  })

  test('all keys have the prefix, the session for hash tag, and a life of their own', async () => {
    const engine = await openEngine(name, `mine-${name}:`)
    await engine.claim({ session: 'aa', token: 'bb' }, request('a'))
    await engine.claim({ session: 'aa', token: 'cc' }, request('a'))
    await engine.publish({ session: 'aa', token: 'cc' }, 'a', sealed, lasting(10_000))
    await engine.end('dd', 10_000)
    const keys = await admin.keys(`mine-${name}:*`)
    expect(keys.toSorted()).toEqual(
      [
        `mine-${name}:{aa}:lease:bb`,
        `mine-${name}:{aa}:outcome:cc`,
        `mine-${name}:{aa}:standing:bb`,
        `mine-${name}:{aa}:standing:cc`,
        `mine-${name}:{dd}:end`,
      ].toSorted(),
    )
    for (const key of keys) expect(await admin.pttl(key), key).toBeGreaterThan(0)
  })

  test.each(['!!', 'QR==', 'QQ', ''])('an outcome that was tampered with (%o) counts as none', async (tampered) => {
    const engine = await openEngine(name)
    const place = { session: `tampered ${name} ${tampered}`, token: 'token' }
    for (const holder of ['a', 'b']) {
      expect(await engine.claim(place, request(holder))).toMatchObject({ kind: 'taken', orphan: false })
      if (holder === 'a') await engine.publish(place, 'a', sealed, lasting(10_000))
      await admin.hset(`authflight:{${place.session}}:outcome:token`, {
        sealed: tampered,
        life: 1_000,
        success: 1,
        ttl: 1,
      })
    }
    expect(await engine.fail(place, 'stranger', sealed, { ttl: 1_000, lost: false, awaited: true })).toEqual({
      kind: 'superseded',
      outcome: null,
    })
    await admin.hset(`authflight:{${place.session}}:standing:token`, 'note', tampered)
    await admin.del(`authflight:{${place.session}}:outcome:token`)
    expect(await engine.claim(place, request('c'))).toHaveProperty('note', new Uint8Array())
  })

  test('an outcome that is not even text counts as none, and is not asked for without end', async () => {
    const engine = await openEngine(name)
    const place = { session: `binary ${name}`, token: 'token' }
    await engine.claim(place, request('a'))
    await engine.publish(place, 'a', sealed, lasting(600_000))
    await admin.hset(`authflight:{${place.session}}:outcome:token`, 'sealed', Buffer.of(0xff, 0xfe))
    expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'taken', orphan: false })
  }, 5_000)

  test.each([1e21, Number.MAX_VALUE])('a tombstone may last %d milliseconds', async (ttl) => {
    const engine = await openEngine(name)
    const session = `long ended ${name} ${ttl}`
    await engine.end(session, ttl)
    expect(await admin.pttl(`authflight:{${session}}:end`)).toBeGreaterThan(Number.MAX_SAFE_INTEGER / 2)
  })

  test.each([Number.NaN, Infinity, 0, -1])('an outcome whose time is none (%d) is not stored', async (ms) => {
    const engine = await openEngine(name)
    const place = { session: `timeless ${name} ${ms}`, token: 'token' }
    await engine.claim(place, request('a'))
    await expect(engine.fail(place, 'a', sealed, { ttl: ms, lost: false, awaited: true })).rejects.toThrow('no life')
    await expect(engine.publish(place, 'a', sealed, lasting(ms))).rejects.toThrow('no life')
    expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'held', holder: 'a' })
  })

  test('a server that died is not asked, one that swallows everything is asked no longer than the timeout', async () => {
    const mortal = await startRedisServer()
    const { client, close } = await openClient(name, mortal.port)
    const { realm, time } = createRealm()
    const engine = redisEngine({ client, commandTimeout: 50 }, realm)
    onTestFinished(async () => {
      engine.close()
      close()
      await mortal.kill()
    })
    const place = { session: 'session', token: 'token' }
    await engine.claim(place, request('a'))

    mortal.freeze()
    const asked = watch(engine.claim(place, request('b')))
    await turns()
    time.advance(49)
    await turns()
    expect(asked.isSettled).toBe(false)
    time.advance(1)
    await until(() => asked.isSettled)
    expect(String(asked.error)).toContain('in time')
    mortal.thaw()
    expect(await engine.claim(place, request('b'))).toMatchObject({ kind: 'held' })

    await mortal.kill()
    await vi.waitFor(() => expect(engine.claim(place, request('b'))).rejects.toThrow('not connected'))
    await expect(engine.wait(place, 'a', 10_000)).rejects.toThrow('not connected')
    await expect(engine.end('session', 10_000)).rejects.toThrow('not connected')
  })
})

test.each([undefined, null, 'redis://127.0.0.1'])('%o for options are refused by name', (options) => {
  const create = () => redisEngine(options as never)
  expect(create).toThrow(expect.objectContaining({ code: 'invalid_option' }) as Error)
  expect(create).toThrow('redisEngine(): takes an object')
})

test.each([
  ['nothing', undefined],
  ['no client', {}],
  ['a url', 'redis://127.0.0.1'],
])('%s for a client is refused by name', (_, client) => {
  expect(() => redisEngine({ client: client as never })).toThrow('`client` is no client')
})

test('a prefix with braces and a timeout that is none are refused by name', async () => {
  const { client, close } = await openClient('ioredis', server().port)
  onTestFinished(close)
  expect(() => redisEngine({ client, prefix: '{all}' })).toThrow('`prefix`')
  for (const commandTimeout of [0, Number.NaN, Infinity, '500' as never]) {
    expect(() => redisEngine({ client, commandTimeout })).toThrow('`commandTimeout`')
  }
})
