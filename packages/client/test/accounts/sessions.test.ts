import { withoutRefreshToken } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { createEvents } from '../../src/accounts/events.ts'
import { type AuthRecord, memoryStore, recorderHook } from '../../src/index.ts'
import { createMirror } from '../../src/accounts/mirror.ts'
import type { CountIn, Refresher } from '../../src/refresh/refresh.ts'
import { createSessions } from '../../src/accounts/sessions.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import type { StoreWatch } from '../../src/accounts/store-watch.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { createDeferred } from '../support/deferred.ts'
import { setUp } from '../support/app.ts'
import { realmAt, unknownTokens } from '../support/realm.ts'
import { createGatedStore, editSlots, letTokensDie } from '../support/stores.ts'

function expire(storage: ReturnType<typeof memoryStore>): Promise<void> {
  return storage.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [key, value] of view.list('slot:')) {
      const slot = value as { tokens: object }
      view.put(key, { ...slot, tokens: { ...slot.tokens, expiresAt: Date.now() - 1_000 } })
    }
  })
}

async function storm(patience?: number) {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await expire(storage)
  const auth = createClient({ storage, ...(patience ? { patience } : {}) })
  await auth.handleRedirect('https://app.example.test/')
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  return { auth, gate, server }
}

test('callers of a storm who have no wish of their own share a promise, and each is counted', async () => {
  const records: AuthRecord[] = []
  onTestFinished(recorderHook().subscribe((source) => void source.subscribe((record) => void records.push(record))))
  const { auth, gate, server } = await storm()

  const asked = Array.from({ length: 1_000 }, () => auth.getSession())
  await gate.arrived
  gate.release()
  const results = await Promise.all(asked)

  expect(new Set(asked).size).toBeLessThan(100)
  expect(results.every(({ data, error }) => data.session?.revision === 2 && error === null)).toBe(true)
  expect(server.count('refresh_token')).toBe(1)
  const flight = records.findLast(({ name }) => name === 'authflight.refresh')
  expect(flight?.attributes['authflight.refresh.waiter_count']).toBe(999)
  const rest = records.findLast(({ name }) => name === 'authflight.record.waits')
  expect(rest?.attributes).toMatchObject({ 'authflight.wait.count': 967, 'authflight.wait.outcomes.rotated': 967 })
})

test('a caller with a signal leaves alone, whoever waits beside it', async () => {
  const { auth, gate } = await storm()
  const leave = new AbortController()

  const staying = Array.from({ length: 50 }, () => auth.getSession())
  const going = auth.getSession({ signal: leave.signal })
  await gate.arrived
  leave.abort()
  expect((await going).error?.code).toBe('aborted')
  gate.release()

  for (const result of await Promise.all(staying)) expect(result.data.session?.revision).toBe(2)
})

test('a forced refresh does not share with callers who only want a session', async () => {
  const { auth, gate } = await storm()

  const asked = [auth.getSession(), auth.getSession(), auth.getSession()]
  const forced = auth.refreshSession()
  await gate.arrived
  gate.release()

  expect(asked).not.toContain(forced)
  expect((await forced).data.session?.revision).toBe(2)
})

const slotOf = (name: string, expiresIn: number): SlotRecord =>
  firstRevision(
    expiresIn > 60 ? systemRealm : realmAt(0),
    unknownTokens({
      accessToken: name,
      tokenType: 'bearer',
      refreshToken: 'r',
      expiresIn,
      refreshExpiresIn: null,
      scopes: null,
      user: null,
    }),
  )
const ada = slotOf('ada', 1)
const again = slotOf('again', 3_600)

/** Ada's sessions over a refresher that does as the test says when somebody asks, and lets others share where that says so. Her token is dead. */
async function refreshThrough(
  join: (signInAgain: () => void, told: Parameters<Refresher['join']>[3]) => CountIn | void,
  patience = 1_000,
  watch: Pick<StoreWatch, 'isCurrent' | 'lookNow'> = { isCurrent: true, lookNow: async () => {} },
) {
  const telemetry = createTelemetry(systemRealm, 'client', null)
  const events = createEvents(systemRealm, 1_000)
  const nothing = (): void => {}
  const mirror = createMirror({ realm: systemRealm, telemetry, tell: nothing, moved: nothing, seen: nothing }, 'ada')
  mirror.begin(ada)
  const sessions = createSessions({
    callerClock: systemRealm.clock,
    telemetry,
    events,
    mirror,
    refresher: {
      join(_key, _slot, _ask, told) {
        return join(() => mirror.signIn(again, 'own'), told) ?? null
      },
      flies: () => false,
      wake() {},
    },
    accounts: {} as Accounts,
    changed: () => {},
    ready: Promise.resolve(),
    isDisposed: () => false,
    whyUnready: () => new Error('not asked') as never,
    isLeft: () => false,
    watch,
    patience,
  })
  await Promise.resolve()
  return sessions
}

/** Time that passes when the test says so, in whole milliseconds: a sum of fractions is a hair beside what it should be. */
function stopTime() {
  let now = Math.ceil(systemRealm.clock.monotonic())
  const time = vi.spyOn(systemRealm.clock, 'monotonic').mockImplementation(() => now)
  onTestFinished(() => time.mockRestore())
  return { pass: (ms: number) => void (now += ms) }
}

describe('who asks for a session while somebody waits for it', () => {
  /** Ada's sessions over flights that never end, and how many callers have asked for one. */
  async function wait(first: (told: Parameters<Refresher['join']>[3]) => void = () => {}, patience = 1_000) {
    let asked = 0
    let signInAgain = (): void => {}
    const { obtain } = await refreshThrough((signIn, told) => {
      signInAgain = signIn
      asked += 1
      if (asked > 1) return () => true
      first(told)
      // The first has begun the flight: there is nothing to count others into.
    }, patience)
    void obtain('expiry')
    return { obtain, signInAgain: () => signInAgain(), asked: () => asked }
  }

  test('shares that promise, where it has no wish of its own either', async () => {
    const { obtain, asked } = await wait()
    const waiting = obtain('expiry')
    expect(obtain('expiry')).toBe(waiting)
    expect(obtain('expiry', {})).not.toBe(waiting)
    expect(asked()).toBe(3)
  })

  test('and wants more than that one does not share its promise', async () => {
    const { obtain } = await wait()
    const waiting = obtain('expiry')
    expect(obtain('forced')).not.toBe(waiting)
  })

  test('does not share the promise of a caller that may leave', async () => {
    const { obtain } = await wait()
    const leaving = obtain('expiry', { signal: new AbortController().signal })
    expect(obtain('expiry')).not.toBe(leaving)
  })

  test('does not share a promise about another one, which was in its place before', async () => {
    const { obtain, signInAgain } = await wait()
    void obtain('expiry')
    signInAgain()
    expect((await obtain('expiry')).data.session?.accessToken).toBe('again')
  })

  test.each([
    ['a hundredth of its patience', 1_000, 10],
    ['100 ms', 60_000, 100],
  ])('does not share a promise that was made %s ago', async (_, patience, until) => {
    const time = stopTime()
    const { obtain } = await wait(undefined, patience)
    const waiting = obtain('expiry')
    time.pass(until - 1)
    expect(obtain('expiry')).toBe(waiting)
    time.pass(1)
    expect(obtain('expiry')).not.toBe(waiting)
  })

  // first   ── finds nothing newer ── waits again, with what is left of its patience
  // other                                                 └── waits with all of its own
  test('does not share the promise of a caller that asks again already', async () => {
    const { obtain, asked } = await wait((told) => told({ by: 'value', value: { kind: 'adopted', slot: ada } }))
    expect(asked()).toBe(2)
    void obtain('expiry')
    expect(asked()).toBe(3)
  })
})

describe('who asks while the store is being read', () => {
  /** Ada's sessions over a store that is read until the test says so, and how often a flight was joined and somebody was counted into one. */
  async function read(first: 'begins' | 'is answered at once' = 'begins', patience = 60_000) {
    const [reading, counts] = [createDeferred(), { joined: 0, counted: 0 }]
    const watch = { isCurrent: false, lookNow: () => reading.promise }
    const { obtain } = await refreshThrough(
      (_signIn, told) => {
        counts.joined += 1
        const mine = counts.joined
        if (first === 'is answered at once')
          told({ by: 'value', value: { kind: 'rotated', slot: { ...ada, revision: 2 } } })
        // As in a flight: the first 32 who join it have a wait of their own, and who has begun it has none.
        else if (mine > 1) return () => mine > 33 && (counts.counted += 1) > 0
      },
      patience,
      watch,
    )
    return { obtain, counts, isRead: () => ((watch.isCurrent = true), reading.resolve()) }
  }

  test('shares one promise with all who want the same, and each of them waits for the flight', async () => {
    const { obtain, counts, isRead } = await read()
    const waiting = obtain('expiry')
    for (let more = 1; more < 100; more += 1) expect(obtain('expiry')).toBe(waiting)
    for (const other of [obtain('forced'), obtain('expiry', {})]) expect(other).not.toBe(waiting)
    expect(counts).toEqual({ joined: 0, counted: 0 })
    isRead()
    await expect.poll(() => counts).toEqual({ joined: 34 + 2, counted: 66 + 0 })
  })

  test('is not counted into a flight that is over', async () => {
    const { obtain, counts, isRead } = await read('is answered at once')
    const calls = Array.from({ length: 100 }, () => obtain('expiry'))
    isRead()
    await Promise.all(calls)
    expect(counts).toEqual({ joined: 1, counted: 0 })
  })

  test.each([
    ['stays together', 9, true],
    ['goes on its own, since the first leaves for all', 10, false],
  ])('and comes a hundredth of a patience later %s, also when the flight has begun', async (_, passed, isShared) => {
    const time = stopTime()
    const { obtain, isRead } = await read('begins', 1_000)
    const [first, ...others] = Array.from({ length: 50 }, () => obtain('expiry'))
    isRead()
    await new Promise(setImmediate)
    time.pass(passed)
    const late = obtain('expiry')
    expect([others.every((other) => other === first), late === first]).toEqual([true, isShared])
  })

  test('is on its own once it has been read', async () => {
    const { obtain, isRead } = await read()
    const early = obtain('expiry')
    isRead()
    await new Promise(setImmediate)
    expect(obtain('expiry')).not.toBe(early)
  })
})

test.each(['adopted', 'rotated'] as const)(
  'a caller whose session was %s just before another sign-in took its place is told that it was replaced, and by what',
  async (kind) => {
    const { obtain } = await refreshThrough((signInAgain, told) => {
      signInAgain()
      told({ by: 'value', value: { kind, slot: { ...ada, revision: 2 } } })
    })
    const { data, error } = await obtain('forced')
    expect(data.session?.accessToken).toBe('again')
    expect(error).toMatchObject({ code: 'refresh_discarded', reason: 'replaced' })
  },
)

test('a forced refresh that finds only the revision it had, since its flight was begun before, refreshes once more', async () => {
  const found = [
    { kind: 'adopted', slot: ada },
    { kind: 'rotated', slot: { ...ada, revision: 2 } },
  ] as const
  let asked = 0
  const { obtain } = await refreshThrough((_signInAgain, told) => {
    const value = found[asked++]
    if (value) told({ by: 'value', value })
  })

  expect((await obtain('forced')).error).toBeNull()
  expect(asked).toBe(2)
})

/** Ada's sessions where each refresh finds only the revision that she has. */
async function findNothingNewer() {
  let asked = 0
  const { obtain } = await refreshThrough((_signInAgain, told) => {
    asked += 1
    told({ by: 'value', value: { kind: 'adopted', slot: ada } })
  })
  return { obtain, asked: () => asked }
}

test('who finds nothing newer, however often it asks, is told so instead of getting a dead token as a good one', async () => {
  const { obtain, asked } = await findNothingNewer()
  const { data, error } = await obtain('expiry')
  expect(error).toMatchObject({ code: 'timeout' })
  expect(data.session?.stale).toBe(true)
  expect(asked()).toBe(3)
})

test('who is out of patience when it finds nothing newer begins no flight', async () => {
  const { obtain, asked } = await findNothingNewer()
  const begun = systemRealm.clock.monotonic() - 1_000
  expect((await obtain('forced', undefined, null, begun)).error).toMatchObject({ code: 'timeout' })
  expect(asked()).toBe(1)
})

test.each([
  ['for its end', false],
  ['for another look, where somebody has moved it on', true],
])('a caller whose session ends waits within one patience for the store, and %s', async (_, isMoved) => {
  const { server, createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  await signIn(createClient({ storage: inner }))
  await letTokensDie(inner)
  const auth = createClient({ storage: { ...store, notifies: false }, patience: 1_000 })
  await auth.handleRedirect('https://app.example.test/')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const reading = hold()
  const asked = auth.getSession()
  await reading.arrived
  await vi.advanceTimersByTimeAsync(900)
  reading.release()
  const ending = hold()
  await ending.arrived
  if (isMoved) {
    await editSlots(inner, (slot) => ({ ...slot, revision: slot.revision + 1 }))
    ending.release()
    await hold().arrived
  }
  await vi.advanceTimersByTimeAsync(100)
  const result = await Promise.race([asked, vi.advanceTimersByTimeAsync(0)])
  expect(result).toMatchObject({ error: { code: 'timeout' } })
})
