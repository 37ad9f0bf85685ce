import type { Answer } from './answer.ts'
import { createFaultBoard, type FaultBoard } from './fault-board.ts'
import { applyAll } from './faults.ts'
import { createGate, type Gate, type GateSide } from './gate.ts'
import type { RequestFacts } from './request-facts.ts'
import { closeEntry, openEntry, type OpenEntry } from './request-log.ts'

/** Where requests arrive: each is logged, meets its faults, and only then an endpoint. */
export interface Reception {
  readonly faults: FaultBoard
  readonly log: readonly OpenEntry[]
  receive(facts: RequestFacts, answer: (entry: OpenEntry) => Promise<Answer> | Answer): Promise<Answer>
  hold(match?: Partial<RequestFacts> & { readonly when?: GateSide }): Gate
  /** Forgets the log and the faults. */
  reset(): void
}

/** `now`: the server's clock, epoch milliseconds. */
export function createReception(now: () => number): Reception {
  const faults = createFaultBoard()
  const log: OpenEntry[] = []
  return {
    faults,
    log,
    async receive(facts, answer) {
      const entry = openEntry(facts, log.length + 1, now())
      log.push(entry)
      const met = faults.take(facts)
      entry.faults = met.map((fault) => fault.name)
      const outcome = await applyAll(met, async () => {
        entry.processed = true
        return answer(entry)
      })
      await closeEntry(entry, outcome)
      return outcome
    },
    hold({ when = 'before', ...match } = {}) {
      const { gate, fault } = createGate(when, () => open())
      const open = faults.always(fault, match)
      return gate
    },
    reset() {
      log.length = 0
      faults.clear()
    },
  }
}
