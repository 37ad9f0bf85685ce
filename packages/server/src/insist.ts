import type { Clock } from '@authflight/client/realm'

/** Milliseconds. */
const firstPause = 100

/** Tries at once, and with pauses that double up to the `longest`, until it succeeds or `ms` have passed. Nobody waits for this, and it keeps no process alive. */
export function insist(clock: Clock, ms: number, longest: number, attempt: () => Promise<unknown>): void {
  const until = clock.monotonic() + ms
  const go = (pause: number): void => {
    attempt().catch(() => {
      if (clock.monotonic() + pause >= until) return
      clock.after(pause, () => go(Math.min(pause * 2, longest)), 'background')
    })
  }
  go(firstPause)
}
