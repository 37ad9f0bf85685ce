import { serverError, withoutRefreshToken } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { memoryStore } from '../../src/index.ts'
import { rest, systemClock } from '../../src/realm/clock.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { setUp } from '../support/app.ts'
import { startSdk } from '../support/observe.ts'
import { createRealm } from '../support/realm.ts'
import { createFailingStore, createGatedStore, letTokensDie } from '../support/stores.ts'

const refreshing = { when: 'after', grant: 'refresh_token' } as const
const pass = (ms: number): Promise<void> => rest(systemClock, ms)

/** A client that knows Ada, whose access token is dead. */
async function setUpStale({ notifies = true, patience }: { notifies?: boolean; patience?: number } = {}) {
  const app = setUp()
  const { store, inner } = createGatedStore()
  await app.signIn(app.createClient({ storage: inner }))
  await letTokensDie(inner)
  const storage = notifies ? store : { ...store, notifies: false }
  const auth = app.createClient({ storage, ...(patience && { patience }) })
  await auth.handleRedirect('https://app.example.test/')
  return { ...app, auth }
}

/** A client that knows Ada, beside another one in whose store nothing fails. */
async function setUpTwo() {
  const app = setUp()
  const { store, inner, fail, mend } = createFailingStore()
  const other = app.createClient({ storage: inner })
  await app.signIn(other)
  const auth = app.createClient({ storage: store })
  await auth.getSession()
  return { ...app, auth, other, fail, mend }
}

/** Another client has signed out, and the store fails from the read on that a notice has asked for. */
async function signOutUnread() {
  const app = await setUpTwo()
  let reads = 0
  app.fail(() => (reads += 1) > 0)
  await app.other.signOut()
  return { ...app, reads: () => reads }
}

describe('where the store fails just when it would tell', () => {
  // here    reads ── fails ··· reads again ── signed out
  // other   signs out, tells
  test('that somebody has signed out elsewhere, that is found out, asked for or not', async () => {
    const { auth, mend, reads } = await signOutUnread()
    await expect.poll(reads).toBeGreaterThan(0)
    mend()
    expect((await auth.getSession()).data.session).toBeNull()
    expect(auth.getSnapshot().status).toBe('signed-out')
  })

  test('who has replaced the account shown, nobody is told as signed out', async () => {
    const { server, auth, other, signIn, fail, mend } = await setUpTwo()
    const answer = server.hold(refreshing)
    const asked = auth.refreshSession()
    await answer.arrived
    fail(({ keys }) => !keys.some((key) => key.startsWith('claim:')))
    await signIn(other, 'grace')
    answer.release()
    await asked
    await pass(100)
    expect(auth.getSnapshot().status).not.toBe('signed-out')
    mend()
    await expect.poll(async () => (await auth.getSession()).data.session?.user?.name).toBe('Grace Hopper')
  })

  test('it is read again by itself, and nobody has to ask', async () => {
    const { auth, mend, reads } = await signOutUnread()
    await expect.poll(reads).toBeGreaterThan(1)
    mend()
    await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
  })
})

describe('who asks in a storm', () => {
  // forty    ask ── wait for the store ──────── wait for the flight ── have no more patience
  // another                                     asks ─────────────────────── is answered
  test('and came late has all of its own patience', async () => {
    const { server, createClient, signIn } = setUp()
    const { store, inner, hold } = createGatedStore()
    await signIn(createClient({ storage: inner }))
    await letTokensDie(inner)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const [answer, start] = [server.hold(refreshing), hold()]
    const auth = createClient({ storage: store })
    for (let n = 0; n < 40; n += 1) void auth.getSession()
    await vi.advanceTimersByTimeAsync(9_950)
    start.release()
    await answer.arrived
    const asked = auth.getSession()
    await vi.advanceTimersByTimeAsync(60)
    answer.release()
    expect((await asked).error).toBeNull()
  })

  test('waits below its own span, also where all wait for the store first', async () => {
    const { auth } = await setUpStale({ notifies: false })
    const sdk = startSdk()
    const calls = Array.from({ length: 5 }, () => sdk.within(() => auth.getSession()))
    await Promise.all(calls.map(({ result }) => result))
    expect(new Set(sdk.spans('authflight.wait').map(({ parentId }) => parentId)).size).toBe(4)
  })

  test('while a flight is under way waits for it, though the one before has failed', async () => {
    const { server, auth } = await setUpStale()
    server.faults.next(serverError(), { grant: 'refresh_token' })
    await auth.getSession()
    const gate = server.hold(refreshing)
    const forced = auth.refreshSession()
    await gate.arrived
    const others = [auth.getSession(), auth.refreshSession()]
    gate.release()
    for (const { error } of await Promise.all([forced, ...others])) expect(error).toBeNull()
    expect(server.count('refresh_token')).toBe(2)
  })
})

test('a handler that refreshes in answer to a refresh, and does not wait for it, makes one request, also where the store is read first', async () => {
  const { server, auth } = await setUpStale({ notifies: false })
  const again: Promise<unknown>[] = []
  auth.onAuthStateChange((event) => void (event === 'TOKEN_REFRESHED' && again.push(auth.refreshSession())))
  await auth.refreshSession()
  await expect.poll(() => again.length).toBeGreaterThan(0)
  await Promise.all(again)
  await pass(100)
  expect([server.count('refresh_token'), again.length]).toEqual([1, 1])
})

test.each([
  ['is out', 'signed out', undefined],
  ['has come in again', 'signed in', 'refresh_discarded'],
])('whose patience ends after the user %s is told of that', async (_, how, code) => {
  const { server, auth, signIn } = await setUpStale({ patience: 600 })
  const answer = server.hold(refreshing)
  const asked = auth.getSession()
  await answer.arrived
  await (how === 'signed out' ? auth.signOut() : signIn(auth))
  expect((await asked).error?.code).toBe(code)
  answer.release()
})

test('a switch that is stored is shown, though its caller has left', async () => {
  const { createClient, signIn } = setUp()
  const { store, hold } = createGatedStore()
  const auth = createClient({ storage: store })
  const ada = await signIn(auth)
  await signIn(auth, 'grace', { add: true })
  const gate = hold(undefined, 'after')
  const leave = new AbortController()
  const switching = auth.switchTo(ada.account, { signal: leave.signal })
  await gate.arrived
  leave.abort()
  expect((await switching).error?.code).toBe('aborted')
  gate.release()
  await expect.poll(() => auth.getSnapshot()).toMatchObject({ session: { account: ada.account } })
})

test('a session that nothing can renew ends for all, though whoever asked has left', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  server.faults.next(withoutRefreshToken(), { grant: 'authorization_code' })
  await signIn(createClient({ storage: inner }))
  await letTokensDie(inner)
  const auth = createClient({ storage: store })
  await auth.handleRedirect('https://app.example.test/')
  const gate = hold(({ prefixes }) => !!prefixes?.some((prefix) => prefix.startsWith('tombstone:')), 'after')
  const leave = new AbortController()
  const asked = auth.getSession({ signal: leave.signal })
  await gate.arrived
  leave.abort()
  await asked
  gate.release()
  await expect.poll(() => auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
})

test('a dead session is told as stale, also beside a callback that is not finished in time', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await letTokensDie(storage)
  const { data } = await createClient({ storage }).signIn()
  const href = await server.authorize(data.url ?? '', { user: 'grace' })
  server.hold({ when: 'after', grant: 'authorization_code' })
  const realm = createRealm({ page: { ...systemRealm.page, href } })
  const auth = createClient({ storage, redirect: 'auto', patience: 500 }, (given) => createAuthClientIn(realm, given))
  const told = await auth.getSession()
  expect(told.error?.code).toBe('timeout')
  expect(told.data.session?.stale).toBe(true)
})
