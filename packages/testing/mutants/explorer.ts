import { Worker } from 'node:worker_threads'
import type { Mutant } from './mutant.ts'

/** What one thread plays. */
export interface Exploring {
  readonly mutant: Mutant | null
  readonly runs: number
  readonly seed: number
}

/** Milliseconds without a word after which it hangs. One schedule takes about ten, on a loaded machine a hundred. */
const patience = 30_000

/** Plays schedules on a client with this mutant in it. Gives how it was caught; null where no promise was broken. */
export function explore(exploring: Exploring): Promise<string | null> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('explorer-thread.ts', import.meta.url), {
      workerData: exploring,
      // The client is read from its sources, whoever starts this.
      execArgv: ['--conditions=@authflight/source'],
      // Some mutants fill whatever there is.
      resourceLimits: { maxOldGenerationSizeMb: 1_024 },
      // What a mutant says is of no interest.
      stdout: true,
      stderr: true,
    })
    function end(how: string | null): void {
      clearTimeout(silence)
      void worker.terminate().then(() => resolve(how))
    }
    const isSilent = (): void => end('it hangs')
    let silence = setTimeout(isSilent, patience)
    worker.on('message', (told: { readonly how: string | null } | 'played') => {
      if (told !== 'played') return end(told.how)
      clearTimeout(silence)
      silence = setTimeout(isSilent, patience)
    })
    worker.on('error', (error) => end(`it throws: ${error.message}`))
  })
}
