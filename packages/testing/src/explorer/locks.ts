import { currentCall, onBehalfOf } from './call.ts'
import type { Choices } from './choices.ts'
import type { Fact } from './history.ts'
import type { Secrets } from './secrets.ts'
import type { Tab } from './tab.ts'

type Granted = (lock: Lock | null) => unknown

/** The Web Locks of the origin: exclusive ones, and `ifAvailable`. A tab that is gone holds none. */
export interface Locks {
  of(tab: Tab): Pick<LockManager, 'request'>
  heldBy(tab: Tab): number
  releaseAll(tab: Tab): void
}

export function createLocks(choices: Choices, tell: (fact: Fact) => void, { isLeak }: Secrets): Locks {
  const holders = new Map<string, Tab>()
  const queues = new Map<string, { readonly tab: Tab; readonly grant: () => void }[]>()

  async function hold(tab: Tab, name: string, granted: Granted): Promise<unknown> {
    holders.set(name, tab)
    try {
      return await granted({ name, mode: 'exclusive' } as Lock)
    } finally {
      if (holders.get(name) === tab) free(name)
    }
  }

  function free(name: string): void {
    holders.delete(name)
    let next = queues.get(name)?.shift()
    while (next && !next.tab.isAlive) next = queues.get(name)?.shift()
    next?.grant()
  }

  function request(tab: Tab, name: string, ifAvailable: boolean, granted: Granted): Promise<unknown> {
    tell({ kind: 'locked', tab: tab.name, leaked: isLeak(name) })
    const call = currentCall()
    return new Promise((resolve, reject) => {
      const grant = (fault: string | null): void => {
        if (fault) return reject(new DOMException('The lock is not to be had.', 'AbortError'))
        if (!holders.has(name)) return onBehalfOf(call, () => void hold(tab, name, granted).then(resolve, reject))
        if (ifAvailable) return onBehalfOf(call, () => void Promise.resolve(granted(null)).then(resolve, reject))
        const queue = queues.get(name) ?? []
        queues.set(name, queue)
        queue.push({ tab, grant: () => grant(null) })
      }
      choices.add({
        kind: 'lock',
        tab: tab.name,
        lane: null,
        isHeld: () => tab.isFrozen,
        describe: () => (ifAvailable ? 'looks whether a lock is free' : 'gets a lock'),
        faults: ['refused'],
        take: grant,
        call,
      })
    })
  }

  return {
    of: (tab) => ({
      request: (name: string, ...rest: [LockOptions, Granted] | [Granted]) => {
        const granted = rest.at(-1) as Granted
        const { ifAvailable = false } = rest.length === 2 ? rest[0] : {}
        return request(tab, name, ifAvailable, granted) as Promise<never>
      },
    }),
    heldBy: (tab) => [...holders.values()].filter((holder) => holder === tab).length,
    releaseAll(tab) {
      for (const [name, holder] of holders) if (holder === tab) free(name)
    },
  }
}
