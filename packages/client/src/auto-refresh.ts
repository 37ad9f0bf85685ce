import type { Realm } from './realm.ts'
import { timerDelay } from './schedule.ts'
import type { SlotRecord } from './slot.ts'
import { seconds } from './telemetry/attributes.ts'
import type { Telemetry } from './telemetry/operation.ts'

export type AutoRefreshMode = 'visible' | 'always' | 'off'

/** One timer for the session that is shown, so that nobody has to wait for a refresh. */
export interface AutoRefresh {
  /** Follows this revision; null: nobody is shown. `notBefore`: epoch milliseconds of the next try after a failure. */
  follow(slot: SlotRecord | null, notBefore?: number | null): void
  setMode(mode: AutoRefreshMode): void
  /** The page was hidden or shown. */
  review(): void
  stop(): void
}

export function createAutoRefresh(
  { clock, random, page }: Pick<Realm, 'clock' | 'random' | 'page'>,
  telemetry: Telemetry,
  initial: AutoRefreshMode,
  due: () => void,
): AutoRefresh {
  let mode = initial
  let followed: SlotRecord | null = null
  let notBefore = 0
  let cancel: (() => void) | null = null
  let stopped = false

  function arm(): void {
    cancel?.()
    cancel = null
    if (stopped || !followed?.tokens.refresh || mode === 'off' || (mode === 'visible' && page.isHidden)) return
    const delay = timerDelay(followed.tokens, clock.now(), random())
    if (delay === null) return
    // A lifetime of nothing must not make a timer that spins.
    const wait = Math.max(delay, notBefore - clock.now(), 1_000)
    const session = { 'authflight.session.id': followed.display.session }
    telemetry.point('authflight.record.timer_armed', { ...session, 'authflight.timer.due_in': seconds(wait) })
    cancel = clock.after(
      wait,
      () => {
        cancel = null
        telemetry.point('authflight.record.timer_fired', session)
        due()
      },
      'background',
    )
  }

  return {
    follow(slot, retryAt) {
      followed = slot
      notBefore = retryAt ?? 0
      arm()
    },
    setMode(next) {
      mode = next
      arm()
    },
    review: arm,
    stop() {
      stopped = true
      arm()
    },
  }
}
