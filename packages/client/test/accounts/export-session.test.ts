import { type Fault, loseAnswer } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createGatedStore, meddle, touches } from '../support/stores.ts'

test('a session is handed over whole: what one client exports, another one takes', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth, 'ada')
  const { data } = await auth.exportSession()
  expect(data.tokens).toMatchObject({ tokenType: 'bearer', user: { name: 'Ada Lovelace' } })
  const other = createClient()
  const taken = await other.setSession(data.tokens ?? { accessToken: '' })
  expect(taken.data.session?.user?.name).toBe('Ada Lovelace')
  expect((await other.refreshSession()).data.session?.revision).toBe(2)
  expect((await createClient().exportSession()).data.tokens).toBeNull()
})

describe('what is handed over while its token is being presented', () => {
  const handOver = async (fault?: Fault) => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    const auth = createClient({ storage })
    await signIn(auth, 'ada')
    // Another client of the store, as another tab is.
    const other = createClient({ storage })
    await other.getSession()
    const gate = server.hold({ grant: 'refresh_token' })
    if (fault) server.faults.next(fault, { grant: 'refresh_token' })
    const refreshing = other.refreshSession()
    await gate.arrived
    const exporting = auth.exportSession()
    await new Promise((resolve) => setTimeout(resolve, 20))
    gate.release()
    await refreshing
    const exported = await exporting
    for (const client of [auth, other]) client.dispose()
    return { server, exported, taker: createClient() }
  }

  test('is what comes of it, and good where it is taken', async () => {
    const { exported, taker } = await handOver()
    expect(exported.error).toBeNull()
    await taker.setSession(exported.data.tokens ?? { accessToken: '' })
    expect((await taker.refreshSession()).error).toBeNull()
  })

  test('is nothing where that is not known, and it is not presented again to find out', async () => {
    const { server, exported } = await handOver(loseAnswer())
    expect(server.count('refresh_token')).toBe(1)
    expect(exported.data.tokens).toBeNull()
    expect(exported.error).not.toBeNull()
  })
})

// Found by exploring.
test('who asks for it waits no longer than its patience, whatever the store does', async () => {
  const { createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const looking = holdOne(touches('claim'))
  const exporting = auth.exportSession()
  await looking.arrived
  await vi.advanceTimersByTimeAsync(10_000)
  const { data, error } = await exporting
  expect([data.tokens, error?.code]).toEqual([null, 'timeout'])
})

// export   looks ── the store is slow ── is told that another tab presents the token
// patience                    └── is over ──┘ begins nothing
test('who has waited all its patience for the look joins nothing after it', async () => {
  const { createClient, signIn } = setUp()
  const kept = memoryStore()
  await signIn(createClient({ storage: kept }), 'ada')
  let looks = 0
  const presented = meddle(kept, ({ keys }, view) => {
    for (const key of keys.filter((name) => name.startsWith('claim:'))) {
      looks += 1
      view.put(key, { v: 2, holder: 'another' })
    }
  })
  const { store, holdOne } = createGatedStore(presented)
  const auth = createClient({ storage: store })
  await auth.getSession()
  const looking = holdOne(touches('claim'), 'after')
  const exporting = auth.exportSession()
  await looking.arrived
  const { now } = performance
  const late = vi.spyOn(performance, 'now').mockImplementation(() => Reflect.apply(now, performance, []) + 60_000)
  onTestFinished(() => late.mockRestore())
  looking.release()
  expect((await exporting).error?.code).toBe('timeout')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(looks).toBe(1)
})

test('what another client of the store has renewed a moment ago is handed over', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth, 'ada')
  const other = createClient({ storage })
  await other.getSession()
  for (let times = 0; times < 3; times += 1) {
    const { data } = await other.refreshSession()
    expect((await auth.exportSession()).data.tokens?.accessToken).toBe(data.session?.accessToken)
  }
})

test('a session is handed over from a client that is disposed of then', async () => {
  const { createClient, signIn } = setUp()
  const [auth, other] = [createClient(), createClient()]
  await signIn(auth, 'ada')
  const { data } = await auth.exportSession()
  auth.dispose()
  await other.setSession(data.tokens ?? { accessToken: '' })
  expect((await other.refreshSession()).data.session?.revision).toBe(2)
})

// export   of ada ── waits for the store ──────── her session?
// another                 └── signs her in again ──┘
test('a session that was replaced while it was handed over is nobody’s, and the one in its place is not given for it', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  const looking = holdOne(touches('claim'))
  const exporting = auth.exportSession()
  await looking.arrived
  await signIn(createClient({ storage: inner }), 'ada')
  looking.release()
  expect(await exporting).toEqual({ data: { tokens: null }, error: null })
})
