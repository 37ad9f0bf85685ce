import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'

/** What is asked of the process that runs the tests, and what it answers. */
export interface Question {
  readonly mutant: Mutant | null
  /** How it was caught before; null where it was not. */
  readonly before: string | null
}
export type Word = { readonly kind: 'ready' | 'passed' } | { readonly kind: 'done'; readonly how: string | null }

/** Milliseconds without a test that ends, after which it hangs. */
const patience = 90_000

/**
 * The unit tests, in a process of their own that stays: what no mutant changes is transformed once. `wanted`: parts of paths;
 * where there are any, only the files of tests that have one of them are run.
 */
export function openUnitTests(wanted: readonly string[]) {
  const start = () =>
    fork(fileURLToPath(new URL('unit-tests-process.ts', import.meta.url)), wanted, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  let child: ReturnType<typeof start> | null = null

  function close(): void {
    child?.kill('SIGKILL')
    child = null
  }

  /** Gives which test a mutant has failed; null where all pass. One at a time. `before`: how it was caught before; null where it was not. */
  function run(mutant: Mutant | null, before: string | null): Promise<string | null> {
    const running = (child ??= start())
    return new Promise((resolve, reject) => {
      function end(): void {
        clearTimeout(silence)
        running.removeAllListeners()
      }
      function isSilent(): void {
        end()
        // A test that never gives way to others cannot be stopped from within.
        close()
        resolve('it hangs')
      }
      let silence = setTimeout(isSilent, patience)
      running.on('message', (word: Word) => {
        clearTimeout(silence)
        silence = setTimeout(isSilent, patience)
        if (word.kind !== 'done') return
        end()
        resolve(word.how)
      })
      running.on('exit', (code) => {
        end()
        child = null
        if (mutant) resolve('it ends the process')
        else reject(new Error(`The process of the unit tests has ended (${code}).`))
      })
      running.send({ mutant, before } satisfies Question)
    })
  }

  return { run, close }
}
