import { once } from 'node:events'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { redisEngine } from '../../src/redis/index.ts'
import { elapse, redisForTests } from './redis-server.ts'

const server = redisForTests()

test('for a user who may touch no channel all is kept and ended: only the messages are missing', async () => {
  const to = { port: server().port, host: '127.0.0.1' }
  const admin = new Redis(to)
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>canary', '~authflight:*', '+@all')
  const client = new Redis({ ...to, username: 'app', password: 'canary', enableOfflineQueue: false })
  await once(client, 'ready')
  const engine = redisEngine({ client })
  onTestFinished(() => {
    engine.close()
    for (const each of [client, admin]) each.disconnect()
  })

  const place = { session: 'session', token: 'token' }
  const sealed = Uint8Array.of(1)
  const claim = (holder: string) =>
    engine.claim(place, { holder, lease: 10_000, note: sealed, again: true, miss: null, awaited: true })
  await claim('dead')
  await elapse(admin, 10_000)
  expect(await claim('a')).toMatchObject({ kind: 'taken', orphan: true })
  await engine.wait(place, 'a', 100)
  expect(await engine.publish(place, 'a', sealed, { ttl: 1_000, awaited: true })).toEqual({ kind: 'stored' })
  await engine.end('session', 10_000)
  expect(await claim('b')).toEqual({ kind: 'ended' })
})
