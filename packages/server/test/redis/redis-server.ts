import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll } from 'vitest'
import { findRedisServer } from '../../../../scripts/lib/redis-server.mjs'
import type { Redis } from 'ioredis'

/** A Redis server of a test file's own, in memory, on a free port of this machine. */
export interface RedisServer {
  readonly port: number
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  /** Holds all it does, connections open: as a network that swallows everything. */
  freeze(): void
  thaw(): void
}

export async function startRedis(): Promise<RedisServer> {
  const program = findRedisServer()
  if (!program) throw new Error('redis-server is missing: `npm test` installs it, or name one in REDIS_SERVER_PATH.')
  const port = await findPort()
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}.`)))
  })
  return {
    port,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}

/** A server for all tests of a file. */
export function useRedis(): () => RedisServer {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
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
