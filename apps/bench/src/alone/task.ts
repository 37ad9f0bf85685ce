import { fork } from 'node:child_process'
import type { Client } from '../clients/clients.ts'

/** What a process of its own is told to do. */
export type Task =
  | { readonly measure: 'fresh'; readonly client: Client }
  | { readonly measure: 'storm'; readonly client: Client; readonly sizes: readonly number[] }
  | { readonly measure: 'telemetry' }

/**
 * Runs a task in a process of its own and gives what it told until it ended, or until it was silent for so long
 * (milliseconds) that it was ended.
 *
 * @throws when it ended by itself with an error, which stands above on the terminal.
 */
export function runAlone<R>(
  task: Task,
  silence: number,
): Promise<{ readonly results: R[]; readonly finished: boolean }> {
  return new Promise((resolve, reject) => {
    const results: R[] = []
    const child = fork(new URL('main.ts', import.meta.url), { execArgv: ['--expose-gc'] })
    const end = (): void => void child.kill('SIGKILL')
    let timer = setTimeout(end, silence)
    child.on('message', (result) => {
      results.push(result as R)
      clearTimeout(timer)
      timer = setTimeout(end, silence)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (code === 0 || signal === 'SIGKILL') resolve({ results, finished: code === 0 })
      else reject(new Error(`${describe(task)} ended with ${signal ?? `code ${code}`}.`))
    })
    child.send(task)
  })
}

const describe = (task: Task): string =>
  task.measure === 'telemetry' ? 'Measuring telemetry' : `Measuring ${task.measure} of ${task.client.name}`
