import { settleWithin, systemClock } from './realm/clock.ts'

/**
 * Locks for the deprecated option `lock`. Authflight needs none: one flight serves all callers, and a stored claim keeps tabs apart.
 * They are here for code that was written for clients which do.
 */

/** What `lock` takes: runs `work` while nobody else holds the lock of this name, and gives what it gives. */
export type LockFunction = <R>(name: string, acquireTimeout: number, work: () => Promise<R>) => Promise<R>

/** The deprecated lock of an app, and how long its callers wait for it: milliseconds, 0 tries once, negative for ever. */
export interface LegacyLock {
  readonly lock: LockFunction
  readonly acquireTimeout: number
}

/** The lock was not to be had in time. Guards go by `isAcquireTimeout`, which survives copies of the package. */
export abstract class LockAcquireTimeoutError extends Error {
  readonly isAcquireTimeout = true
}

/** A Web Lock was not to be had in time. */
export class NavigatorLockAcquireTimeoutError extends LockAcquireTimeoutError {
  override readonly name = 'NavigatorLockAcquireTimeoutError'
}

/** A lock of this process was not to be had in time. */
export class ProcessLockAcquireTimeoutError extends LockAcquireTimeoutError {
  override readonly name = 'ProcessLockAcquireTimeoutError'
}

/** `debug`: says to the console who takes and leaves a lock. Names only. */
export const internals: { debug: boolean } = { debug: false }

function say(what: string, name: string): void {
  if (internals.debug) console.log(`Authflight: lock ${what}: ${name}`)
}

/**
 * A lock among all tabs of the origin, by Web Locks. `acquireTimeout`: milliseconds; 0 tries once, negative, or none, waits for ever.
 * @throws {NavigatorLockAcquireTimeoutError} when it is not to be had in that time.
 * @throws {TypeError} where the runtime has no Web Locks.
 * @deprecated Leave the option `lock` out.
 */
export const navigatorLock: LockFunction = async (name, acquireTimeout, work) => {
  const locks = globalThis.navigator?.locks
  if (!locks)
    throw new TypeError('navigatorLock() needs Web Locks, which this runtime does not have. Leave `lock` out.')
  const run = async (lock: Lock | null): ReturnType<typeof work> => {
    if (!lock) throw tooLate(name, NavigatorLockAcquireTimeoutError)
    say('taken', name)
    try {
      return await work()
    } finally {
      say('left', name)
    }
  }
  if (acquireTimeout === 0) return locks.request(name, { ifAvailable: true }, run)
  if (!(acquireTimeout > 0)) return locks.request(name, run)
  const abort = new AbortController()
  const cancel = systemClock.after(acquireTimeout, () => abort.abort())
  let isTaken = false
  try {
    return await locks.request(name, { signal: abort.signal }, (lock) => {
      isTaken = true
      cancel()
      return run(lock)
    })
  } catch (error) {
    throw abort.signal.aborted && !isTaken ? tooLate(name, NavigatorLockAcquireTimeoutError) : error
  } finally {
    cancel()
  }
}

/** Who stands last for each name. Resolves when the lock is free again. */
const queues = new Map<string, Promise<unknown>>()

/**
 * A lock among all callers of this process. `acquireTimeout`: milliseconds; 0 tries once, negative, or none, waits for ever.
 * @throws {ProcessLockAcquireTimeoutError} when it is not to be had in that time.
 * @deprecated Leave the option `lock` out.
 */
export const processLock: LockFunction = async (name, acquireTimeout, work) => {
  const before = queues.get(name)
  if (before && acquireTimeout === 0) throw tooLate(name, ProcessLockAcquireTimeoutError)
  const turn = before ? waitFor(before, name, acquireTimeout) : Promise.resolve()
  const done = turn.then(() => {
    say('taken', name)
    return work()
  })
  // Whoever gives up while waiting leaves its place: the next one waits for those before it.
  const free = Promise.allSettled([before, done])
  queues.set(name, free)
  try {
    return await done
  } finally {
    say('left', name)
    if (queues.get(name) === free) void free.then(() => queues.get(name) === free && queues.delete(name))
  }
}

async function waitFor(before: Promise<unknown>, name: string, acquireTimeout: number): Promise<void> {
  if (!(acquireTimeout >= 0)) return void (await before)
  const { by } = await settleWithin(before, systemClock, acquireTimeout)
  if (by !== 'value') throw tooLate(name, ProcessLockAcquireTimeoutError)
}

const tooLate = (name: string, Late: new (message: string) => LockAcquireTimeoutError): LockAcquireTimeoutError =>
  new Late(`The lock "${name}" was not to be had in time. Somebody else holds it; try again, or allow more time.`)
