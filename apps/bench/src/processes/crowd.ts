import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { serve } from '@authflight/testing/node'
import type { RedisServer } from '../../../../scripts/lib/redis-server.mjs'
import { createStrictServer } from '../server.ts'
import { spread, type Spread } from '../statistics.ts'

const processCount = 8
const callersEach = 100

/** How the processes of an app agree on a refresh. */
export const ways = ['alone', 'in process', 'Redis'] as const
export type Way = (typeof ways)[number]

export interface WorkerOptions {
  readonly way: Way
  readonly issuer: string
  readonly redisPort: number
}

/** Callers of one process, all at this instant (epoch milliseconds). */
export interface Crowd {
  readonly token: string
  readonly callers: number
  readonly at: number
}

export interface Fared {
  readonly failures: number
  /** Milliseconds until the last caller of the process had its answer. */
  readonly ms: number
}

/** What one token, held by so many callers of so many processes, came to at a strict server. */
export interface ProcessesRow {
  readonly way: Way
  readonly rounds: number
  /** Requests that carried a refresh token, the most of any round. */
  readonly calls: number
  /** Callers without tokens, the most of any round. */
  readonly failures: number
  /** Milliseconds until all callers of a process had their answer. */
  readonly time: Spread
}

/** Milliseconds until a round begins: long enough for all processes to hear of it. */
const notice = 100

export async function runCrowds(way: Way, redis: RedisServer, rounds: number): Promise<ProcessesRow> {
  const server = createStrictServer(() => Date.now())
  const { url: issuer, close } = await serve(server)
  const options: WorkerOptions = { way, issuer, redisPort: redis.port }
  const workers: ChildProcess[] = []
  try {
    for (let n = 0; n < processCount; n += 1) {
      workers.push(fork(new URL('worker.ts', import.meta.url), [JSON.stringify(options)]))
    }
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    const [calls, failures, times]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < rounds; round += 1) {
      const { refresh_token: token = '' } = await server.signIn({ scope: 'openid' })
      const seen = server.count('refresh_token')
      const fared = workers.map(async (worker) => {
        const told = once(worker, 'message') as Promise<[Fared]>
        worker.send({ token, callers: callersEach, at: Date.now() + notice } satisfies Crowd)
        return (await told)[0]
      })
      const all = await Promise.all(fared)
      calls.push(server.count('refresh_token') - seen)
      failures.push(all.reduce((sum, each) => sum + each.failures, 0))
      times.push(...all.map(({ ms }) => ms))
    }
    return { way, rounds, calls: Math.max(...calls), failures: Math.max(...failures), time: spread(times) }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await close()
  }
}
