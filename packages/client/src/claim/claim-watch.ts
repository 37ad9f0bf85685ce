import type { Claim } from './claim.ts'
import { rest, settleWithin } from '../realm/clock.ts'
import { presentingIn } from './presenting.ts'
import type { Realm } from '../realm/realm.ts'
import type { SignOfLife } from './sign-of-life.ts'
import type { Tabs } from '../realm/tabs.ts'

/** How long after the presenter's own limit nobody is expected to answer any more, milliseconds. */
const limitMargin = 5_000
/** How often a waiter looks again, although a notice should wake it: notices get lost. Milliseconds, half of it jitter. */
const lookAgain = 400

/** The shortest pause between two looks, however many notices come. Milliseconds. */
const shortestPause = 25

/**
 * Decides when others may stop waiting for a claim: when the lock of its presenter is free, or when it has not answered for its
 * limit. Only time that this waiter was awake counts, so a sleep or a clock that jumps ends nobody's claim.
 */
export function watchClaims(realm: Realm, life: SignOfLife, tabs: Tabs) {
  const { clock, random } = realm
  const presenting = presentingIn(realm)
  /** Milliseconds waited without an answer, and in all. */
  const waited = new Map<string, number>()
  const waitedInAll = new Map<string, number>()
  const gone = new Set<string>()
  return {
    /** Whether its presenter has certainly stopped without storing an outcome. */
    isAbandoned({ id, lost, limit }: Claim): boolean {
      if (lost || gone.has(id)) return true
      return !presenting.has(id) && (waited.get(id) ?? 0) > limit + limitMargin
    },
    /**
     * Whether its presenter has had all the time that it may take, and is there. It may owe the store a write, for as long as it lives: nobody
     * has more `patience` (milliseconds) than to have waited so long.
     */
    isEndless: ({ id, limit }: Claim, patience: number): boolean =>
      (waitedInAll.get(id) ?? 0) > Math.max(limit + 2 * limitMargin, patience),
    forget({ id }: Claim): void {
      tabs.forget(id)
      waited.delete(id)
      waitedInAll.delete(id)
      gone.delete(id)
    },
    /**
     * Until somebody says that something changed, or it is time to look again. A presenter found gone may have stored its
     * outcome just before, so the caller reads again: only a claim that still stands then was left behind.
     */
    async pause({ id, locked }: Claim, notice: Promise<void>): Promise<void> {
      const begun = clock.monotonic()
      tabs.ask(id)
      await settleWithin(notice, clock, lookAgain / 2 + (random() * lookAgain) / 2)
      const early = shortestPause - (clock.monotonic() - begun)
      if (early > 0) await rest(clock, early)
      const passed = Math.min(clock.monotonic() - begun, 2 * lookAgain)
      waited.set(id, tabs.hasAnswered(id) ? 0 : (waited.get(id) ?? 0) + passed)
      waitedInAll.set(id, (waitedInAll.get(id) ?? 0) + passed)
      if (!locked) return
      const looked = await settleWithin(life.isGone(id), clock, 1_000)
      if (looked.by === 'value' && looked.value) gone.add(id)
    },
  }
}

export type ClaimWatch = ReturnType<typeof watchClaims>
