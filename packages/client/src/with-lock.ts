import type { AuthAccount } from './auth-client.ts'
import type { CallOptions } from './base/call-options.ts'
import { settleWithin } from './realm/clock.ts'
import { AuthClientDisposedError, AuthError, AuthRetryableFetchError } from './base/errors.ts'
import { goneBefore, leftBecause } from './refresh/failures.ts'
import type { LegacyLock } from './locks.ts'
import type { Parts } from './slot/parts.ts'
import type { Session } from './base/session.ts'
import { callerOf } from './telemetry/calls.ts'
import { openContention } from './telemetry/contention.ts'
import { wrapMethods } from './base/wrap-methods.ts'

type Seen = Pick<AuthAccount, 'getSnapshot'>

/** What a lock does around a client. */
export interface Turns {
  /** The same object, each of whose operations takes the lock first, and leaves it with its result. */
  around<T extends Seen>(surface: T): T
  /** Runs where nobody holds the lock or waits for it here; else it does nothing. Who comes meanwhile has its turn after. */
  ifFree(work: () => Promise<unknown>): Promise<unknown>
  /** Whoever waits is told that the client is disposed of. */
  close(): void
}

/** What is no operation, or lasts too long to be one turn: `fetch` would hold the lock for as long as an API takes. */
const withoutTurn = [
  'fetch',
  'onAuthStateChange',
  'getSnapshot',
  'subscribe',
  'startAutoRefresh',
  'stopAutoRefresh',
  'account',
  'dispose',
]

/**
 * The whole of the legacy mode: an adapter around a client that needs no lock. Nothing inside knows of it, so a handler that calls the
 * client from within an event waits for its turn, and nobody waits for the handler. Operations of one client, and its timer, stand in a line
 * of their own, and only the first of them asks for the lock: a client never keeps itself waiting for longer than `acquireTimeout`.
 */
export function createTurns(
  { lock, acquireTimeout }: LegacyLock,
  { name, telemetry, clock, patience, isDisposed }: Parts,
): Turns {
  const lockName = `lock:authflight:${name}`
  // Who waits for a lock that never answers goes, unless it was to wait for ever.
  const limit = acquireTimeout < 0 ? Infinity : acquireTimeout + patience
  /** Whoever waits for its turn or has it, by what ends that. */
  const line = new Set<() => void>()
  /** Resolves when all who are in line now have left it. */
  let last: Promise<unknown> = Promise.resolve()

  /**
   * Gives what the work gives, whatever the lock makes of it; or why it was not begun, and then it never is. Waits `ms` at most.
   * What is told of it hangs below the `call`; without one nothing is.
   */
  async function take(work: () => unknown, timeout: number, ms: number, call?: CallOptions): Promise<unknown> {
    const parent = call && callerOf(telemetry, call)
    const contend = (kind: 'lock_wait' | 'lock_timeout') => parent && openContention(telemetry, kind, 'realm', parent)
    const waited = line.size > 0 ? contend('lock_wait') : null
    let result: Promise<unknown> | undefined
    let answer = (): void => {}
    const answered = new Promise<void>((resolve) => (answer = resolve))

    /** Whoever comes first says what the result is: the lock, or what ends the wait for it. */
    function decide(resolution: 'acquired' | 'gave_up', say: () => unknown): Promise<unknown> {
      if (result) return result
      waited?.(resolution)
      result = (async () => (isDisposed() ? new AuthClientDisposedError() : say()))()
      // A lock may not wait for it, or give way late: its caller is told all the same, and whoever stands behind waits for the lock.
      result.then(answer, answer)
      return result
    }

    let leave = (): void => {}
    const over = new Promise<void>((resolve) => {
      leave = () => {
        line.delete(leave)
        resolve()
        answer()
      }
    })
    line.add(leave)
    last
      .then(() => isDisposed() || (result ?? lock(lockName, timeout, () => decide('acquired', work))))
      .then(leave, leave)
    // Who goes without having begun keeps nobody waiting; who stood before it still does.
    last = last.then(() => over)

    const { by } = await settleWithin(answered, clock, ms, call?.signal)
    if (by !== 'value' && result) return leftBecause(by)
    return decide('gave_up', () => {
      leave()
      if (by === 'aborted') return leftBecause(by)
      contend('lock_timeout')?.('gave_up')
      return lockTimeout()
    })
  }

  const around = <T extends Seen>(surface: T): T =>
    wrapMethods(surface, withoutTurn, (method, key) => async (...given) => {
      const work = (): unknown => method(...given)
      if (isDisposed()) return work()
      const call = (given.at(-1) ?? {}) as CallOptions
      const result = goneBefore(call.signal) ?? (await take(work, acquireTimeout, limit, call))
      if (!(result instanceof AuthError)) return result
      if (key === 'getAccessToken') throw result
      return { data: unchanged(surface, key), error: result }
    })

  /** The data of a result that never was, whatever its operation: nothing has changed. Who would let somebody in did not ask for who is here. */
  function unchanged({ getSnapshot }: Seen, method: string) {
    const isAsked = /^(get|refresh|update)/.test(method) && !isDisposed()
    const { session = null } = (isAsked ? getSnapshot() : {}) as { readonly session?: Session }
    return { session, user: session?.user ?? null, url: null, tokens: null, accounts: [] }
  }

  return {
    around,
    ifFree: async (work) => line.size === 0 && take(work, 0, patience),
    close() {
      for (const leave of line) leave()
    },
  }
}

const lockTimeout = (): AuthRetryableFetchError =>
  new AuthRetryableFetchError(
    'lock_timeout',
    'The `lock` was not to be had, so nothing was done. Leave it out: Authflight needs none.',
  )
