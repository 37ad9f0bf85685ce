import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const noon = Date.UTC(2026, 0, 1, 12)

beforeEach(() => {
  vi.resetModules()
  vi.useFakeTimers({ now: noon })
})
afterEach(() => vi.useRealTimers())

test('a shifted clock runs on from its shift, and is set right without a trace', async () => {
  const rightNow = Date.now
  const { shiftClock } = await import('../src/clock-shift.ts')

  shiftClock(3_600_000)
  expect(Date.now()).toBe(noon + 3_600_000)
  vi.advanceTimersByTime(5_000)
  expect(Date.now()).toBe(noon + 3_605_000)

  shiftClock(-3_600_000)
  expect(Date.now()).toBe(noon + 5_000 - 3_600_000)

  shiftClock(0)
  expect(Date.now()).toBe(noon + 5_000)
  Date.now = rightNow
})
