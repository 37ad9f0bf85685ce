import type { Call } from './call.ts'

/** What a client can be waiting for outside of itself. A timer is no choice of its own kind: time chooses among those. */
export type AwaitKind = 'transaction' | 'commit' | 'digest' | 'lock' | 'request' | 'answer' | 'message'

/** Something outside of the clients that has to happen and has not yet. The scheduler says when, and how well it goes. */
export interface Choice {
  readonly kind: AwaitKind
  /** Who waits for it, as a timeline writes it: a tab's name. */
  readonly tab: string
  /** Choices of one lane happen in their order. */
  readonly lane: object | null
  /** It reaches nobody at the moment, because its tab is frozen. */
  readonly isHeld?: () => boolean
  readonly describe: () => string
  /** In what other ways it can go. */
  readonly faults: readonly string[]
  readonly take: (fault: string | null) => void
  /** The operation on whose behalf it is; null where nobody asked. */
  readonly call: Call | null
}

/** All that is pending in a world, oldest first. */
export class Choices {
  #pending: Choice[] = []

  add(choice: Choice): void {
    this.#pending.push(choice)
  }

  get all(): readonly Choice[] {
    return this.#pending
  }

  /** What can happen next, oldest first. */
  eligible(): Choice[] {
    const lanes = new Set<object>()
    return this.#pending.filter(({ lane, isHeld }) => {
      if (lane) {
        if (lanes.has(lane)) return false
        lanes.add(lane)
      }
      return !isHeld?.()
    })
  }

  take(choice: Choice, fault: string | null): void {
    this.#pending.splice(this.#pending.indexOf(choice), 1)
    choice.take(fault)
  }

  /** Forgets what nobody can be told any more. */
  drop(isGone: (choice: Choice) => boolean): void {
    this.#pending = this.#pending.filter((choice) => !isGone(choice))
  }
}
