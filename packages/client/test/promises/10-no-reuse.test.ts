import { busy, loseAnswer } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore, type Store } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createGatedStore, keysOf, letTokensDie, meddle } from '../support/stores.ts'
import { holdARotation, openTab, openTwoTabs } from '../support/tabs.ts'

test('a token whose answer was lost is not presented again while the access token lives', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })

  const first = await auth.refreshSession()
  const second = await auth.refreshSession()

  expect(first.error?.code).toBe('network')
  expect(second.error?.code).toBe('refresh_unknown_outcome')
  expect(second.data.session?.revision).toBe(1)
  expect(server.count('refresh_token')).toBe(1)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('when nothing is left to lose it is presented once more, and a strict server ends the session', async () => {
  const { server, createClient, signIn } = setUp({ accessTokenTtl: 60 })
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await auth.refreshSession()

  vi.setSystemTime(Date.now() + 61_000)
  const { error } = await auth.refreshSession()
  vi.useRealTimers()

  expect(error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'lost_answer' })
  expect(server.count('refresh_token')).toBe(2)
})

// token    ── presented, answer lost ── last resort: 429 ── presented again?
// clock                              └ a minute ahead ─┘ set back
test('that an answer was lost is not forgotten because a last resort was not served', async () => {
  const { server, signIn } = setUp({ accessTokenTtl: 60 })
  // One that has not failed yet does not pause.
  const [one, two] = await openTwoTabs(server, signIn)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await one.refreshSession()
  server.faults.next(busy(), { grant: 'refresh_token' })
  vi.setSystemTime(Date.now() + 61_000)
  expect((await one.refreshSession()).error?.code).toBe('rate_limited')
  vi.useRealTimers()
  const { error } = await two.refreshSession()

  expect(error?.code).toBe('refresh_unknown_outcome')
  expect(server.liveSessions).toHaveLength(1)
})

test('an idempotent server is asked again at once, and the session lives', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'idempotent' })
  const auth = createClient({ oauth: { reuse: 'idempotent' } })
  await signIn(auth)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })

  await auth.refreshSession()
  const { data, error } = await auth.refreshSession()

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
})

test('another tab does not present a token that one tab has lost the answer of', async () => {
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })

  await one.refreshSession()
  const { data, error } = await two.refreshSession()

  expect(error?.code).toBe('refresh_unknown_outcome')
  expect(data.session?.revision).toBe(1)
  expect(server.count('refresh_token')).toBe(1)
})

test('a tab waits for the claim of another one and adopts what that one commits', async () => {
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refreshSession()
  await gate.arrived
  const second = two.refreshSession()
  await vi.waitFor(() => expect(gate.count).toBe(1))
  gate.release()

  expect((await second).data.session?.accessToken).toBe((await first).data.session?.accessToken)
  expect(server.count('refresh_token')).toBe(1)
})

test('where there are no locks, a claim whose presenter is gone ends by the hard limit, and not before', async () => {
  const { BroadcastChannel: channels } = globalThis
  vi.stubGlobal('navigator', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  const { server, signIn } = setUp({ profile: 'idempotent' })
  // Nobody answers for a killed tab: it must not hear what is asked.
  vi.stubGlobal('BroadcastChannel', undefined)
  const killed = await openTab(server)
  vi.stubGlobal('BroadcastChannel', channels)
  await signIn(killed)
  const heir = await openTab(server, { patience: 200_000, oauth: { reuse: 'idempotent' } })
  await heir.getSession()
  // A killed tab: its request is on the way, nobody will hear the answer, and its claim stays.
  server.faults.next({ name: 'silence', apply: () => new Promise<never>(() => {}) }, { grant: 'refresh_token' })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  void killed.refreshSession()
  while (server.count('refresh_token') === 0) await new Promise((resolve) => setImmediate(resolve))
  vi.clearAllTimers()
  killed.dispose()

  const asked = heir.refreshSession()
  await pass(60_000)
  expect(server.count('refresh_token')).toBe(1)
  // Only time between two looks counts, so it takes longer than the limit on the wall.
  await pass(80_000)
  const { data } = await asked

  expect(server.count('refresh_token')).toBe(2)
  expect(data.session?.revision).toBe(2)
})

/** Lets time pass in steps, and lets the database, which keeps real time, answer in between. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await vi.advanceTimersByTimeAsync(500)
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a server that keeps the refresh token makes a new revision, and presenting it again is no reuse', async () => {
  const { server, createClient, signIn } = setUp({ profile: { name: 'non-rotating', answer: 'none' } })
  const auth = createClient()
  await signIn(auth)

  await auth.refreshSession()
  const { data, error } = await auth.refreshSession()

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(3)
  expect(server.count('refresh_token')).toBe(2)
})

test('a claim whose presenter’s lock is free was left behind: nobody waits for the hard limit', async () => {
  const { server, signIn } = setUp({ profile: 'idempotent' })
  const killed = await openTab(server)
  await signIn(killed)
  // The browser takes the locks of a tab away with it; here they are never given.
  const { request } = navigator.locks
  const given = vi.spyOn(navigator.locks, 'request').mockImplementation(async (...asked: unknown[]) => {
    const [name, held] = asked
    if (typeof held === 'function')
      return (held as LockGrantedCallback<unknown>)({ name: String(name), mode: 'exclusive' })
    return Reflect.apply(request, navigator.locks, asked) as Promise<unknown>
  })
  onTestFinished(() => given.mockRestore())
  server.faults.next({ name: 'silence', apply: () => new Promise<never>(() => {}) }, { grant: 'refresh_token' })
  void killed.refreshSession()
  await vi.waitFor(() => expect(server.count('refresh_token')).toBe(1))

  const heir = await openTab(server, { oauth: { reuse: 'idempotent' } })
  const { data, error } = await heir.refreshSession()

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
})

test('a claim whose presenter’s lock is held is waited for', async () => {
  const { server, signIn } = setUp({ profile: 'idempotent' })
  const one = await openTab(server, { oauth: { reuse: 'idempotent' } })
  await signIn(one)
  const two = await openTab(server, { oauth: { reuse: 'idempotent' }, patience: 900 })
  await two.getSession()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refreshSession()
  await gate.arrived

  expect((await two.refreshSession()).error?.code).toBe('timeout')
  expect(server.count('refresh_token')).toBe(1)
  gate.release()
  await first
})

// realm A   its own locks: holds its claim's ──────────────── still asking the server
// realm B   its own locks: the claim's is free, which says nothing about A
test('two realms that share a store beyond their origin, each with locks of its own, present once', async () => {
  const { server, signIn } = setUp()
  let looks = 0
  const kept: Store = { ...memoryStore(), type: 'redis', atomic: 'origin', notifies: false }
  const storage = meddle(kept, ({ keys }) => {
    if (keys.some((key) => key.startsWith('claim:'))) looks += 1
  })
  const one = await openTab(server, { storage })
  await signIn(one)
  await letTokensDie(kept)
  const everFree = {
    request: async (name: string, ...asked: (LockOptions | LockGrantedCallback<unknown>)[]) => {
      const held = asked.at(-1)
      return typeof held === 'function' ? held({ name, mode: 'exclusive' }) : null
    },
  }
  const seen = vi.spyOn(navigator, 'locks', 'get').mockReturnValue(everFree as LockManager)
  onTestFinished(() => seen.mockRestore())
  const two = await openTab(server, { storage })
  await two.getSession({ signal: AbortSignal.abort() })

  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const first = one.refreshSession()
  await gate.arrived
  const before = looks
  const second = two.refreshSession()
  await expect.poll(() => looks - before, { timeout: 4_000 }).toBeGreaterThan(3)
  expect(server.count('refresh_token')).toBe(1)
  gate.release()

  expect((await second).data.session?.accessToken).toBe((await first).data.session?.accessToken)
  expect(server.count('refresh_token')).toBe(1)
})

test('a claim in a form of a later version is a claim: nothing is presented beside it', async () => {
  const { server, createClient, signIn } = setUp()
  const kept = memoryStore()
  await signIn(createClient({ storage: kept }))
  const storage = meddle(kept, ({ keys }, view) => {
    for (const key of keys) if (key.startsWith('claim:')) view.put(key, { v: 2, holder: 'another' })
  })
  const auth = createClient({ storage, patience: 100 })

  expect((await auth.refreshSession()).error?.code).toBe('timeout')
  expect(server.count('refresh_token')).toBe(0)
})

/** One realm has rotated a token, and its store takes no write; the other one, which sees the store by `seen`, is there. From here on time is made. */
async function oweAWrite(patience: number, seen?: (inner: Store) => Store) {
  const { server, inner, owing, other, gate, refreshing, fail, mend } = await holdARotation({
    seen,
    owing: { requestLimit: 1_000 },
    other: { patience },
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  fail()
  gate.release()
  await refreshing
  await letTokensDie(inner)
  return { server, owing, other, mend }
}

// realm A   rotated ── write fails, owed ─────────────────────── written
// realm B   waits for A's claim, far beyond A's hard limit ───── adopts
test.each(['goes on', 'is closed'])(
  'a write that one realm owes keeps another away from the token that was rotated: its client %s',
  async (way) => {
    const { server, owing, other, mend } = await oweAWrite(200_000)
    if (way === 'is closed') owing.dispose()
    const asked = other.refreshSession()
    await pass(15_000)
    expect(server.count('refresh_token')).toBe(1)
    mend()
    await pass(60_000)

    expect(await asked).toMatchObject({ data: { session: { revision: 2 } }, error: null })
    expect(server.count('refresh_token')).toBe(1)
  },
)

// realm A   rotated ── write fails, owed ······································ for ever
// realm B   waits for A's claim ── A has had all its time ── gives up, presents nothing ── looks no more
test('a write that another realm owes for ever is not waited for for ever, and its token is presented to nobody', async () => {
  let looks = 0
  const { server, other } = await oweAWrite(100, (inner) =>
    meddle(inner, ({ keys }) => void (looks += keys.some((key) => key.startsWith('claim:')) ? 1 : 0)),
  )
  const asked = other.refreshSession()
  await pass(1_000)
  expect((await asked).error?.code).toBe('timeout')
  await pass(20_000)
  other.dispose()
  const before = looks
  await pass(5_000)
  expect(looks).toBe(before)
  expect(server.count('refresh_token')).toBe(1)
})

test.each(['before', 'after'] as const)(
  'a claim whose flight gave up on the store %s it was written leaves the token unpresented, and to be had',
  async (side) => {
    const { server, createClient, signIn } = setUp()
    const { store, inner, holdOne } = createGatedStore()
    await signIn(createClient({ storage: inner }))
    const auth = createClient({ storage: store, requestLimit: 1_000 })
    await auth.getSession()
    const claiming = holdOne(({ keys }) => keys.length > 1 && keys.some((key) => key.startsWith('claim:')), side)
    expect((await auth.refreshSession()).error?.code).toBe('storage_error')
    claiming.release()
    await expect.poll(() => keysOf(inner, 'claim'), { timeout: 3_000 }).toEqual([])
    expect(server.count('refresh_token')).toBe(0)

    expect(await auth.refreshSession()).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  },
)
