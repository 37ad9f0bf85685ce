import { onePer } from '../base/one-per.ts'
import type { Clock } from './clock.ts'

/** Milliseconds: less is how clocks are corrected all the time. */
const leap = 2_000

/** Milliseconds without a look: nothing says that this realm ran meanwhile. In hidden pages timers run once a minute. */
const gap = 120_000

/**
 * Notices when the wall clock was moved: it and the monotonic clock drift apart. `moved` is told by how many milliseconds, negative
 * for backwards. A device that slept shows as a jump too where its monotonic clock stands still meanwhile, and else as a gap: nobody
 * has looked for long. `slept` is told of both, before. Returns a look, true where the clock was moved.
 */
export function watchClockJumps(
  { now, monotonic }: Clock,
  { slept, moved }: { slept(): void; moved(ms: number): void },
): () => boolean {
  let looked = monotonic()
  let wall = now()
  let offset = wall - looked
  return () => {
    const time = now()
    // Who asks without end looks at one clock: a leap shows on it, within the time of one.
    if (time >= wall && time - wall < leap) return false
    wall = time
    const at = monotonic()
    const by = time - at - offset
    const isMoved = Math.abs(by) >= leap
    if (isMoved || at - looked >= gap) slept()
    looked = at
    if (isMoved) {
      offset += by
      moved(by)
    }
    return isMoved
  }
}

const latest = onePer((_clock: Clock) => ({ now: -Infinity, ahead: -Infinity }))

/** A time that others are compared with. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly now: number
  /**
   * Nobody has set the wall clock back since it was read before, in all of this realm. Where it was set ahead first, or its device slept, that is
   * known if somebody has read it in between.
   */
  readonly isSteady: boolean
}

export function readClock(clock: Clock): Reading {
  const most = latest(clock)
  const now = clock.now()
  const ahead = now - clock.monotonic()
  const isSteady = now >= most.now && ahead > most.ahead - leap
  most.now = Math.max(most.now, now)
  most.ahead = Math.max(most.ahead, ahead)
  return { now, isSteady }
}
