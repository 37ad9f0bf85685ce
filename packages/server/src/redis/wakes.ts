import type { Clock } from '@authflight/client/realm'
import { settleWithin } from '@authflight/client/presentation'
import type { Connection, Listening } from './connection.ts'

/** Who waits for messages about names, over one connection that listens. */
export interface Wakes {
  /** Until a message about one of the names comes, or `ms` have passed. */
  next(names: readonly string[], ms: number): { readonly woken: Promise<void>; readonly cancel: () => void }
  /** Listens, if it does not yet; waits for that no longer than `ms`. Where it fails, it is tried again by the next who asks; not once it is closed. */
  open(ms: number): Promise<void>
  close(): void
}

export function createWakes(connection: Connection, channel: string, clock: Clock): Wakes {
  const sleepers = new Map<string, Set<() => void>>()
  let listening: Listening | null = null
  let isClosed = false

  function heard(message: string): void {
    for (const go of sleepers.get(message) ?? []) go()
  }

  return {
    next(names, ms) {
      let cancel = (): void => {}
      const woken = new Promise<void>((resolve) => {
        const go = (): void => {
          stop()
          for (const name of names) {
            const others = sleepers.get(name)
            others?.delete(go)
            if (others?.size === 0) sleepers.delete(name)
          }
          resolve()
        }
        const stop = clock.after(ms, go)
        for (const name of names) {
          const others = sleepers.get(name) ?? new Set()
          sleepers.set(name, others.add(go))
        }
        cancel = go
      })
      return { woken, cancel }
    },
    async open(ms) {
      if (isClosed) return
      const mine = (listening ??= connection.listen(channel, heard))
      mine.ready.catch(() => {
        if (listening === mine) listening = null
      })
      await settleWithin(mine.ready, clock, ms).catch(() => {})
    },
    close() {
      isClosed = true
      listening?.close()
      listening = null
    },
  }
}
