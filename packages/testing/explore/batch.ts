// One thread of `npm run explore`.
import { parentPort } from 'node:worker_threads'
import { explore } from '../src/explorer/index.ts'
import type { Batch, Done } from './workers.ts'

async function playBatch(batch: Batch): Promise<void> {
  const { coverage, ...rest } = await explore(batch)
  // Plain values all the way down: a failure's records and schedule too.
  const done: Done = { ...rest, coverage: [...coverage] }
  parentPort?.postMessage(done)
}

parentPort?.on('message', (batch: Batch) => void playBatch(batch))
