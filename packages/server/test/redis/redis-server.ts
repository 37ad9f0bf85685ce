import type { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { type RedisServer, startRedisServer } from '../../../../scripts/lib/redis-server.mjs'

/** A server for all tests of a file. */
export function redisForTests(): () => RedisServer {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server.kill())
  return () => server
}

/** Lets so many milliseconds pass for all keys: each has so much less to live. */
export async function elapse(admin: Redis, ms: number): Promise<void> {
  for (const key of await admin.keys('*')) {
    const left = await admin.pttl(key)
    if (left - ms <= 0) await admin.del(key)
    else await admin.pexpire(key, left - ms)
  }
}
