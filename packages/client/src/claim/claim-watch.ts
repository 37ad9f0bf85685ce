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

/** What is known of a presenter whose claim is waited for. */
interface Watched {
  /** Milliseconds waited since it answered. */
  readonly silent: number
  readonly inAll: number
  /** Its lock was free. */
  readonly isGone: boolean
}

/**
 * Decides when others may stop waiting for a claim: when the lock of its presenter is free, or when it has not answered for its
 * limit. Only time that this waiter was awake counts, so a sleep or a clock that jumps ends nobody's claim.
 */
export function watchClaims(realm: Realm, life: SignOfLife, tabs: Tabs) {
  const { clock, random } = realm
  const presenting = presentingIn(realm)
  const watched = new Map<string, Watched>()
  const of = (id: string): Watched => watched.get(id) ?? { silent: 0, inAll: 0, isGone: false }
  return {
    /** Whether its presenter has certainly stopped without storing an outcome. */
    isAbandoned: ({ id, lost, limit }: Claim): boolean =>
      lost || of(id).isGone || (!presenting.has(id) && of(id).silent > limit + limitMargin),
    /**
     * Whether its presenter has had all the time that it may take, and is there. It may owe the store a write, for as long as it lives: nobody
     * has more `patience` (milliseconds) than to have waited so long.
     */
    isEndless: ({ id, limit }: Claim, patience: number): boolean =>
      of(id).inAll > Math.max(limit + 2 * limitMargin, patience),
    forget({ id }: Claim): void {
      tabs.forget(id)
      watched.delete(id)
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
      const looked = locked && (await settleWithin(life.isGone(id), clock, 1_000))
      const { silent, inAll, isGone } = of(id)
      watched.set(id, {
        silent: tabs.hasAnswered(id) ? 0 : silent + passed,
        inAll: inAll + passed,
        isGone: isGone || (looked && looked.by === 'value' && looked.value),
      })
    },
  }
}

export type ClaimWatch = ReturnType<typeof watchClaims>
