// One thread of `npm run explore`.
import { parentPort } from 'node:worker_threads'
import { explore } from '../src/explorer/index.ts'
import type { Batch, Done } from './workers.ts'

parentPort?.on('message', (batch: Batch) => {
  void explore(batch).then(({ coverage, ...rest }) => {
    const done: Done = { ...rest, coverage: [...coverage] }
    // The schedule holds functions nowhere, and the records are plain JSON.
    parentPort?.postMessage(done)
  })
})
