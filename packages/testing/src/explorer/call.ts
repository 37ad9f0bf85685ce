import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionView } from './history.ts'

/** One operation that an actor has begun. */
export interface Call {
  readonly id: number
  readonly operation: string
  readonly tab: string
  readonly client: string | null
  /** The session that was shown when it began; `unknown` while that was being restored. */
  readonly about: SessionView | null | 'unknown'
  /** The login of the user whom it can give something of; null where that may be anybody. */
  readonly whom: string | null
  /** The session at the server whose tokens it brings; null where it brings none. */
  readonly brings: string | null
  /** Milliseconds since the world began. */
  readonly begunAt: number
  settled: boolean
}

const running = new AsyncLocalStorage<Call | null>()

/** The operation on whose behalf the code runs that asks. */
export const currentCall = (): Call | null => running.getStore() ?? null

/** Runs something, and all that comes of it, on behalf of an operation. */
export const onBehalfOf = <R>(call: Call | null, act: () => R): R => running.run(call, act)
