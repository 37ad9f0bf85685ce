import type { Context } from '@opentelemetry/api'
import type { AuthAccount } from './auth-client.ts'
import type { CallOptions } from './call-options.ts'
import { settleWithin } from './clock.ts'
import { AuthError, AuthRetryableFetchError } from './errors.ts'
import { goneBefore, leftBecause } from './failures.ts'
import type { LegacyLock } from './locks.ts'
import type { Parts } from './parts.ts'
import type { Session } from './session.ts'
import { callerOf } from './telemetry/calls.ts'
import { openContention } from './telemetry/contention.ts'
import { wrapMethods } from './wrap-methods.ts'

type Seen = Pick<AuthAccount, 'getSnapshot'>

/** What a lock does around a client. */
export interface Turns {
  /** The same object, each of whose operations takes the lock first, and leaves it with its result. */
  around<T extends Seen>(surface: T): T
  /** Runs where nobody holds the lock; else it does nothing. */
  ifFree(work: () => Promise<unknown>): Promise<void>
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
 * client from within an event waits for its turn, and nobody waits for the handler. Operations of one client stand in a line of their own, and only
 * the first of them asks for the lock: a client never keeps itself waiting for longer than `acquireTimeout`.
 */
export function createTurns(
  { lock, acquireTimeout }: LegacyLock,
  { name, telemetry, clock }: Parts,
  patience: number,
  isDisposed: () => boolean,
): Turns {
  const lockName = `lock:authflight:${name}`
  // Who waits for a lock that never answers goes, unless it was to wait for ever.
  const limit = acquireTimeout < 0 ? Infinity : acquireTimeout + patience
  let inLine = 0
  let last: Promise<unknown> = Promise.resolve()

  /** Gives what the work gives, whatever the lock makes of it; or why it was not begun. */
  function take<R>(work: () => R, parent: Context): Promise<R | AuthError> {
    const contend = (kind: 'lock_wait' | 'lock_timeout') => openContention(telemetry, kind, 'realm', parent)
    const waited = inLine > 0 ? contend('lock_wait') : null
    inLine += 1
    const turn = last.then(async () => {
      let result: R | AuthError | undefined
      try {
        await lock(lockName, acquireTimeout, async () => {
          waited?.('acquired')
          return (result ??= work())
        })
      } catch {
        // Not to be had, or what the work throws: that is its result.
      }
      if (result) return result
      waited?.('gave_up')
      contend('lock_timeout')('gave_up')
      return (result = lockTimeout())
    })
    const leave = (): void => void (inLine -= 1)
    last = turn.then(leave, leave)
    return turn
  }

  async function waitFor(work: () => unknown, call: CallOptions): Promise<unknown> {
    const settled = await settleWithin(take(work, callerOf(telemetry, call)), clock, limit, call.signal)
    return settled.by === 'value' ? settled.value : leftBecause(settled.by)
  }

  const around = <T extends Seen>(surface: T): T =>
    wrapMethods(surface, withoutTurn, (method, key) => async (...given) => {
      const work = (): unknown => method(...given)
      if (isDisposed()) return work()
      const call = (given.at(-1) ?? {}) as CallOptions
      const result = goneBefore(call.signal) ?? (await waitFor(work, call))
      if (!(result instanceof AuthError)) return result
      if (key === 'getAccessToken') throw result
      return { data: unchanged(surface), error: result }
    })

  return {
    around,
    async ifFree(work) {
      try {
        await lock(lockName, 0, work)
      } catch {
        // Somebody holds it.
      }
    },
  }
}

/** The data of a result that never was, whatever its operation: nothing has changed. */
function unchanged({ getSnapshot }: Seen) {
  const { session = null } = getSnapshot() as { readonly session?: Session }
  return { session, user: session?.user ?? null, url: null, tokens: null, accounts: [] }
}

const lockTimeout = (): AuthRetryableFetchError =>
  new AuthRetryableFetchError(
    'lock_timeout',
    'The `lock` was not to be had, so nothing was done. Leave it out: Authflight needs none.',
  )
