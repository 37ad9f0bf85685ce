import { once } from 'node:events'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from '../../src/redis/index.ts'

export type ClientName = 'redis' | 'ioredis'

/** A client as the docs say to make it, connected. */
export async function openClient(name: ClientName, port: number): Promise<{ client: RedisClient; close: () => void }> {
  if (name === 'ioredis') {
    const client = new Redis({ port, host: '127.0.0.1', enableOfflineQueue: false })
    client.on('error', () => {})
    await once(client, 'ready')
    return { client, close: () => client.disconnect() }
  }
  const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  return { client, close: () => client.destroy() }
}
