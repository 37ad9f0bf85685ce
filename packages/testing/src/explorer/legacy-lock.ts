import type { LockFunction } from '@authflight/client/locks'
import { currentCall, onBehalfOf } from './call.ts'
import type { Choices } from './choices.ts'
import type { Tab } from './tab.ts'

/** As locks of older clients tell it: too late. */
class NotInTime extends Error {
  readonly isAcquireTimeout = true
}

/** The lock of an older client, one for all clients of a tab: one turn at a time, in the order in which the scheduler lets them ask. */
export function createLegacyLock(choices: Choices, tab: Tab): LockFunction {
  let isHeld = false
  const queue: (() => void)[] = []

  /** Resolves when it is its turn; false: not in time. */
  function turn(acquireTimeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      let isOver = false
      const end = (isGranted: boolean): void => {
        isOver = true
        cancel()
        resolve(isGranted)
      }
      const granted = (): void => end(true)
      const take = (): void => {
        if (isOver) return
        if (isHeld && acquireTimeout > 0) return void queue.push(granted)
        end(!isHeld)
        isHeld = true
      }
      const cancel =
        acquireTimeout > 0
          ? tab.timers.set(acquireTimeout, () => {
              if (queue.includes(granted)) queue.splice(queue.indexOf(granted), 1)
              end(false)
            })
          : (): void => {}
      choices.add({
        kind: 'lock',
        tab: tab.name,
        lane: null,
        isHeld: () => tab.isFrozen,
        describe: () => 'asks for its turn',
        faults: ['refused'],
        take: (fault) => (fault === null ? take() : end(false)),
        call: currentCall(),
      })
    })
  }

  return async (_name, acquireTimeout, work) => {
    const call = currentCall()
    if (!(await turn(acquireTimeout))) throw new NotInTime()
    try {
      return await onBehalfOf(call, work)
    } finally {
      const next = queue.shift()
      // It is handed on, so nobody who asks now comes first.
      if (next) next()
      else isHeld = false
    }
  }
}
