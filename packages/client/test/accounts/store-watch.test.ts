import { withExpiresIn } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { createAuthClientIn } from '../../src/client.ts'
import { systemClock } from '../../src/realm/clock.ts'
import { memoryStore, type SessionResult } from '../../src/index.ts'
import { createMirror, type Mirror } from '../../src/accounts/mirror.ts'
import type { SlotRecord } from '../../src/slot/slot.ts'
import { watchStore } from '../../src/accounts/store-watch.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createRealm, createSilentRealm } from '../support/realm.ts'
import { slotWith } from '../support/slots.ts'
import { createGatedStore, wipe } from '../support/stores.ts'

/** Says to all clients of the default name that the store changed. */
function notify(times = 1): void {
  const channel = new BroadcastChannel('authflight:default')
  onTestFinished(() => channel.close())
  for (let n = 0; n < times; n += 1) channel.postMessage({ v: 1, kind: 'changed' })
}

// watch    told ── reads s1 ─────────────────────── says: s1
// sign-in                  └── s2 takes its place ─┘
test('what was read before a sign-in does not bring back the session it replaced', async () => {
  const { createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  const told = vi.fn()
  // Only the watch reads a slot together with its tombstone, and nothing else.
  const reading = hold(
    ({ keys, prefixes }) =>
      !prefixes &&
      keys.length === 2 &&
      keys.some((key) => key.startsWith('tombstone:')) &&
      keys.some((key) => key.startsWith('slot:')),
    'after',
  )
  notify()
  await reading.arrived
  const again = await signIn(auth, 'ada')
  auth.subscribe(told)
  reading.release()
  // One more look, which is answered when the late one is over.
  await auth.getSession()
  await new Promise((resolve) => setImmediate(resolve))

  expect(told).not.toHaveBeenCalled()
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
})

test('a hundred notices at once are one look, and one or two more for what came meanwhile', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  await vi.advanceTimersByTimeAsync(1_000)
  const transact = vi.spyOn(storage, 'transact')
  notify(100)
  await expect.poll(() => transact.mock.calls.length, { interval: 0 }).toBeGreaterThan(0)
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(transact).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(transact.mock.calls.length).toBeLessThan(4)
})

describe('a page that comes back from the back-forward cache', () => {
  /** Its client, and a page that is left while another tab signs out. */
  async function leavePage() {
    const [document, window] = [Object.assign(new EventTarget(), { visibilityState: 'visible' }), new EventTarget()]
    vi.stubGlobal('document', document)
    vi.stubGlobal('window', window)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { createClient, signIn } = setUp()
    const storage = memoryStore()
    const asked: Promise<SessionResult>[] = []
    // Browsers differ in what they tell first, and handlers of the app may run before those of the client.
    const listen = (): void => window.addEventListener('focus', () => asked.push(auth.getSession()))
    listen()
    const auth = createClient({ storage })
    await signIn(auth)
    listen()
    window.dispatchEvent(new Event('pagehide'))
    // Meanwhile, in another tab.
    vi.stubGlobal('window', new EventTarget())
    const other = createClient({ storage })
    await other.getSession()
    await other.signOut()
    return { auth, window, asked }
  }
  const back = (): Event => Object.assign(new Event('pageshow'), { persisted: true })

  test('serves nothing it has not read again', async () => {
    const { auth, window } = await leavePage()
    window.dispatchEvent(back())
    expect((await auth.getSession()).data.session).toBeNull()
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'other_tab' })
  })

  test('does so also for handlers of what it is told before that', async () => {
    const { window, asked } = await leavePage()
    window.dispatchEvent(new Event('focus'))
    window.dispatchEvent(back())
    expect((await Promise.all(asked)).map(({ data }) => data.session)).toEqual([null, null])
  })
})

describe('where the clocks tell that nothing ran for a while, and a notice may be lost', () => {
  const hour = 3_600_000

  /** A client whose clocks go on by what the test says, and another one that it does not hear. */
  async function fallAsleep() {
    const ahead = { now: 0, monotonic: 0 }
    const clock = {
      ...systemClock,
      now: () => systemClock.now() + ahead.now,
      monotonic: () => systemClock.monotonic() + ahead.monotonic,
    }
    const { createClient, signIn, server } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage }, (options) => createAuthClientIn(createRealm({ clock }), options))
    server.faults.always(withExpiresIn(86_400))
    await signIn(auth)
    const other = createClient({ storage }, (options) => createAuthClientIn(createSilentRealm(), options))
    await other.getSession()
    await other.signOut()
    return { auth, ahead, transact: vi.spyOn(storage, 'transact') }
  }

  test.each([
    ['both clocks went on', { now: hour, monotonic: hour }],
    ['the wall clock went ahead', { now: hour, monotonic: 0 }],
    ['the wall clock was set back', { now: -hour, monotonic: 0 }],
  ])('nothing is served that was not read again: %s', async (_, passed) => {
    const { auth, ahead } = await fallAsleep()
    expect((await auth.getSession()).data.session).not.toBeNull()
    Object.assign(ahead, passed)
    expect((await auth.getSession()).data.session).toBeNull()
    expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'other_tab' })
  })

  test('it is read once, and not where less than two minutes have passed', async () => {
    const { auth, ahead, transact } = await fallAsleep()
    Object.assign(ahead, { now: 110_000, monotonic: 110_000 })
    expect((await auth.getSession()).data.session).not.toBeNull()
    expect(transact).not.toHaveBeenCalled()
    Object.assign(ahead, { now: hour, monotonic: hour })
    await auth.getSession()
    await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
    transact.mockClear()
    await auth.getSession()
    expect(transact).not.toHaveBeenCalled()
  })
})

test('with a store that cannot notify, each answer is read', async () => {
  const { createClient, signIn } = setUp()
  const storage = { ...memoryStore(), notifies: false }
  const auth = createClient({ storage, name: 'here' })
  await signIn(auth)
  await wipe(storage, 'slot')
  expect((await auth.getSession()).data.session).toBeNull()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'storage_cleared' })
})

test('where broadcasts are missing, each answer is read', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const createDeaf = () => createClient({ storage }, (options) => createAuthClientIn(createSilentRealm(), options))
  const [auth, other] = [createDeaf(), createDeaf()]
  await signIn(auth)
  await other.getSession()
  await auth.signOut()
  expect((await other.getSession()).data.session).toBeNull()
  expect(other.getSnapshot()).toEqual({ status: 'signed-out', reason: 'other_tab' })
})

test('who asks after a sign-out elsewhere is not answered by the read that began before it', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore({ ...memoryStore(), notifies: false })
  const auth = createClient({ storage: store })
  await signIn(auth)
  const other = createClient({ storage: inner })
  await other.getSession()
  const reading = hold(({ keys }) => keys.some((key) => key.startsWith('tombstone:')), 'after')
  const before = auth.getSession()
  await reading.arrived
  await other.signOut()
  const after = auth.getSession()
  reading.release()
  await before

  expect((await after).data.session).toBeNull()
})

describe('a read under way', () => {
  /** A watch of a session that the store still holds, and its reads, which end as the test says. */
  function createWatch() {
    const slot = { sessionId: 's' } as SlotRecord
    const reads: (() => void)[] = []
    const accounts: Partial<Accounts> = {
      async read() {
        const read = createDeferred()
        reads.push(() => read.resolve())
        await read.promise
        return [{ slot, left: null }]
      },
    }
    const snapshot = { status: 'signed-in' }
    const mirror = { key: 'slot:x', held: { key: 'slot:x', slot }, snapshot } as Mirror
    const watch = watchStore({
      clock: systemClock,
      accounts: accounts as Accounts,
      loaded: Promise.resolve(),
      notifies: () => true,
      checkClocks() {},
      mirrors: () => [mirror],
      shown: () => mirror,
      changed() {},
      succeed() {},
    })
    onTestFinished(() => watch.stop())
    return { watch, reads }
  }

  test('for a caller is followed by another one where a notice comes meanwhile', async () => {
    const { watch, reads } = createWatch()
    const looking = watch.lookNow()
    await expect.poll(() => reads.length).toBe(1)
    watch.look()
    reads[0]?.()
    await looking
    await expect.poll(() => reads.length).toBe(2)
  })

  test('does not close a gap that began after it', async () => {
    const { watch, reads } = createWatch()
    const looking = watch.lookNow()
    await expect.poll(() => reads.length).toBe(1)
    watch.distrust()
    reads[0]?.()
    await looking
    expect(watch.isCurrent).toBe(false)

    const lookingAgain = watch.lookNow()
    await expect.poll(() => reads.length).toBe(2)
    reads[1]?.()
    await lookingAgain
    expect(watch.isCurrent).toBe(true)
  })
})

/** A watch of a client that shows somebody or nobody, whose reads end as the test says. */
function watchShowing(shown: () => Mirror | null) {
  const slot = slotWith()
  const read = createDeferred()
  const mirror = { key: 'slot:x', held: { key: 'slot:x', slot }, snapshot: { status: 'signed-in' } } as Mirror
  const accounts: Pick<Accounts, 'read' | 'loadShown'> = {
    read: () => read.promise.then(() => [{ slot, left: null }]),
    loadShown: () => read.promise.then(() => ({ key: 'slot:y', slot })),
  }
  const [changed, succeed] = [vi.fn(), vi.fn()]
  const loaded = Promise.resolve()
  const mirrors = () => [shown()].filter((one) => one !== null)
  const told = { notifies: () => true, checkClocks() {}, mirrors, shown, changed, succeed }
  const watch = watchStore({ clock: systemClock, accounts, loaded, ...told })
  onTestFinished(() => watch.stop())
  return { watch, read, mirror, changed, succeed }
}

test.each(['somebody', 'nobody'])(
  'a watch that is stopped while it reads for a client that shows %s tells nothing',
  async (whom) => {
    const told = watchShowing(() => (whom === 'somebody' ? told.mirror : null))
    const looking = told.watch.lookNow()
    await new Promise((resolve) => setImmediate(resolve))
    told.watch.stop()
    told.read.resolve()
    await looking
    expect(told.changed).not.toHaveBeenCalled()
    expect(told.succeed).not.toHaveBeenCalled()
  },
)

test('a watch that is stopped between two reads leaves no timer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { watch, read } = watchShowing(() => null)
  read.resolve()
  watch.look()
  await expect.poll(() => vi.getTimerCount(), { interval: 0 }).toBe(1)
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
})

// watch    nobody is shown: who is, elsewhere? ─────────── ada
// client                        └── grace signs in here ──┘
test('who is shown elsewhere is not shown in the place of who has come in here meanwhile', async () => {
  let shown: Mirror | null = null
  const { watch, read, mirror, succeed } = watchShowing(() => shown)
  const looking = watch.lookNow()
  await new Promise((resolve) => setImmediate(resolve))
  shown = mirror
  read.resolve()
  await looking
  expect(succeed).not.toHaveBeenCalled()
})

// watch    reads s1 ──────────────────────────────── says: s1
// mirror       └── holds s1, which is replaced there ──┘
test('a mirror that has come and gone while the store was read is told of nobody', async () => {
  const telemetry = createTelemetry(systemRealm, 'client', null)
  const heard: string[] = []
  const tell = (event: string): void => void heard.push(event)
  const mirror = createMirror({ realm: systemRealm, telemetry, tell, moved() {}, seen() {} }, 'slot:app:1')
  const slot = slotWith()
  mirror.begin(null)
  const read = createDeferred<Awaited<ReturnType<Accounts['read']>>>()
  const accounts: Pick<Accounts, 'read' | 'loadShown'> = { read: () => read.promise, loadShown: async () => null }
  const watch = watchStore({
    clock: systemClock,
    accounts,
    loaded: Promise.resolve(),
    notifies: () => true,
    checkClocks() {},
    mirrors: () => [mirror],
    shown: () => mirror,
    changed() {},
    succeed() {},
  })
  onTestFinished(() => watch.stop())
  const looking = watch.lookNow()
  await Promise.resolve()
  mirror.signIn(slot, 'own')
  mirror.follow({ kind: 'ended', key: mirror.key, slot, reason: 'replaced', source: 'own' })
  read.resolve([{ slot, left: null }])
  await looking

  expect(heard).toEqual(['SIGNED_IN', 'SIGNED_OUT'])
  expect(mirror.held).toBeNull()
})

// watch    reads ────────────────────────────────────────── says: nobody
// mirror         └── is told of the same user once more ──┘
test('a session that is found gone ends, also where the same user was told of while the store was read', async () => {
  const telemetry = createTelemetry(systemRealm, 'client', null)
  const mirror = createMirror({ realm: systemRealm, telemetry, tell() {}, moved() {}, seen() {} }, 'slot:app:1')
  const slot = slotWith()
  mirror.begin(slot)
  const read = createDeferred<Awaited<ReturnType<Accounts['read']>>>()
  const watch = watchStore({
    clock: systemClock,
    accounts: { read: () => read.promise, loadShown: async () => null },
    loaded: Promise.resolve(),
    notifies: () => true,
    checkClocks() {},
    mirrors: () => [mirror],
    shown: () => mirror,
    changed: mirror.follow,
    succeed() {},
  })
  onTestFinished(() => watch.stop())
  const looking = watch.lookNow()
  await new Promise((resolve) => setImmediate(resolve))
  const told = { ...slot, userRevision: slot.userRevision + 1 }
  mirror.follow({ kind: 'held', key: mirror.key, slot: told, source: 'own', flight: null })
  read.resolve([{ slot: null, left: 'user' }])
  await looking

  expect(mirror.snapshot).toEqual({ status: 'signed-out', reason: 'other_tab' })
})
