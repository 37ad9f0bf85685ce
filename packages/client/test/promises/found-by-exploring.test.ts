import { alterAnswer, loseAnswer } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/in-realm.ts'
import { type AuthClientOptions, memoryStore, type SessionTokens, type Store } from '../../src/index.ts'
import { present } from '../../src/refresh/present.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { realmRing } from '../../src/telemetry/ring.ts'
import { type Client, namespace, refreshMeanwhile, setUp } from '../support/app.ts'
import { recordAll } from '../support/observe.ts'
import { quiet } from '../support/quiet.ts'
import { createRealm, createSilentRealm } from '../support/realm.ts'
import { createFailingStore, createGatedStore, editSlots, isSettling, keysOf, touches } from '../support/stores.ts'

/** Interleavings that the explorer found, made small, each with the promise that it broke. */

function listenTo(auth: {
  onAuthStateChange: ReturnType<ReturnType<typeof setUp>['createClient']>['onAuthStateChange']
}) {
  const heard: string[] = []
  auth.onAuthStateChange(
    (event, session, { reason }) => void heard.push([event, session?.user?.name, reason].filter(Boolean).join(' ')),
  )
  return heard
}

/** Sign-ins are dated in milliseconds, and one of the same as a sign-out counts as begun before it. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  await vi.waitUntil(() => Date.now() > now)
}

/** Of a session that this user has begun elsewhere. */
async function tokensOf(server: ReturnType<typeof setUp>['server'], user = 'ada') {
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user })
  return { accessToken, refreshToken, expiresAt: Date.now() + 300_000 }
}

/** Ada is shown last in a store that another client is going to look into. */
async function showAda() {
  const { server, createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const before = createClient({ storage: store })
  const { account } = await signIn(before, 'ada')
  const { data } = await before.exportSession()
  if (!data.tokens) throw new Error('Nothing was handed over.')
  await nextMillisecond()
  const createNext = () => createClient({ storage: store })
  return { server, signIn, holdOne, before, createNext, account, tokens: data.tokens }
}

describe('the delete of a sign-out that is not done yet', () => {
  /** Ada has signed out, and the store, which fails, still holds her session. */
  async function leaveBehind() {
    const { server, createClient, signIn } = setUp()
    const { store, fail, mend } = createFailingStore()
    const auth = createClient({ storage: store })
    await signIn(auth, 'ada')
    const { data } = await auth.exportSession()
    fail()
    await auth.signOut()
    mend()
    return { server, createClient, store, auth, tokens: data.tokens }
  }

  test('a new client of the page does not show the session (promise 3)', async () => {
    const { createClient, store } = await leaveBehind()
    const next = createClient({ storage: store })
    expect((await next.getSession()).data.session).toBeNull()
    expect(next.getSnapshot().status).toBe('signed-out')
  })

  test('nobody brings the session back by a token that was handed over before (promise 3)', async () => {
    const { auth, tokens } = await leaveBehind()
    if (!tokens) throw new Error('Nothing was handed over.')
    const { data, error } = await auth.setSession(tokens)
    expect(data.session).toBeNull()
    expect(error).toMatchObject({ code: 'refresh_discarded', reason: 'signed_out' })
  })

  test('another client of the page that looks meanwhile tells a departure, not a cleared store (promise 5)', async () => {
    const { createClient, signIn } = setUp()
    const { store, holdOne } = createGatedStore()
    const [one, two] = [createClient({ storage: store }), createClient({ storage: store })]
    await signIn(one)
    await expect.poll(() => two.getSnapshot().status).toBe('signed-in')
    const heard = listenTo(two)
    await expect.poll(() => heard).toEqual(['INITIAL_SESSION Ada Lovelace'])
    const gate = holdOne(touches('attempt'))
    const leaving = one.signOut()
    await gate.arrived
    const channel = new BroadcastChannel('authflight:default')
    channel.postMessage({ v: 1, kind: 'changed' })
    await expect.poll(() => heard.at(-1), { timeout: 5_000 }).toBe('SIGNED_OUT other_tab')
    channel.close()
    gate.release()
    await leaving
  })
})

/** Clients in realms of their own, on one store that can be slow, of a device whose clock can be moved. */
function openDevice() {
  const { server, createClient } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  /** Milliseconds by which the wall clock is ahead of the time that has passed. */
  const device = { ahead: 0 }
  function open(storage: Store = store) {
    const realm = createRealm()
    const clock = { ...realm.clock, now: () => Date.now() + device.ahead }
    return createClient({ storage }, (options) => createAuthClientIn(createRealm({ clock }), options))
  }
  async function begin(auth: Client) {
    const { data } = await auth.signIn()
    return server.authorize(data.url ?? '', { user: 'ada' })
  }
  /** Signs out at one time of the clock, and the store does it at another. */
  async function leave(auth: Client, ahead: number, then: number) {
    const gate = holdOne(touches('attempt'))
    device.ahead = ahead
    const leaving = auth.signOut()
    await gate.arrived
    device.ahead = then
    gate.release()
    await leaving
  }
  return { device, inner, open, begin, leave }
}

test('a clock that is set back between a sign-in and a sign-out does not spare the sign-in (promises 3 and 11)', async () => {
  const { device, open, begin } = openDevice()
  const auth = open()
  const callback = await begin(auth)
  device.ahead = -3_600_000
  await auth.signOut()
  const { error } = await auth.handleRedirect(callback)
  expect(error?.code).toBe('callback_unknown')
  expect(auth.getSnapshot().status).toBe('signed-out')
})

// here      ── opened ───────────── back ── sign-out ──────── forward ── ends what was begun before it?
// elsewhere             └ sign-in
test('nor the sign-in of a tab whose clocks nobody here has looked at (promises 3 and 11)', async () => {
  const { inner, open, begin, leave } = openDevice()
  const here = open()
  const elsewhere = open(inner)
  const callback = await begin(elsewhere)
  await leave(here, -3_600_000, 0)
  expect((await elsewhere.handleRedirect(callback)).error?.code).toBe('callback_unknown')
})

// device    ── sleeps ── sign-in ─────────────────── sleeps ── ends what was begun before it?
// clock        ahead             └ back ── sign-out ── ahead
test('nor does one that is set back by no more than its device has slept (promises 3 and 11)', async () => {
  const { device, open, begin, leave } = openDevice()
  const auth = open()
  await auth.getSession()
  device.ahead = 61_000
  const callback = await begin(auth)
  await leave(auth, 1_000, 600_000)
  expect((await auth.handleRedirect(callback)).error?.code).toBe('callback_unknown')
  expect(auth.getSnapshot().status).toBe('signed-out')
})

// clock     ── sign-in ── back ── sign-out ──────── forward ── ends what was begun before it?
test.each([3_600_000, 1_000])(
  'nor does a clock that was set back by %d ms for the moment of the sign-out alone (promises 3 and 11)',
  async (by) => {
    const { open, begin, leave } = openDevice()
    const auth = open()
    const callback = await begin(auth)
    await leave(auth, -by, 0)
    expect((await auth.handleRedirect(callback)).error?.code).toBe('callback_unknown')
    expect(auth.getSnapshot().status).toBe('signed-out')
  },
)

describe('a store that is slow to tell who was shown before', () => {
  test('who has signed in meanwhile stays shown (promise 7)', async () => {
    const { server, createClient, signIn } = setUp()
    const { store, inner, holdOne } = createGatedStore()
    const other = createClient({ storage: inner })
    const ada = await signIn(other, 'ada')
    const gate = holdOne(({ keys }) => keys.includes(`slot:${namespace}:${ada.account}`), 'after')
    const auth = createClient({ storage: store })
    await gate.arrived
    // From outside, so that it does not wait for the first look.
    const { data } = await server
      .signIn({ user: 'grace' })
      .then(({ access_token, refresh_token }) =>
        auth.setSession({ accessToken: access_token, refreshToken: refresh_token ?? null }, { add: true }),
      )
    const heard = listenTo(auth)
    gate.release()
    // It comes when start-up is over.
    await expect.poll(() => heard.length).toBeGreaterThan(0)
    expect(data.session).not.toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ session: { sessionId: data.session?.sessionId } })
  })

  test('a sign-out ends who is shown all the same (promise 9)', async () => {
    const { server, createClient } = setUp()
    const { store, inner, holdOne } = createGatedStore()
    const gate = holdOne(({ keys }) => keys.length === 1 && keys[0] === `shown:${namespace}`)
    const auth = createClient({ storage: store })
    await gate.arrived
    const { access_token, refresh_token } = await server.signIn({ user: 'grace' })
    await auth.setSession({ accessToken: access_token, refreshToken: refresh_token ?? null })
    const { error } = await auth.signOut()
    expect(error).toBeNull()
    expect(await keysOf(inner, 'slot')).toEqual([])
    gate.release()
  })
})

test('an account that is known already and begins to be shown is told (promise 7)', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const [one, two] = [createClient({ storage }), createClient({ storage })]
  await two.getSession()
  const heard = listenTo(two)
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION'])
  const { account } = await signIn(one, 'ada')
  // Somebody asks for the account before the client has heard that it is to be shown.
  await two.account(account).getSession()
  await two.getSession()
  await expect.poll(() => two.getSnapshot().status).toBe('signed-in')
  await expect.poll(() => heard.length).toBe(2)
})

test('who asks while a sign-in comes back gets who was shown then, never who comes (promise 2)', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const first = createClient({ storage })
  const ada = await signIn(first, 'ada')
  const { data } = await first.signIn()
  const callback = await server.authorize(data.url ?? '', { user: 'grace' })
  const realm = createRealm()
  const page = { ...realm.page, href: callback, base: callback, isOffline: false, replaceAddress: () => {} }
  const gate = server.hold({ when: 'before', grant: 'authorization_code' })
  const auth = createClient({ storage, redirect: 'auto' }, (options) =>
    createAuthClientIn(createRealm({ page }), options),
  )
  await gate.arrived
  expect(auth.getSnapshot()).toMatchObject({ session: { sessionId: ada.sessionId } })
  const asked = auth.refreshSession()
  gate.release()
  expect((await asked).data.session?.user?.name ?? null).not.toBe('Grace Hopper')
})

test('a sign-out whose client is disposed of at once has signed out (promise 3)', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const leaving = auth.signOut()
  auth.dispose()
  expect((await leaving).error).toBeNull()
  expect(await keysOf(storage, 'slot')).toEqual([])
})

test('a first look that ends after dispose makes nothing that could be given a timer (promise 8)', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  await signIn(createClient({ storage: inner }))
  const gate = hold(touches('shown'))
  const auth = createClient({ storage: store, autoRefresh: 'always' })
  await gate.arrived
  auth.dispose()
  gate.release()
  await new Promise((resolve) => setImmediate(resolve))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  auth.startAutoRefresh()
  expect(vi.getTimerCount()).toBe(0)
})

describe('what is recorded ends, also where the store fails under it (promise 6)', () => {
  const isOpen = (records: readonly { readonly id: string; readonly endedAt?: number }[], id: string): boolean =>
    !records.some((record) => record.id === id && record.endedAt !== undefined)

  test('the wait for the claim of another tab', async () => {
    const { server, createClient, signIn } = setUp()
    const { records } = recordAll()
    const { store, inner, fail } = createFailingStore()
    const tab = (options: AuthClientOptions<never>) => createAuthClientIn(createRealm(), options)
    const one = createClient({ storage: inner }, tab as never)
    await signIn(one)
    const two = createClient({ storage: store }, tab as never)
    await two.getSession()
    const gate = server.hold({ when: 'after', grant: 'refresh_token' })
    const first = one.refreshSession()
    await gate.arrived
    const second = two.refreshSession()
    await expect.poll(() => records.some(({ name }) => name === 'authflight.contention')).toBe(true)
    fail()
    expect((await second).error?.code).toBe('storage_error')
    const waits = records.filter(({ name }) => name === 'authflight.contention')
    expect(waits.filter(({ id }) => isOpen(records, id))).toEqual([])
    gate.release()
    await first
  })

  test('a token request whose retry the store forbids', async () => {
    const { records } = recordAll()
    const realm = createRealm({ fetch: async () => new Response(null, { status: 400 }) })
    let asked = 0
    const telemetry = createTelemetry(realm, 'client', realmRing(realm, 100))
    const presenting = present(
      {
        realm,
        telemetry,
        parent: telemetry.open('authflight.refresh', { attributes: {} }),
        provider: { terminal: {}, authority: 'a', clientId: 'c', audience: '' },
        limit: 1_000,
        confirm: () => ((asked += 1) === 1 ? Promise.resolve(true) : Promise.reject(new Error('canary_store'))),
      },
      async (io) => {
        await io.present('https://id.example.test/token', { method: 'POST' })
        await io.present('https://id.example.test/token', { method: 'POST' })
        return { kind: 'unreadable', status: 400, retryAfter: null }
      },
    )
    await expect(presenting).rejects.toThrow('canary_store')
    const [request] = records.filter(({ name }) => name === 'authflight.token_request')
    expect(request && isOpen(records, request.id)).toBe(false)
  })
})

test('a refresh of `setSession` that the store does not take is committed with the token it brought (promise 9)', async () => {
  quiet()
  const { server, createClient } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const { access_token, refresh_token } = await server.signIn({ user: 'ada' })
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const coming = auth.setSession({ accessToken: access_token, refreshToken: refresh_token ?? null, expiresAt: 0 })
  await gate.arrived
  // The landing of the refresh, and no other transaction.
  fail(({ keys }) => keys.some((key) => key.startsWith('claim:')))
  gate.release()
  expect((await coming).error).toBeNull()
  mend()
  expect((await auth.refreshSession()).error).toBeNull()
  expect(server.count((entry) => entry.reused)).toBe(0)
})

test('a clock set forward by years lets nobody forget a claim that stands on a token in use (promises 10 and 11)', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const one = createClient({ storage })
  await signIn(one)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = one.refreshSession()
  await gate.arrived
  const { clock } = createRealm()
  const later = createRealm({ clock: { ...clock, now: () => Date.now() + 1e11 } })
  const two = createClient({ storage }, (options) => createAuthClientIn(later, options))
  await two.signIn()
  expect(await keysOf(storage, 'claim')).toHaveLength(1)
  gate.release()
  await refreshing
})

test('who is replaced by a session that a silent store has written all the same is revoked (promise 9)', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  const { access_token, refresh_token } = await server.signIn({ user: 'grace' })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const gate = holdOne(({ keys, prefixes = [] }) => keys.includes(`shown:${namespace}`) && prefixes.length > 0, 'after')
  const coming = auth.setSession({
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    user: { id: 'grace', claims: {} },
  })
  await gate.arrived
  // As long as a store may take, and a look at it afterwards.
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await coming).error?.code).toBe('timeout')
  gate.release()
  await vi.advanceTimersByTimeAsync(2_000)
  vi.useRealTimers()
  await expect.poll(() => server.liveSessions, { timeout: 3_000 }).toEqual(['session-2'])
})

test('so is who is replaced by one that was beside it, and is shown again by its own token (promise 9)', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth, 'ada')
  const { data } = await auth.exportSession()
  const grace = await server.signIn({ user: 'grace' })
  const user = { id: 'grace', claims: {} }
  await auth.setSession(
    { accessToken: grace.access_token, refreshToken: grace.refresh_token ?? null, user },
    { add: true },
  )
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const gate = holdOne(({ keys, prefixes = [] }) => keys.includes(`shown:${namespace}`) && prefixes.length > 0, 'after')
  const coming = auth.setSession(data.tokens ?? { accessToken: '' })
  await gate.arrived
  await vi.advanceTimersByTimeAsync(60_000)
  expect((await coming).error?.code).toBe('timeout')
  gate.release()
  await vi.advanceTimersByTimeAsync(2_000)
  vi.useRealTimers()
  await expect.poll(() => server.liveSessions, { timeout: 3_000 }).toEqual(['session-1'])
})

// client     reads who was shown: ada ────────────────────── shows ada?
// sign-out            └── by ada’s own surface, deleted ──┘
test('a first read that is heard late does not show again whom their own surface has signed out', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const { account } = await signIn(createClient({ storage: inner }), 'ada')
  const reading = holdOne(({ keys }) => keys.length === 2 && keys.includes(`shown:${namespace}`), 'after')
  const auth = createClient({ storage: store })
  const heard = listenTo(auth)
  await reading.arrived
  await auth.account(account).signOut()
  reading.release()
  expect((await auth.getSession()).data.session).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION'])
})

test('another read that is heard late does not show again whom their own surface has signed out (promise 3)', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  const heard = listenTo(auth)
  await auth.getSession()
  const reading = holdOne(({ keys }) => keys.length === 2 && keys.includes(`shown:${namespace}`), 'after')
  const { account } = await signIn(createClient({ storage: inner }), 'ada')
  await reading.arrived
  await auth.account(account).signOut()
  reading.release()
  expect((await auth.getSession()).data.session).toBeNull()
  expect(auth.getSnapshot().status).toBe('signed-out')
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION'])
})

// client    refresh ── ada was replaced: told ─────────────── by whom?
// app                                          └ subscribes ┘
describe('who has heard of an end, and not yet who came instead', () => {
  async function replaceAda(user: 'ada' | 'grace') {
    const { server, createClient, signIn } = setUp()
    const { store, inner, hold } = createGatedStore()
    const [one, two] = [createClient({ storage: inner }), createClient({ storage: store })]
    const { account } = await signIn(one, 'ada')
    await expect.poll(() => two.getSnapshot().status).toBe('signed-in')
    const heard = listenTo(two)
    const answer = server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = two.refreshSession()
    await answer.arrived
    const looking = hold((scope) =>
      scope.keys.includes(`shown:${namespace}`) ? scope.keys.length === 1 : !touches('claim')(scope),
    )
    await signIn(one, user)
    answer.release()
    await expect.poll(() => heard.at(-1)).toBe('SIGNED_OUT replaced')
    return { two, account, heard, looking, refreshing }
  }

  test('is told of nobody when it subscribes (promise 7)', async () => {
    const { two, looking, refreshing } = await replaceAda('grace')
    const late = listenTo(two)
    await expect.poll(() => late).toEqual(['INITIAL_SESSION'])
    looking.release()
    await refreshing
    await expect.poll(() => late).toEqual(['INITIAL_SESSION', 'SIGNED_IN Grace Hopper'])
  })

  test('is given nothing of who came, since it asked while the other one was in sight (promise 2)', async () => {
    const { two, looking, refreshing } = await replaceAda('grace')
    expect(two.getSnapshot()).toMatchObject({ session: { user: { name: 'Ada Lovelace' } } })
    const asked = [two.getSession(), two.exportSession(), two.getUser()]
    looking.release()
    await refreshing
    const discarded = expect.objectContaining({ code: 'refresh_discarded', reason: 'replaced' }) as unknown
    expect(await Promise.all(asked)).toEqual([
      { data: { session: null }, error: discarded },
      { data: { tokens: null }, error: discarded },
      { data: { user: null }, error: discarded },
    ])
    expect((await two.getUser()).data.user?.name).toBe('Grace Hopper')
  })

  test('is told who came when it switches there (promise 7)', async () => {
    const { two, account, heard, looking, refreshing } = await replaceAda('ada')
    await two.switchTo(account)
    looking.release()
    await refreshing
    await expect
      .poll(() => heard)
      .toEqual(['INITIAL_SESSION Ada Lovelace', 'SIGNED_OUT replaced', 'SIGNED_IN Ada Lovelace'])
  })
})

/** `two` shows Ada and knows that Grace is signed in beside her. */
async function showAdaBesideGrace() {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const [one, two] = [createClient({ storage }), createClient({ storage })]
  await signIn(one, 'ada')
  await expect.poll(() => two.getSnapshot().status).toBe('signed-in')
  const { data } = await one.signIn({ add: true })
  const grace = (await one.handleRedirect(await server.authorize(data.url ?? '', { user: 'grace' }))).data.session
  const account = grace?.account ?? ''
  await two.account(account).getSession()
  const heard = listenTo(two)
  await expect.poll(() => heard).toHaveLength(1)
  return { storage, one, two, account, heard, signIn }
}

test('whose account nobody was shown is not told as gone when they come again elsewhere (promise 7)', async () => {
  const { one, two, heard, signIn } = await showAdaBesideGrace()
  await one.switchTo((await two.getSession()).data.session?.account ?? '')
  const again = await signIn(one, 'grace')
  await expect.poll(() => two.getSnapshot()).toMatchObject({ session: { sessionId: again.sessionId } })
  await expect
    .poll(() => heard)
    .toEqual(['INITIAL_SESSION Ada Lovelace', 'SIGNED_OUT replaced', 'SIGNED_IN Grace Hopper'])
})

test('who was replaced twice before this client has looked is told as gone (promise 7)', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  const [one, two] = [createClient({ storage: inner }), createClient({ storage: store })]
  await signIn(one, 'ada')
  await expect.poll(() => two.getSnapshot().status).toBe('signed-in')
  const heard = listenTo(two)
  await expect.poll(() => heard).toHaveLength(1)
  const looking = hold(
    ({ keys, prefixes = [] }) => prefixes.length === 0 && keys.some((key) => key.startsWith('slot:')),
  )
  await signIn(one, 'ada')
  const { access_token, refresh_token } = await server.signIn({ user: 'grace' })
  await two.setSession({
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    user: { id: 'grace', name: 'Grace', claims: {} },
  })
  looking.release()
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION Ada Lovelace', 'SIGNED_OUT replaced', 'SIGNED_IN Grace'])
})

test('a switch gives the session that stands there, not one that it has replaced (promise 2)', async () => {
  const { storage, two, account } = await showAdaBesideGrace()
  // Another tab, of which no notice came.
  await editSlots(storage, (slot) =>
    slot.display.account === account
      ? { ...slot, sessionId: 'another', display: { ...slot.display, session: '3f9a1c07' } }
      : slot,
  )
  expect((await two.switchTo(account)).data.session?.sessionId).toBe('3f9a1c07')
})

test('what has changed of an account is told after the switch to it (promise 7)', async () => {
  const { storage, two, account, heard } = await showAdaBesideGrace()
  // Another tab, of which no notice came.
  await editSlots(storage, (slot) => ({
    ...slot,
    userRevision: slot.userRevision + 1,
    user: slot.user && { ...slot.user, claims: { ...slot.user.claims, visits: 1 } },
  }))
  await two.switchTo(account)
  await expect
    .poll(() => heard)
    .toEqual(['INITIAL_SESSION Ada Lovelace', 'ACCOUNT_SWITCHED Grace Hopper', 'USER_UPDATED Grace Hopper'])
})

test('an account that is shown is signed out by its own surface before that has read it (promise 3)', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  const { account } = await signIn(createClient({ storage: inner }), 'ada')
  const gate = hold(({ keys }) => keys.length === 1 && keys[0] === `slot:${namespace}:${account}`)
  const auth = createClient({ storage: store })
  const asked = auth.account(account).getSession()
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  expect((await auth.account(account).signOut()).error).toBeNull()
  expect(await keysOf(inner, 'slot')).toEqual([])
  gate.release()
  expect((await asked).data.session).toBeNull()
})

// one   its answer is lost ──────────────── gives its attempt up
// two          └── presents the same token for that attempt ──┘ ── answered
test('who gives up setting a session leaves it to who is presenting its token for it (promises 9 and 10)', async () => {
  const { server, createClient } = setUp({ profile: 'sometimes-rotating' })
  const { store, inner, hold } = createGatedStore()
  const inTab = (storage: Store) =>
    createClient({ storage }, (options) => createAuthClientIn(createSilentRealm(), options))
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  const tokens = { accessToken, refreshToken, expiresAt: 1 }
  const [one, two] = [inTab(store), inTab(inner)]
  await Promise.all([one.getSession(), two.getSession()])
  const givingUp = hold(
    ({ keys, prefixes = [] }) => keys.join().startsWith('attempt:') && prefixes.every((prefix) => prefix === 'claim:'),
  )
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  expect((await one.setSession(tokens)).error?.code).toBe('network')
  await givingUp.arrived
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const setting = two.setSession(tokens)
  await gate.arrived
  givingUp.release()
  await new Promise((resolve) => setImmediate(resolve))
  gate.release()

  expect(await setting).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  expect(server.count('refresh_token')).toBe(2)
  expect(server.liveSessions).toHaveLength(1)
})

// one   presents the token ──────────────────────────────── answered
// two          └── its clock is behind: makes a session of it ──┘
test('an answer to the attempt of one tab goes to the session that another has made of it (promises 9 and 10)', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const inTab = (behind: number) => {
    const { clock, ...realm } = createSilentRealm()
    const slow = { ...clock, now: () => clock.now() - behind }
    return createClient({ storage }, (options) => createAuthClientIn(createRealm({ ...realm, clock: slow }), options))
  }
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  const tokens = { accessToken, refreshToken, expiresAt: Date.now() - 1_000 }
  const [one, two] = [inTab(0), inTab(3_600_000)]
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const setting = one.setSession(tokens)
  await gate.arrived
  expect((await two.setSession(tokens)).data.session?.revision).toBe(1)
  gate.release()

  expect((await setting).data.session?.revision).toBe(2)
  expect((await two.refreshSession()).error).toBeNull()
  expect(server.log.filter(({ reused }) => reused)).toEqual([])
  expect(server.liveSessions).toHaveLength(1)
})

// flight   ──── renewed ── commit ──┐
//                  └── sleeps ──┘   └ a handler asks: what was brought is dead, and its flight is not over yet
test('who asks when a refresh has brought what is dead by now gets another one, also where the token stays the same (promises 6 and 11)', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'non-rotating' })
  const { clock, ...realm } = createSilentRealm()
  let slept = 0
  const slow = { ...clock, now: () => clock.now() + slept, monotonic: () => clock.monotonic() + slept }
  const auth = createClient({}, (options) => createAuthClientIn(createRealm({ ...realm, clock: slow }), options))
  await signIn(auth)
  let asked: ReturnType<typeof auth.getSession> | undefined
  auth.onAuthStateChange((event) => {
    if (event !== 'TOKEN_REFRESHED' || asked) return
    slept = 86_400_000
    asked = auth.getSession()
  })
  await auth.refreshSession()

  expect(await asked).toMatchObject({ data: { session: { revision: 3 } }, error: null })
  expect(server.count('refresh_token')).toBe(2)
})

/** Ada's session is at a revision that the store, which works again, has not taken yet, and the app was handed its tokens. */
async function refreshUnstored() {
  const { server, createClient, signIn } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const given: SessionTokens[] = []
  const noteTokens = alterAnswer((body) => {
    given.push({ accessToken: `${body.access_token as string}`, refreshToken: `${body.refresh_token as string}` })
    return body
  })
  server.faults.next(noteTokens, { grant: 'refresh_token' })
  expect((await refreshMeanwhile(server, auth, fail)).data.session?.revision).toBe(2)
  mend()
  const [tokens = { accessToken: '' }] = given
  return { server, auth, signIn, tokens }
}

// store    holds r1 ─────────── r2 fails ──────────────── r3
// flight        └─ r1 → r2 ──────┘   └─ r2 → r3, from memory ─┘
// app                                  └ is handed r2's token ──── and brings it back
test('a token that the store never held is known for spent when it comes back (promises 1 and 9)', async () => {
  const { server, auth, tokens } = await refreshUnstored()
  expect((await auth.refreshSession()).data.session?.revision).toBe(3)

  const { data: back } = await auth.setSession(tokens)
  expect(back.session?.revision).toBe(3)
  expect((await auth.refreshSession()).error).toBeNull()
  expect(server.log.filter(({ reused }) => reused)).toEqual([])
})

// flight   ──── rotated ── commit ──┐
// device                            └─ sleeps ─┐
// caller   asks ────────────────────────────────┴ what was brought is dead: it is renewed in its turn
test('a caller is not given a token that died while its flight was being told: the device slept (promise 6)', async () => {
  const { server, createClient, signIn } = setUp()
  const { clock, ...realm } = createSilentRealm()
  let slept = 0
  // On many platforms the monotonic clock stands still meanwhile.
  const slow = { ...clock, now: () => clock.now() + slept }
  const inner = memoryStore()
  const storage: Store = {
    ...inner,
    async transact(scope, change) {
      const result = await inner.transact(scope, change)
      if (slept === 86_400_000 && server.count('refresh_token') === 1) slept *= 2
      return result
    },
  }
  const auth = createClient({ storage }, (options) =>
    createAuthClientIn(createRealm({ ...realm, clock: slow }), options),
  )
  await signIn(auth)
  slept = 86_400_000

  expect(await auth.getSession()).toMatchObject({ data: { session: { revision: 3 } }, error: null })
  expect(server.count('refresh_token')).toBe(2)
})

// setSession   rotated: r2 is in the attempt ── the store fails: it stays there
// signOut                                                                └ deletes it ── the store never says so
test('what a sign-out takes of a store that does not tell is revoked all the same (promise 9)', async () => {
  const { server, createClient } = setUp()
  const { store: failing, inner, fail, mend } = createFailingStore()
  const { store, holdOne } = createGatedStore(failing)
  const auth = createClient({ storage: store, requestLimit: 1_000 })
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  fail(isSettling)
  const { error } = await auth.setSession({ accessToken, refreshToken, expiresAt: Date.now() - 1_000 })
  expect([error?.code, server.count('refresh_token'), await keysOf(inner, 'attempt')]).toEqual([
    'storage_error',
    1,
    [expect.any(String)],
  ])
  mend()
  expect(server.liveSessions).toHaveLength(1)
  holdOne(touches('tombstone'), 'after')
  expect((await auth.signOut()).error?.code).toBe('storage_error')

  expect(await keysOf(inner, 'attempt')).toEqual([])
  await expect.poll(() => server.liveSessions).toEqual([])
})

// store    holds r1 ─── r2 fails ─────────────┐ holds s2, and that s1 was replaced
// app                     └ is handed r2's token    └── and brings it back
// user                                        signs in again: s2
test('a token that the store never held is known for left when its session was replaced meanwhile (promises 3 and 10)', async () => {
  const { auth, signIn, tokens } = await refreshUnstored()
  const again = await signIn(auth)

  expect((await auth.setSession(tokens)).error?.code).toBe('refresh_discarded')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: again.sessionId } })
})

// start-up   asks the store ────────────────────────────────────── it answers
// app                        signOut()    setSession() brings Ada            └ the sign-out ends who is shown now
describe.each([
  ['nobody', false],
  ['somebody else', true],
])('with %s in the store, a sign-out that waits for start-up', (_, isStored) => {
  async function startUp() {
    const { server, createClient, signIn } = setUp()
    const { store, holdOne } = createGatedStore()
    if (isStored) {
      const before = createClient({ storage: store })
      await signIn(before, 'grace')
      before.dispose()
      await nextMillisecond()
    }
    const starting = holdOne(touches('shown'), 'after')
    const auth = createClient({ storage: store })
    await starting.arrived
    return { server, auth, starting }
  }

  test('leaves alone who came in after it was called (promise 3)', async () => {
    const { server, auth, starting } = await startUp()
    const leaving = auth.signOut()
    await nextMillisecond()
    const { data, error } = await auth.setSession(await tokensOf(server))
    expect([error, data.session?.revision]).toEqual([null, 1])
    starting.release()

    expect((await leaving).error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: data.session?.sessionId } })
  })

  test('leaves a sign-in alone that was begun after it was called (promise 3)', async () => {
    const { server, auth, starting } = await startUp()
    const leaving = auth.signOut()
    await nextMillisecond()
    const { data } = await auth.signIn()
    starting.release()
    expect((await leaving).error).toBeNull()

    const returned = await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))
    expect(returned.error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: returned.data.session })
  })

  test('ends what start-up finds', async () => {
    const { auth, starting } = await startUp()
    const leaving = auth.signOut()
    starting.release()

    expect((await leaving).error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out' })
    expect((await auth.accounts()).data.accounts).toEqual([])
  })
})

describe('a sign-out that waits for start-up ends who was shown last (promise 3), although', () => {
  /** A client begins whose first look into the store is on its way there. */
  async function startUp() {
    const { holdOne, createNext, ...rest } = await showAda()
    const starting = holdOne(touches('shown'), 'before')
    const auth = createNext()
    await starting.arrived
    return { ...rest, auth, starting }
  }

  test('another tab has signed the account in again, and this one knows only the session before', async () => {
    const { auth, before, signIn, account, starting } = await startUp()
    expect((await auth.account(account).getSession()).data.session).not.toBeNull()
    await signIn(before, 'ada')
    await nextMillisecond()
    const leaving = auth.signOut()
    starting.release()

    expect((await leaving).error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out' })
    expect((await auth.accounts()).data.accounts).toEqual([])
  })

  test('another account comes in beside it', async () => {
    const { auth, server, account, starting } = await startUp()
    const leaving = auth.signOut()
    await nextMillisecond()
    const { data } = await auth.setSession(await tokensOf(server, 'grace'), { add: true })
    starting.release()

    expect((await leaving).error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: data.session?.sessionId } })
    const left = (await auth.accounts()).data.accounts.map(({ id }) => id)
    expect(left).toEqual([data.session?.account])
    expect(left).not.toContain(account)
  })

  test('the app brings the tokens of that very session', async () => {
    const { auth, tokens, starting } = await startUp()
    const leaving = auth.signOut()
    await nextMillisecond()
    await auth.setSession(tokens)
    starting.release()

    expect((await leaving).error).toBeNull()
    expect((await auth.accounts()).data.accounts).toEqual([])
  })
})

// account    asks the store ────────────────────────────────────── it answers
// app                        signOut()    setSession() brings Ada            └ the sign-out ends whom the account holds now
describe('the sign-out of an account that waits for the store', () => {
  async function readAccount() {
    const { holdOne, createNext, ...rest } = await showAda()
    const reading = holdOne(touches('slot'), 'after')
    const auth = createNext()
    const leaving = auth.account(rest.account).signOut()
    await reading.arrived
    await nextMillisecond()
    return { ...rest, auth, leaving, reading }
  }

  test('leaves alone who came in after it was called (promise 3)', async () => {
    const { server, auth, account, leaving, reading } = await readAccount()
    const { data, error } = await auth.setSession(await tokensOf(server))
    expect([error, data.session?.revision, data.session?.account]).toEqual([null, 1, account])
    reading.release()

    expect((await leaving).error).toBeNull()
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: data.session?.sessionId } })
  })

  test('ends whom the account holds, also where the app brings the tokens of that session', async () => {
    const { auth, tokens, leaving, reading } = await readAccount()
    await auth.setSession(tokens)
    reading.release()

    expect((await leaving).error).toBeNull()
    expect((await auth.accounts()).data.accounts).toEqual([])
  })

  test('says that its client was disposed, where it has ended nobody', async () => {
    const { auth, leaving, reading } = await readAccount()
    auth.dispose()
    reading.release()

    expect((await leaving).error).toMatchObject({ code: 'client_disposed' })
  })
})
