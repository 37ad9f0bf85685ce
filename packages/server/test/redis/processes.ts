import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { ReuseProfile } from '@authflight/client'
import { onTestFinished } from 'vitest'
import type { ClientName } from './client.ts'

export interface WorkerOptions {
  readonly issuer: string
  /** Of Redis. */
  readonly port: number
  readonly client: ClientName
  readonly profile: ReuseProfile
}

export interface Work {
  readonly id: number
  readonly token: string
  readonly session: string
  readonly callers: number
  readonly hasLiveAccessToken: boolean
}

export interface Outcomes {
  readonly id: number
  /** For each caller its access token, or the code of its error. */
  readonly got: readonly string[]
}

/** A server process of an app. Ended with the test. */
export async function startWorker(options: WorkerOptions) {
  const child: ChildProcess = fork(new URL('worker.ts', import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--conditions=@authflight/source', '--disable-warning=ExperimentalWarning'],
  })
  const gone = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const failed = gone.then(([code]) => {
    throw new Error(`A worker ended with code ${String(code)} before it was ready.`)
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  let count = 0
  return {
    /** What each of its callers gets; never, where the process is killed before. */
    refresh(work: Partial<Work> & Pick<Work, 'token'>): Promise<readonly string[]> {
      const id = (count += 1)
      return new Promise((resolve) => {
        const hear = (outcomes: Outcomes): void => {
          if (outcomes.id !== id) return
          child.off('message', hear)
          resolve(outcomes.got)
        }
        child.on('message', hear)
        child.send({ session: 'session 1', callers: 1, hasLiveAccessToken: false, ...work, id } satisfies Work)
      })
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    /** Nothing of it runs until it is thawed. */
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}
