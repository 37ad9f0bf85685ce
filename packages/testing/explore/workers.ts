import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Coverage, Exploration } from '../src/explorer/index.ts'

/** So many schedules share a seed of their own, so that any number of workers plays the same ones. */
const batch = 500

/** One batch, done. */
export type Done = Omit<Exploration, 'coverage'> & {
  readonly coverage: readonly (readonly [cell: string, count: number])[]
}

export interface Batch {
  readonly runs: number
  readonly seed: number
}

/** Plays the schedules in batches on several threads. Stops at the first failure. */
export async function exploreWith(workers: number, runs: number, seed: number): Promise<Exploration> {
  const batches = Array.from({ length: Math.ceil(runs / batch) }, (_, nth): Batch => ({
    seed: (seed + nth) | 0,
    runs: Math.min(batch, runs - nth * batch),
  }))
  const coverage: Coverage = new Map()
  const decisions: number[] = []
  let failure: Exploration['failure'] = null
  let played = 0
  let told = performance.now()

  function add(done: Done): void {
    played += done.runs
    decisions.push(...done.decisions)
    for (const [cell, count] of done.coverage) coverage.set(cell, (coverage.get(cell) ?? 0) + count)
    failure ??= done.failure
    if (performance.now() - told < 30_000) return
    told = performance.now()
    console.log(`${played.toLocaleString('en')} of ${runs.toLocaleString('en')} schedules`)
  }

  const threads = Math.max(1, Math.min(workers, availableParallelism(), batches.length))
  await Promise.all(Array.from({ length: threads }, () => work(() => (failure ? undefined : batches.shift()), add)))
  return { seed, runs: played, failure, coverage, decisions }
}

function work(next: () => Batch | undefined, done: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('batch.ts', import.meta.url), {
      // The client is read from its sources, whoever starts this.
      execArgv: ['--conditions=@authflight/source'],
      // Worlds are many and short-lived: most garbage is young.
      resourceLimits: { maxYoungGenerationSizeMb: 96 },
    })
    const give = (): void => {
      const work = next()
      if (work) worker.postMessage(work)
      else void worker.terminate().then(() => resolve())
    }
    worker.on('message', (result: Done) => {
      done(result)
      give()
    })
    worker.on('error', reject)
    give()
  })
}
