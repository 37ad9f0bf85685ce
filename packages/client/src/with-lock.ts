import type { AuthAccount } from './auth-client.ts'
import { AuthRetryableFetchError } from './errors.ts'
import { isLockAcquireTimeout, type LegacyLock } from './locks.ts'
import type { Parts } from './parts.ts'
import { openContention } from './telemetry/contention.ts'

type Seen = Pick<AuthAccount, 'getSnapshot'>
type Operation = (...given: unknown[]) => Promise<unknown>

/** What a lock does around a client. */
export interface Turns {
  /** The same object, each of whose operations takes the lock first, and leaves it with its result. */
  around<T extends Seen>(surface: T): T
  /** Runs where nobody holds the lock; else it does nothing. */
  ifFree(work: () => Promise<unknown>): Promise<void>
}

/** What is no operation, or lasts too long to be one turn: `fetch` would hold the lock for as long as an API takes. */
const withoutTurn = new Set([
  'fetch',
  'onAuthStateChange',
  'getSnapshot',
  'subscribe',
  'startAutoRefresh',
  'stopAutoRefresh',
  'account',
  'dispose',
])

/**
 * The whole of the legacy mode: an adapter around a client that needs no lock. Nothing inside knows of it, so a handler that calls the
 * client from within an event waits for its turn, and nobody waits for the handler.
 */
export function createTurns({ lock, acquireTimeout }: LegacyLock, { name, telemetry }: Parts): Turns {
  const lockName = `lock:authflight:${name}`
  /** How many operations of this client hold the lock or wait for it. */
  let inLine = 0

  async function take<R>(work: () => Promise<R>): Promise<R> {
    const waited = inLine === 0 ? null : openContention(telemetry, 'lock_wait', 'realm')
    inLine += 1
    try {
      return await lock(lockName, acquireTimeout, () => {
        waited?.('acquired')
        return work()
      })
    } catch (error) {
      if (!isLockAcquireTimeout(error)) throw error
      waited?.('gave_up')
      openContention(telemetry, 'lock_timeout', 'realm')('gave_up')
      throw error
    } finally {
      inLine -= 1
    }
  }

  function around<T extends Seen>(surface: T): T {
    const wrapped = { ...surface }
    for (const [key, method] of Object.entries(surface) as [keyof T & string, unknown][]) {
      if (withoutTurn.has(key) || typeof method !== 'function') continue
      const inTurn = (...given: unknown[]): Promise<unknown> =>
        take(() => (method as Operation)(...given)).catch((error: unknown) => {
          if (!isLockAcquireTimeout(error)) throw error
          if (key === 'getAccessToken') throw lockTimeout()
          return { data: unchanged(surface), error: lockTimeout() }
        })
      wrapped[key] = inTurn as T[typeof key]
    }
    return wrapped
  }

  return {
    around,
    async ifFree(work) {
      await lock(lockName, 0, work).catch((error: unknown) => {
        if (!isLockAcquireTimeout(error)) throw error
      })
    },
  }
}

/** The data of a result that never was, whatever its operation: nothing has changed. */
function unchanged({ getSnapshot }: Seen) {
  const snapshot = getSnapshot()
  const session = 'session' in snapshot ? snapshot.session : null
  return { session, user: session?.user ?? null, url: null, tokens: null, accounts: [] }
}

const lockTimeout = (): AuthRetryableFetchError =>
  new AuthRetryableFetchError(
    'lock_timeout',
    'The `lock` was not to be had in time, so nothing was done. Leave it out: Authflight needs none.',
  )
