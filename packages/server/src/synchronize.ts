import { checkBlock, checkToken } from './call.ts'
import type { Entries } from './entries.ts'
import { notItsTurn, waitsForItself } from './failures.ts'
import type { Parts } from './parts.ts'
import type { Flight } from './sharing.ts'

/** Mutual exclusion by token inside one process, in the order of asking. */
export function createSynchronize({ realm: { clock }, telemetry, nesting, patience }: Parts, entries: Entries<Flight>) {
  return async function synchronize<T>(token: string, block: () => T | Promise<T>): Promise<T> {
    checkToken(token, 'synchronize')
    checkBlock(block)
    if (nesting.isInside(token)) throw waitsForItself()
    const parent = telemetry.callerContext()
    const entry = entries.enter(token)
    try {
      const waiting = entry.isTaken
        ? telemetry.open('authflight.contention', {
            parent,
            attributes: { 'authflight.contention.kind': 'lock_wait', 'authflight.contention.scope': 'realm' },
          })
        : null
      const release = await entry.take(clock, patience)
      waiting?.end({ 'authflight.contention.resolution': release ? 'acquired' : 'gave_up' })
      if (!release) throw notItsTurn(clock.now())
      try {
        return await nesting.run(token, async () => block())
      } finally {
        release()
      }
    } finally {
      entries.leave(entry)
    }
  }
}
