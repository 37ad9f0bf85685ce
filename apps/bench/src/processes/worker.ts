// One server process of an app: told a token, it lets so many callers refresh it at once, and says how they fared.
import { once } from 'node:events'
import { oauth } from '@authflight/client/oauth'
import { createRefreshCoordinator, type Ask } from '@authflight/server'
import { redisEngine } from '@authflight/server/redis'
import { Redis } from 'ioredis'
import type { Crowd, Fared, WorkerOptions } from './crowd.ts'

const { way, issuer, redisPort } = JSON.parse(process.argv[2] ?? '') as WorkerOptions
const provider = oauth({ issuer, clientId: 'spa', scope: 'openid' })
const { authority, clientId } = provider
const common = { issuer: authority, clientId, profile: 'fatal' } as const
const session = 'session'

/** Refreshes as this process does; rejects where it does not get tokens. */
async function createRefresh(): Promise<(token: string) => Promise<unknown>> {
  const askWith =
    (token: string): Ask =>
    (io) =>
      provider.refresh(token, io)
  if (way === 'alone') {
    const io = { signal: new AbortController().signal, now: Date.now, fetch, present: fetch }
    return async (token) => {
      const answer = await askWith(token)(io)
      if (answer.kind !== 'tokens') throw new Error(answer.kind)
    }
  }
  if (way === 'in process') {
    const coordinator = createRefreshCoordinator(common)
    return (token) => coordinator.refresh(token, askWith(token), { session })
  }
  const client = new Redis({ port: redisPort, host: '127.0.0.1', enableOfflineQueue: false })
  await once(client, 'ready')
  const engine = redisEngine({ client, commandTimeout: 5_000 })
  const coordinator = createRefreshCoordinator({ ...common, engine, pepper: 'the same in all processes of a run' })
  return (token) => coordinator.refresh(token, askWith(token), { session })
}

const refresh = await createRefresh()
process.on('message', ({ token, callers, at }: Crowd) => {
  setTimeout(() => void run(token, callers), at - Date.now())
})
process.send?.('ready')

async function run(token: string, callers: number): Promise<void> {
  const begun = performance.now()
  const all = await Promise.allSettled(Array.from({ length: callers }, () => refresh(token)))
  const failures = all.filter(({ status }) => status === 'rejected').length
  process.send?.({ failures, ms: performance.now() - begun } satisfies Fared)
}
