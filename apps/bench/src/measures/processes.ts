import { startRedisServer } from '../../../../scripts/lib/redis-server.mjs'
import { type ProcessesRow, runCrowds, ways } from '../processes/crowd.ts'

const rounds = 5

/** The same crowd in each way, one way after the other, on one Redis. */
export async function measureProcesses(): Promise<ProcessesRow[]> {
  const redis = await startRedisServer()
  try {
    const rows: ProcessesRow[] = []
    for (const way of ways) rows.push(await runCrowds(way, redis, rounds))
    return rows
  } finally {
    await redis.kill()
  }
}
