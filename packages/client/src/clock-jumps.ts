import type { Clock } from './clock.ts'

/** Milliseconds: less is how clocks are corrected all the time. */
export const leap = 2_000

/**
 * Notices when the wall clock was moved: it and the monotonic clock drift apart. `moved` is told by how many milliseconds, negative
 * for backwards. A device that slept shows as a jump too where its monotonic clock stands still meanwhile.
 */
export function watchClockJumps({ now, monotonic }: Clock, moved: (ms: number) => void): { check(): void } {
  let offset = now() - monotonic()
  return {
    check() {
      const current = now() - monotonic()
      const by = current - offset
      if (Math.abs(by) < leap) return
      offset = current
      moved(by)
    },
  }
}
