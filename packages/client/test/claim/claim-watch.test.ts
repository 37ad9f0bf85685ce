import { describe, expect, test, vi } from 'vitest'
import { watchClaims } from '../../src/claim/claim-watch.ts'
import type { Clock } from '../../src/realm/clock.ts'
import { presentingIn } from '../../src/claim/presenting.ts'
import { createSignOfLife } from '../../src/claim/sign-of-life.ts'
import { createRealm } from '../support/realm.ts'
import { claimWith } from '../support/slots.ts'

const claim = claimWith('theirs')
const silence = {
  announce() {},
  next: () => new Promise<void>(() => {}),
  ask() {},
  hasAnswered: () => false,
  forget() {},
}
const tabs = { ...silence, hears: true, suspend() {}, resume() {}, close() {} }
const withoutLocks = createSignOfLife(undefined)

/** A clock whose timers end at once, having taken as long as they should; or, where the device slept, longer. */
function createClock() {
  let time = 0
  let sleep = 0
  const clock: Clock = {
    now: () => time,
    monotonic: () => time,
    precise: () => time,
    after(ms, task) {
      let cancelled = false
      setImmediate(() => {
        if (cancelled) return
        time += ms + sleep
        sleep = 0
        task()
      })
      return () => void (cancelled = true)
    },
  }
  return { clock, realm: createRealm({ clock }), sleepFor: (ms: number) => void (sleep = ms) }
}
const never = new Promise<void>(() => {})

describe('a presenter that says nothing', () => {
  test('counts as gone after its limit and a margin, and not before', async () => {
    const { clock, realm } = createClock()
    const watch = watchClaims(realm, withoutLocks, tabs)
    while (clock.monotonic() < 64_000) await watch.pause(claim, never)
    expect(watch.isAbandoned(claim)).toBe(false)
    while (clock.monotonic() < 66_000) await watch.pause(claim, never)
    expect(watch.isAbandoned(claim)).toBe(true)
  })

  test('counts as gone as soon where one notice comes after the other', async () => {
    const { clock, realm } = createClock()
    const watch = watchClaims(realm, withoutLocks, tabs)
    while (clock.monotonic() < 66_000) await watch.pause(claim, Promise.resolve())
    expect(watch.isAbandoned(claim)).toBe(true)
  })

  test('is not counted as gone by a waiter that slept for ten minutes', async () => {
    const { clock, realm, sleepFor } = createClock()
    const watch = watchClaims(realm, withoutLocks, tabs)
    await watch.pause(claim, never)
    sleepFor(600_000)
    await watch.pause(claim, never)
    expect(clock.monotonic()).toBeGreaterThan(600_000)
    expect(watch.isAbandoned(claim)).toBe(false)
  })

  test('starts anew with each answer to a ping', async () => {
    const { clock, realm } = createClock()
    const asked = vi.fn()
    const watch = watchClaims(realm, withoutLocks, {
      ...tabs,
      ask: asked,
      hasAnswered: () => clock.monotonic() < 50_000,
      forget() {},
    })
    while (clock.monotonic() < 100_000) await watch.pause(claim, never)
    expect(asked).toHaveBeenCalledWith('theirs')
    expect(watch.isAbandoned(claim)).toBe(false)
  })

  test('is not gone while this realm itself stands behind the claim, as for a write that is owed', async () => {
    const { clock, realm } = createClock()
    const watch = watchClaims(realm, withoutLocks, tabs)
    presentingIn(realm).begin(claim.id)
    while (clock.monotonic() < 100_000) await watch.pause(claim, never)
    expect(watch.isAbandoned(claim)).toBe(false)
    presentingIn(realm).end(claim.id)
    expect(watch.isAbandoned(claim)).toBe(true)
  })

  test('and answers has no end once it has had all the time that it may take, and is not gone for that', async () => {
    const { clock, realm } = createClock()
    const watch = watchClaims(realm, withoutLocks, { ...tabs, hasAnswered: () => true })
    while (clock.monotonic() < 69_000) await watch.pause(claim, never)
    expect(watch.isEndless(claim, 10_000)).toBe(false)
    while (clock.monotonic() < 71_000) await watch.pause(claim, never)
    expect([watch.isEndless(claim, 10_000), watch.isAbandoned(claim)]).toEqual([true, false])
    expect(watch.isEndless(claim, 100_000)).toBe(false)
    watch.forget(claim)
    expect(watch.isEndless(claim, 10_000)).toBe(false)
  })

  test('is gone when its lock is free, and what is known of it is forgotten when told so', async () => {
    const { realm } = createClock()
    const watch = watchClaims(realm, { hold: async () => null, isGone: async () => true }, tabs)
    await watch.pause({ ...claim, locked: true }, Promise.resolve())
    expect(watch.isAbandoned(claim)).toBe(true)
    watch.forget(claim)
    expect(watch.isAbandoned(claim)).toBe(false)
  })
})

test('a waiter asks who presents before it waits, and forgets what it has asked and waited when told so', async () => {
  const { clock, realm } = createClock()
  const [ask, forget] = [vi.fn(), vi.fn()]
  const watch = watchClaims(realm, withoutLocks, { ...tabs, ask, forget })
  const first = watch.pause(claim, never)
  expect(ask).toHaveBeenCalledExactlyOnceWith('theirs')
  await first
  while (clock.monotonic() < 66_000) await watch.pause(claim, never)
  expect(watch.isAbandoned(claim)).toBe(true)
  watch.forget(claim)
  expect(watch.isAbandoned(claim)).toBe(false)
  expect(forget).toHaveBeenCalledExactlyOnceWith('theirs')
})

test('a waiter that gets one notice after the other looks at most forty times a second', async () => {
  const { clock, realm } = createClock()
  const watch = watchClaims(realm, withoutLocks, tabs)
  for (let looks = 0; looks < 40; looks += 1) await watch.pause(claim, Promise.resolve())
  expect(clock.monotonic()).toBeGreaterThanOrEqual(1_000)
})

test('a wait lasts until a notice, or for 200 to 400 ms', async () => {
  for (const [random, ms] of [
    [0, 200],
    [1, 400],
  ] as const) {
    const { clock, realm } = createClock()
    const watch = watchClaims(createRealm({ clock: realm.clock, random: () => random }), withoutLocks, tabs)
    await watch.pause(claim, never)
    expect(clock.monotonic()).toBe(ms)
  }
})

test('a lock is looked at only where its presenter says that it holds one', async () => {
  const { realm } = createClock()
  const isGone = vi.fn(async () => true)
  const watch = watchClaims(realm, { hold: async () => null, isGone }, tabs)
  await watch.pause(claim, Promise.resolve())
  expect(isGone).not.toHaveBeenCalled()
  expect(watch.isAbandoned(claim)).toBe(false)
})
