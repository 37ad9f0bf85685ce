import { loseAnswer } from '@authflight/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Claim, claimKey, claimOf, claimPrefix, isBeingPresented, releaseClaim, takeClaim } from '../src/claim.ts'
import { type ClaimWatch, watchClaims } from '../src/claim-watch.ts'
import type { Clock } from '../src/clock.ts'
import { memoryStore } from '../src/index.ts'
import type { Parts } from '../src/parts.ts'
import { oauth } from '../src/providers/oauth.ts'
import { presentingIn } from '../src/presenting.ts'
import { createSignOfLife } from '../src/sign-of-life.ts'
import { firstRevision, slotKey } from '../src/slot.ts'
import { openTabs } from '../src/tabs.ts'
import { createTelemetry } from '../src/telemetry/operation.ts'
import { setUp } from './support/app.ts'
import { createRealm, unknownTokens } from './support/realm.ts'
import { createFailingStore, isConfirmation, keysOf } from './support/stores.ts'

afterEach(() => void vi.useRealTimers())

const claim: Claim = {
  v: 1,
  id: 'theirs',
  made: 0,
  flight: 'flight',
  link: { traceId: '1'.repeat(32), id: '1'.repeat(16) },
  lost: false,
  limit: 60_000,
  locked: false,
  room: '',
}
const silence = {
  announce() {},
  next: () => new Promise<void>(() => {}),
  ask() {},
  hasAnswered: () => false,
  forget() {},
}
const tabs = { ...silence, suspend() {}, resume() {}, close() {} }
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

test('the key of a claim is a digest', async () => {
  expect(await claimKey(createRealm(), 'a token')).toMatch(/^claim:[0-9a-f]{64}$/)
})

test('a claim is taken away by who made it, and by nobody else', async () => {
  const store = memoryStore()
  const release = (id: string) =>
    store.transact({ keys: ['claim:x'] }, (view) => {
      releaseClaim(view, 'claim:x', id)
      return view.get('claim:x')
    })
  await store.transact({ keys: ['claim:x'] }, (view) => view.put('claim:x', claim))
  expect(await release('mine')).toEqual(claim)
  expect(await release('theirs')).toBeUndefined()
})

test.each([
  ['somebody who may still hear of it', claim, 'x', true],
  ['somebody who has lost its answer', { ...claim, lost: true }, 'x', false],
  ['somebody with another token', claim, 'y', false],
  ['nobody: there is no token', claim, null, false],
])('a token is presented by %s', async (_who, standing, digest, isPresented) => {
  const store = memoryStore()
  const seen = await store.transact({ keys: [], prefixes: [claimPrefix] }, (view) => {
    view.put('claim:x', standing)
    return isBeingPresented(view, digest)
  })
  expect(seen).toBe(isPresented)
})

test('a waiter that gets one notice after the other looks at most forty times a second', async () => {
  const { clock, realm } = createClock()
  const watch = watchClaims(realm, withoutLocks, tabs)
  for (let looks = 0; looks < 40; looks += 1) await watch.pause(claim, Promise.resolve())
  expect(clock.monotonic()).toBeGreaterThanOrEqual(1_000)
})

test('a claim that is not held any more is not remembered', async () => {
  const { realm } = createClock()
  const provider = oauth({ issuer: 'https://id.example.test', clientId: 'spa' })
  const store = memoryStore()
  const tokens = { accessToken: 'a', tokenType: 'bearer', refreshToken: 'r', expiresIn: 60, scopes: null } as const
  const slot = firstRevision(realm, unknownTokens({ ...tokens, refreshExpiresIn: null, user: null }))
  const [key, at] = [slotKey('default', 'x'), await claimOf({ realm, provider }, slot)]
  await store.transact({ keys: [] }, (view) => {
    view.put(key, slot)
    view.put(at, claim)
  })
  const watch: ClaimWatch = {
    isAbandoned: () => false,
    forget: vi.fn(),
    // Its holder ends while this one waits.
    pause: () => store.transact({ keys: [] }, (view) => view.delete(at)),
  }
  const telemetry = createTelemetry(realm, 'client', null)
  const parts: Parts = {
    store,
    place: store,
    name: 'default',
    provider,
    realm,
    clock: realm.clock,
    tabs: openTabs(realm, 'default', { heard: () => {}, presents: () => false, onIdle: (idle: () => void) => idle() }),
    telemetry,
    requestLimit: 60_000,
    changed: () => {},
  }
  const flight = telemetry.open('authflight.refresh', { attributes: {} })

  const taken = await takeClaim(parts, watch, flight, {
    key,
    slot,
    at,
    claim: { ...claim, id: 'mine' },
    refused: false,
  })
  parts.tabs.close()

  expect(taken).toEqual({ kind: 'taken', orphan: null })
  expect(watch.forget).toHaveBeenCalledExactlyOnceWith(claim)
})

test('a store that fails right before the token leaves is named, not the network, and nothing is sent', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, fail } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  fail(isConfirmation)

  expect((await auth.refreshSession()).error?.code).toBe('storage_error')
  expect(server.count('refresh_token')).toBe(0)
})

test('a claim that its session has outlived is forgotten at a sign-in, thirty days later and not before', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const day = 24 * 60 * 60 * 1_000
  await signIn(auth)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await auth.refreshSession()
  await signIn(auth)
  expect(await keysOf(storage, 'claim')).toHaveLength(1)

  vi.setSystemTime(Date.now() + 29 * day)
  await auth.signIn()
  expect(await keysOf(storage, 'claim')).toHaveLength(1)
  vi.setSystemTime(Date.now() + 2 * day)
  await auth.signIn()
  expect(await keysOf(storage, 'claim')).toEqual([])
})
