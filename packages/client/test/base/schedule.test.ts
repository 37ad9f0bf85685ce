import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  backoff,
  isAlive,
  isFresh,
  isNew,
  type Lifespan,
  margin,
  parseRetryAfter,
  timerDelay,
  timerMargin,
} from '../../src/base/schedule.ts'

const received = Date.UTC(2026, 0, 1)
const lasting = (lifetime: number): Lifespan => ({ expiresAt: received + lifetime, lifetime })
const unlimited: Lifespan = { expiresAt: null, lifetime: null }

describe('fresh and alive', () => {
  test('a token of 60 seconds is not refreshed at each call: it is fresh for 54 of them', () => {
    const token = lasting(60_000)
    expect(isFresh(token, received)).toBe(true)
    expect(isFresh(token, received + 53_999)).toBe(true)
    expect(isFresh(token, received + 54_000)).toBe(false)
  })

  test('a token of one second is fresh for nine tenths of it', () => {
    expect(isFresh(lasting(1_000), received + 899)).toBe(true)
    expect(isFresh(lasting(1_000), received + 900)).toBe(false)
  })

  test('a token of a day is refreshed ten seconds before its end, no earlier', () => {
    const day = 86_400_000
    expect(isFresh(lasting(day), received + day - 10_001)).toBe(true)
    expect(isFresh(lasting(day), received + day - 10_000)).toBe(false)
  })

  test('a token that is not fresh any more is alive until the very end', () => {
    const token = lasting(60_000)
    expect(isAlive(token, received + 59_999)).toBe(true)
    expect(isAlive(token, received + 60_000)).toBe(false)
  })

  test('a token of unknown lifetime is fresh and alive for ever', () => {
    expect(isFresh(unlimited, Number.MAX_SAFE_INTEGER)).toBe(true)
    expect(isAlive(unlimited, Number.MAX_SAFE_INTEGER)).toBe(true)
  })

  test('an expiry without a lifetime is taken without a margin', () => {
    expect(isFresh({ expiresAt: received, lifetime: null }, received - 1)).toBe(true)
    expect(isFresh({ expiresAt: received, lifetime: null }, received)).toBe(false)
  })

  test.each([
    ['a minute of an hour', 3_600_000, 60_000],
    ['six seconds of a minute', 60_000, 6_000],
    ['a minute where nothing is known of its lifetime', null, 60_000],
  ])('a token is new for %s, and not where the clock was set back', (_, lifetime, span) => {
    const token = { lifetime, receivedAt: received }
    const spans = [-span, 1 - span, 0, span - 1, span]
    expect(spans.map((age) => isNew(token, received + age))).toEqual([false, true, true, true, false])
  })

  test('whatever the lifetime, a token is fresh at its receipt and what is fresh is alive', () => {
    const holds = fc.property(fc.integer({ min: 1, max: 1e15 }), fc.nat(2e15), (lifetime, age) => {
      const token = lasting(lifetime)
      return isFresh(token, received) && (!isFresh(token, received + age) || isAlive(token, received + age))
    })
    expect(fc.check(holds).counterexample).toBeNull()
  })
})

describe('margins', () => {
  test.each([
    { lifetime: 0, caller: 0, timer: 0 },
    { lifetime: 5_000, caller: 500, timer: 1_000 },
    { lifetime: 60_000, caller: 6_000, timer: 12_000 },
    { lifetime: 300_000, caller: 10_000, timer: 60_000 },
    { lifetime: Number.MAX_SAFE_INTEGER, caller: 10_000, timer: 60_000 },
  ])(
    'for a lifetime of $lifetime ms a caller’s is $caller and the timer’s $timer ms',
    ({ lifetime, caller, timer }) => {
      expect(margin(lifetime)).toBe(caller)
      expect(timerMargin(lifetime)).toBe(timer)
    },
  )
})

describe('the timer', () => {
  test('is due a fifth of the lifetime before the end, and jitter takes back half of that at most', () => {
    expect(timerDelay(lasting(60_000), received, 0)).toBe(48_000)
    expect(timerDelay(lasting(60_000), received, 1)).toBe(54_000)
  })

  test('is due at once for a token that is overdue', () => {
    expect(timerDelay(lasting(60_000), received + 3_600_000, 0.5)).toBe(0)
  })

  test('is never armed for a token of unknown lifetime', () => {
    expect(timerDelay(unlimited, received, 0)).toBeNull()
  })

  test('is never negative, and never later than the death of a token that lives', () => {
    const holds = fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.nat(2e12),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (lifetime, age, jitter) => {
        const delay = timerDelay(lasting(lifetime), received + age, jitter) ?? Number.NaN
        return delay >= 0 && delay <= Math.max(lifetime - age, 0)
      },
    )
    expect(fc.check(holds).counterexample).toBeNull()
  })
})

describe('back-off', () => {
  test('doubles from one second, with half of it jitter', () => {
    expect([1, 2, 3, 4].map((failures) => backoff(failures, null, 1))).toEqual([1_000, 2_000, 4_000, 8_000])
    expect([1, 2, 3, 4].map((failures) => backoff(failures, null, 0))).toEqual([500, 1_000, 2_000, 4_000])
  })

  test('stays between half a second and one minute however often it fails', () => {
    const holds = fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, jitter) => {
        const pause = backoff(failures, null, jitter)
        return pause >= 500 && pause <= 60_000
      },
    )
    expect(fc.check(holds).counterexample).toBeNull()
  })

  test.each([
    { asked: 0, pause: 1_000 },
    { asked: 999, pause: 1_000 },
    { asked: 7_000, pause: 7_000 },
    { asked: 60_001, pause: 60_000 },
    { asked: 86_400_000, pause: 60_000 },
  ])('takes $asked ms that the server asked for as $pause ms, without jitter', ({ asked, pause }) => {
    expect(backoff(9, asked, 0.3)).toBe(pause)
  })

  test.each([Number.NaN, Infinity, 'soon', 20_000n])('takes %s for no wish of the server’s', (asked) => {
    expect(backoff(1, asked as number, 1)).toBe(1_000)
  })
})

describe('Retry-After', () => {
  test.each([
    { header: '7', means: 7_000 },
    { header: ' 120 ', means: 120_000 },
    { header: '0', means: 0 },
    { header: '-5', means: 0 },
    { header: 'Thu, 01 Jan 2026 00:00:30 GMT', means: 30_000 },
    { header: 'Wed, 31 Dec 2025 23:59:00 GMT', means: 0 },
    { header: 'soon', means: null },
    { header: '', means: null },
    { header: '   ', means: null },
    { header: 'Infinity', means: null },
    { header: 'NaN', means: null },
    { header: null, means: null },
  ])('$header means $means ms', ({ header, means }) => {
    expect(parseRetryAfter(header, received)).toBe(means)
  })

  test('is always nothing or a finite number that is not negative', () => {
    const holds = fc.property(fc.string(), (header) => {
      const ms = parseRetryAfter(header, received)
      return ms === null || (Number.isFinite(ms) && ms >= 0)
    })
    expect(fc.check(holds, { numRuns: 1_000 }).counterexample).toBeNull()
  })
})
