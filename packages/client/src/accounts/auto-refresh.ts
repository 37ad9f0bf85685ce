import type { Realm } from '../realm/realm.ts'
import { longestPause, timerDelay } from '../base/schedule.ts'
import type { SlotRecord } from '../slot/slot.ts'
import { type RefreshTrigger, seconds } from '../telemetry/attributes.ts'
import type { Telemetry } from '../telemetry/operation.ts'

export type AutoRefreshMode = 'visible' | 'always' | 'off'

/** One timer for the session that is shown: nobody has to wait for a refresh, or to ask before a session that has died is shown as such. */
export interface AutoRefresh {
  /** Follows this revision; null: nobody is shown. `notBefore`: epoch milliseconds of the next try after a failure. */
  follow(slot: SlotRecord | null, notBefore?: number | null): void
  setMode(mode: AutoRefreshMode): void
  /** Something happened that timers do not see. It is what asks for a refresh that is due by then; told nothing, the timer is. */
  review(cause?: RefreshTrigger): void
  stop(): void
}

export interface AutoRefreshParts {
  /** The page is left: nothing is due. */
  isLeft(): boolean
  /** True where the wall clock was moved: then all timers are reviewed. */
  checkClocks(): boolean
  /** Told what asks for the refresh that is due. */
  due(trigger: RefreshTrigger): void
}

/** Milliseconds: a lifetime of nothing must not make a timer that spins. */
const soonest = 1_000

/** Milliseconds without a look at the clocks: timers do not see how long a device sleeps. */
const slice = 30_000

/** Milliseconds until a store that has not taken the end of a session is asked again. */
const storePause = 30_000

export function createAutoRefresh(
  { clock, random, page }: Pick<Realm, 'clock' | 'random' | 'page'>,
  telemetry: Telemetry,
  initial: AutoRefreshMode,
  { isLeft, checkClocks, due }: AutoRefreshParts,
): AutoRefresh {
  let mode = initial
  let followed: SlotRecord | null = null
  let notBefore = 0
  let cancel: (() => void) | null = null
  let stopped = false
  /** What asked first for the refresh that is due now. A page that comes back tells so in several ways. */
  let asked: RefreshTrigger | null = null

  function arm(cause: RefreshTrigger = 'timer'): void {
    const first = asked ?? cause
    cancel?.()
    cancel = asked = null
    if (stopped || !followed || mode === 'off' || isLeft() || (mode === 'visible' && page.isHidden)) return
    const now = clock.now()
    const { expiresAt, refresh } = followed.tokens
    const delay = timerDelay(followed.tokens, now, random())
    if (expiresAt === null || delay === null) return
    const left = expiresAt - now
    // What failed for want of a network may be tried at once. Where a server has asked for time, that is answered without a request.
    // A longer pause than there is was noted by a clock that has been set back since.
    const pause = first === 'online' ? 0 : Math.min(notBefore - now, longestPause)
    const next = Math.max(refresh === null ? left : delay, pause)
    // When it dies is a matter of its own: a session that nothing can renew ends, and one whose refresh has failed is shown as stale.
    const wait = Math.max(left > 0 ? Math.min(next, left) : next, soonest)
    if (wait === soonest) asked = first
    const session = { 'authflight.session.id': followed.display.session }
    telemetry.point('authflight.record.timer_armed', { ...session, 'authflight.timer.due_in': seconds(wait) })
    const dueAt = now + wait
    const sleep = (): void => {
      cancel = clock.after(Math.min(dueAt - clock.now(), slice), wake, 'background')
    }
    const wake = (): void => {
      if (checkClocks()) return
      if (clock.now() < dueAt) return sleep()
      const trigger = asked ?? 'timer'
      cancel = asked = null
      if (refresh === null) notBefore = clock.now() + storePause
      telemetry.point('authflight.record.timer_fired', session)
      due(trigger)
    }
    sleep()
  }

  return {
    follow(slot, retryAt) {
      followed = slot
      notBefore = retryAt ?? 0
      arm()
    },
    setMode(next) {
      mode = next
      arm('startup')
    },
    review: arm,
    stop() {
      stopped = true
      arm()
    },
  }
}
