import type { Fault } from './faults.ts'
import { matches, type RequestFacts, type RequestMatch } from './request-facts.ts'

/** The switches in front of the endpoints. */
export interface Faults {
  /** The next matching request, and only that. Each call counts one request. Default: any at the token endpoint. */
  next(fault: Fault, match?: RequestMatch): void
  /** Every matching request until the returned function is called. Default: all at the token endpoint. */
  always(fault: Fault, match?: RequestMatch): () => void
  /** Nothing goes wrong from now on. Requests under way keep their faults. */
  clear(): void
}

interface Standing {
  readonly fault: Fault
  readonly match: RequestMatch
  readonly once: boolean
}

export interface FaultBoard extends Faults {
  /** The faults of this request: every standing one, and the earliest `next` for it. The first set is the outermost. */
  take(facts: RequestFacts): Fault[]
}

export function createFaultBoard(): FaultBoard {
  const standing = new Set<Standing>()
  const set = (fault: Fault, match: RequestMatch = {}, once: boolean) => {
    const entry = { fault, match, once }
    standing.add(entry)
    return () => void standing.delete(entry)
  }
  return {
    next: (fault, match) => void set(fault, match, true),
    always: (fault, match) => set(fault, match, false),
    clear: () => standing.clear(),
    take(facts) {
      const hits = [...standing].filter((entry) => matches(entry.match, facts))
      const spent = hits.find((entry) => entry.once)
      if (spent) standing.delete(spent)
      return hits.filter((entry) => !entry.once || entry === spent).map((entry) => entry.fault)
    },
  }
}
