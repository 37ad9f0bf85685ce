import { loseAnswer, oauthFailure } from '@authflight/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { isAuthRefreshDiscardedError, memoryStore, type SessionTokens, type Store } from '../../src/index.ts'
import { type Client, refreshTokenIds, setUp } from '../support/app.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import type { Scope } from '../../src/storage/store.ts'
import { createSilentRealm } from '../support/realm.ts'
import { quiet } from '../support/quiet.ts'
import { createFailingStore, createGatedStore, isSettling, keysOf, slotsOf, touches } from '../support/stores.ts'
import { holdARotation } from '../support/tabs.ts'

type Server = ReturnType<typeof setUp>['server']

/** A look that a flight of an attempt takes before it presents. */
const asksToPresentAnAttempt = ({ keys }: Scope): boolean =>
  keys[0]?.startsWith('attempt:') === true && keys.some((key) => key.startsWith('claim:'))

/** Keeps the first transaction that matches, once it is told to, of a store that is made later. */
function gateOf(matches: (scope: Scope) => boolean) {
  let gated: ReturnType<typeof createGatedStore> | null = null
  return {
    wrap: (inner: Store): Store => (gated = createGatedStore(inner)).store,
    hold() {
      if (!gated) throw new Error('There is no store yet.')
      return gated.holdOne(matches)
    },
  }
}

async function tokensOf(server: Server, user = 'ada', dead = false): Promise<SessionTokens> {
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user })
  return { accessToken, refreshToken, expiresAt: Date.now() + (dead ? -1_000 : 60_000) }
}

// one   notes the attempt ──────────────────────────────── finds it settled
// two          └── finds it, makes a session of it ──┘
test('of two clients that are handed the same session the later one does not revoke what the other has made of it', async () => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  // Nobody tells whose session it is: only the session itself says that it is the same.
  const { user: _, ...provider } = createInPageProvider(server)
  const tokens = await tokensOf(server)
  const settling = holdOne(isSettling)
  const one = createInPageClient(server, { provider, storage: store }).setSession(tokens)
  await settling.arrived
  const two = await createInPageClient(server, { provider, storage: inner }).setSession(tokens)
  settling.release()

  expect(two.error).toBeNull()
  expect((await one).data.session?.sessionId).toBe(two.data.session?.sessionId)
  await new Promise((resolve) => setImmediate(resolve))
  expect(server.count('revocation')).toBe(0)
  expect(server.liveSessions).toHaveLength(1)
})

// sign-out     delete fails ─────────────────────────────── is done at last
// setSession        └── the same token again: signed out ──┘
test('a token that was signed out is refused also while the store has not deleted it yet', async () => {
  const { server, createClient } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  fail()
  expect((await auth.signOut()).error?.code).toBe('storage_error')
  mend()
  await auth.setSession(await tokensOf(server, 'grace'), { add: true })
  const { data, error } = await auth.setSession(tokens)

  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(data.session).toBeNull()
  expect(auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Grace Hopper' } } })
  expect((await auth.accounts()).data.accounts).toHaveLength(1)
})

test('a session that was signed out and is not deleted yet is not served by a new client of the realm either', async () => {
  const { createClient, signIn } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const { account } = await signIn(auth)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  fail()
  expect((await auth.signOut()).error?.code).toBe('storage_error')
  mend()
  auth.dispose()
  const heir = createClient({ storage: store })

  expect((await heir.getSession()).data.session).toBeNull()
  expect((await heir.accounts()).data.accounts).toEqual([])
  expect((await heir.account(account).getSession()).data.session).toBeNull()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await slotsOf(store)).toEqual([])
})

// flight of the attempt   rotated: r2 ── write fails, owed ───────── written
// setSession                                  └── settles: with r2 ──┘
test('a token rotated on the way, whose write is owed, is what the session is made of', async () => {
  quiet()
  const { server, createClient } = setUp()
  const { store, inner, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const tokens = await tokensOf(server, 'ada', true)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const coming = auth.setSession(tokens)
  await gate.arrived
  fail(touches('claim'))
  gate.release()
  const { data, error } = await coming
  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(await slotsOf(inner)).toMatchObject([{ revision: 2 }])
  mend()

  expect((await auth.refreshSession()).data.session?.revision).toBe(3)
  expect(refreshTokenIds(server)).toEqual(['refresh-1', 'refresh-2'])
  expect(server.log.filter(({ reused }) => reused)).toEqual([])
})

// flight of the attempt   rotated: r2 ── write fails, owed ───────────────────── written
// setSession                                  └── fails for another reason ──┘
test('a token rotated on the way, whose write is owed, is found when the session is set again', async () => {
  quiet()
  const { server, createClient } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const tokens = await tokensOf(server, 'ada', true)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const coming = auth.setSession(tokens)
  await gate.arrived
  fail((scope) => touches('claim')(scope) || isSettling(scope))
  gate.release()
  expect((await coming).error?.code).toBe('storage_error')
  mend()
  const { data, error } = await auth.setSession(tokens)

  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
  expect(refreshTokenIds(server)).toEqual(['refresh-1'])
  expect((await auth.refreshSession()).data.session?.revision).toBe(3)
  expect(server.log.filter(({ reused }) => reused)).toEqual([])
})

test('tokens that the store does not take are still their owner’s: they are not revoked, and can be set again', async () => {
  const { server, createClient } = setUp()
  const { store, fail, mend } = createFailingStore()
  const auth = createClient({ storage: store })
  const tokens = await tokensOf(server)
  fail(isSettling)
  expect((await auth.setSession(tokens)).error?.code).toBe('storage_error')
  mend()

  expect((await auth.setSession(tokens)).data.session?.revision).toBe(1)
  expect(server.count('revocation')).toBe(0)
  expect(server.liveSessions).toHaveLength(1)
})

test('the token of the account that is shown changes nothing, also for whom another tab has added and shows', async () => {
  const { server } = setUp()
  const storage = memoryStore()
  const auth = createInPageClient(server, { storage })
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  const other = createInPageClient(server, { storage })
  await other.getSession()
  await other.signIn({ user: 'grace', add: true })
  const { data, error } = await auth.setSession(tokens)

  expect(error).toBeNull()
  expect(data.session?.user?.name).toBe('Ada Lovelace')
  expect((await other.accounts()).data.accounts).toHaveLength(2)
  expect(other.getSnapshot()).toMatchObject({ session: { user: { name: 'Grace Hopper' } } })
})

test('the token of an account that is signed in shows it, and signs out who was shown, as a sign-in does', async () => {
  const { server } = setUp()
  const storage = memoryStore()
  const auth = createInPageClient(server, { storage })
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  await auth.signIn({ user: 'grace', add: true })
  const { data } = await auth.setSession(tokens)
  expect(data.session?.user?.name).toBe('Ada Lovelace')
  expect((await auth.accounts()).data.accounts.map(({ user }) => user?.name)).toEqual(['Ada Lovelace'])
})

test('a predecessor gives what came of it, also where the notice of that was lost', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  const provider = createInPageProvider(server)
  const other = createAuthClientIn(createSilentRealm(), { provider, storage, autoRefresh: 'off', redirect: 'manual' })
  onTestFinished(() => other.dispose())
  expect((await other.refreshSession()).data.session?.revision).toBe(2)
  const { data } = await auth.setSession(tokens)

  expect(data.session?.revision).toBe(2)
  expect(auth.getSnapshot()).toMatchObject({ session: { revision: 2 } })
})

test('a session that is set and whose access token is dead comes marked as stale', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const tokens = await tokensOf(server)
  await auth.setSession(tokens)
  vi.setSystemTime(Date.now() + 3_600_000)
  onTestFinished(() => void vi.useRealTimers())
  expect((await auth.setSession(tokens)).data.session?.stale).toBe(true)
})

// setSession   ── token sent ──────────────────── answer
// sign-out              └── ends the attempt ──┘
test('a sign-out while a set session is refreshed wins over it, and what came of its token is revoked', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const coming = auth.setSession(await tokensOf(server, 'ada', true))
  await gate.arrived
  await auth.signOut()
  gate.release()
  const { data, error } = await coming

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  await expect.poll(() => server.liveSessions).toEqual([])
  expect(await slotsOf(storage)).toEqual([])
  await expect.poll(() => keysOf(storage, 'attempt')).toEqual([])
})

// auth-js: `setSession(valid)` waits for the user, `signOut`: the session comes back.
test.each(['userinfo', 'settle'] as const)(
  'a sign-out while a set session waits for its %s wins over it',
  async (wait) => {
    const { server, createClient } = setUp()
    const { store, inner, holdOne } = createGatedStore()
    const auth = createClient({ storage: store })
    await auth.getSession()
    const gate = wait === 'userinfo' ? server.hold({ endpoint: 'userinfo', when: 'after' }) : holdOne(isSettling)
    const coming = auth.setSession(await tokensOf(server))
    await gate.arrived
    await auth.signOut()
    gate.release()
    const { data, error } = await coming

    expect(data.session).toBeNull()
    expect(error?.code).toMatch(/refresh_discarded|attempt_superseded/)
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-out' })
    expect(await slotsOf(inner)).toEqual([])
    await expect.poll(() => server.liveSessions).toEqual([])
  },
)

// page   rotated: r2 is in the attempt ── reload
// page'                                           setSession(r1): finds r2
test('a page that went between the rotation and the end of setSession loses nothing: the same call finds it', async () => {
  const { server, createClient } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const tokens = await tokensOf(server, 'ada', true)
  const gone = createClient({ storage: store })
  const settling = holdOne(isSettling)
  void gone.setSession(tokens)
  await settling.arrived
  gone.dispose()
  const auth = createClient({ storage: inner })
  const { data, error } = await auth.setSession(tokens)

  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 2 })
  expect(refreshTokenIds(server)).toEqual(['refresh-1'])
})

// one   asks whose it is ─────────────────────────────────────── keeps that beside r2
// two                      └── finds it dead: refreshes, r2 ──┘
test('who hears late whose session it is keeps the token that it was renewed with meanwhile', async () => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  // The other one asks nobody whose it is.
  const { user: _, ...provider } = createInPageProvider(server)
  const one = createInPageClient(server, { storage: inner })
  const two = createInPageClient(server, { provider, storage: store })
  const tokens = await tokensOf(server)
  const told = server.hold({ endpoint: 'userinfo', when: 'after' })
  const first = one.setSession(tokens)
  await told.arrived
  vi.setSystemTime(Date.now() + 60_001)
  onTestFinished(() => void vi.useRealTimers())
  const settling = holdOne(isSettling)
  const second = two.setSession(tokens)
  await settling.arrived
  told.release()
  expect((await first).data.session?.revision).toBe(2)
  settling.release()
  await second

  expect((await one.refreshSession()).error).toBeNull()
  expect(server.log.filter((entry) => entry.reused)).toEqual([])
})

test('a set session whose answer was lost is presented again only because nothing is left to lose', async () => {
  const { server, createClient } = setUp({ profile: 'idempotent' })
  const auth = createClient()
  const tokens = await tokensOf(server, 'ada', true)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  expect((await auth.setSession(tokens)).error?.code).toBe('network')
  const { data, error } = await auth.setSession(tokens)
  expect(error).toBeNull()
  expect(data.session?.revision).toBe(2)
})

// refresh of the slot   ── r1 sent ───────────────────────────── r2
// setSession(r1)             └── is the slot's own: a no-op ──┘
test('a token that is being refreshed is set: its own session is given, and it is presented once', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const tokens = await tokensOf(server)
  const { data: first } = await auth.setSession(tokens)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const { data, error } = await auth.setSession(tokens)
  expect(error).toBeNull()
  expect(data.session?.sessionId).toBe(first.session?.sessionId)
  gate.release()
  expect((await refreshing).data.session?.revision).toBe(2)
  expect(server.presentations(tokens.refreshToken ?? '')).toBe(1)
})

describe('a token that its tab still owes to the store, and presents', () => {
  /** One tab has got the second generation, which the store has not taken; the other one has been handed it. */
  async function owedAndHandedOver(seen?: (inner: Store) => Store) {
    const { server, inner, owing, other, gate, refreshing, fail } = await holdARotation({ seen })
    const claims = await keysOf(inner, 'claim')
    fail(({ keys }) => keys.some((key) => claims.includes(key)))
    gate.release()
    await refreshing
    expect((await slotsOf(inner)).map(({ revision }) => revision)).toEqual([1])
    const { data } = await owing.exportSession()
    if (!data.tokens) throw new Error('Nothing was handed over.')
    return { server, owing, other, tokens: data.tokens }
  }

  function sessionIn(auth: Client) {
    const snapshot = auth.getSnapshot()
    return snapshot.status === 'signed-in' ? snapshot.session : null
  }

  async function expectOne({ server, owing, other }: Awaited<ReturnType<typeof owedAndHandedOver>>) {
    await expect.poll(() => sessionIn(other)?.revision).toBe(3)
    const renewed = await other.refreshSession()
    expect(renewed).toMatchObject({ error: null, data: { session: { revision: 4 } } })
    expect((await owing.getSession()).data.session?.sessionId).toBe(renewed.data.session?.sessionId)
    expect(server.liveSessions).toEqual(['session-1'])
  }

  // owing    generation 2, owed ── presents it, and pays ──────────── generation 3
  // other                              └── setSession(2): it is here ──┘
  test('is found by who brings it meanwhile', async () => {
    const set = await owedAndHandedOver()
    const gate = set.server.hold({ when: 'after', grant: 'refresh_token' })
    const refreshing = set.owing.refreshSession()
    await gate.arrived
    expect((await set.other.setSession(set.tokens)).error).toBeNull()
    gate.release()
    expect((await refreshing).error).toBeNull()
    await expectOne(set)
  })

  // owing    generation 2, owed          ── presents it, and pays ── generation 3
  // other        setSession(2): new ── asks whose it is ──────────────────┘ it is here
  test('is found by who has brought it before, and asked whose it is', async () => {
    const set = await owedAndHandedOver()
    const asked = set.server.hold({ endpoint: 'userinfo' })
    const coming = set.other.setSession({ ...set.tokens, user: null })
    await asked.arrived
    expect((await set.owing.refreshSession()).error).toBeNull()
    asked.release()
    expect((await coming).error).toBeNull()
    await expectOne(set)
  })

  // owing    generation 2, owed                 ── presents it, and pays ── generation 3
  // other        setSession(2): has to be renewed ────────────────────────────┘ it is spent: takes 3
  test.each([
    ['whose access token is dead', { expiresAt: 0 }],
    ['whose access token the server does not take', { user: null }],
  ])('is not presented once more by who has brought it before, %s', async (_what, given) => {
    const { hold, wrap } = gateOf(asksToPresentAnAttempt)
    const set = await owedAndHandedOver(wrap)
    set.server.faults.next(oauthFailure('invalid_token', { status: 401 }), { endpoint: 'userinfo' })
    const presenting = hold()
    const coming = set.other.setSession({ ...set.tokens, ...given })
    await presenting.arrived
    expect((await set.owing.refreshSession()).error).toBeNull()
    presenting.release()
    expect((await coming).error).toBeNull()
    expect(set.server.presentations(set.tokens.refreshToken ?? '')).toBe(1)
    await expectOne(set)
  })

  // owing    generation 2, owed                    refresh: waits ── it is spent: takes 3
  // other        setSession(2) ── presents it, in its attempt ── generation 3 ── is here
  test('is not presented once more by its tab, where the other one has presented it and is not done yet', async () => {
    const { hold, wrap } = gateOf(isSettling)
    const set = await owedAndHandedOver(wrap)
    const settling = hold()
    const gate = set.server.hold({ when: 'after', grant: 'refresh_token' })
    const coming = set.other.setSession({ ...set.tokens, expiresAt: 0, user: null })
    await gate.arrived
    const refreshing = set.owing.refreshSession()
    gate.release()
    await settling.arrived
    expect((await refreshing).error).toBeNull()
    settling.release()
    expect((await coming).error).toBeNull()
    expect(set.server.presentations(set.tokens.refreshToken ?? '')).toBe(1)
    await expectOne(set)
  })

  /** The other tab has presented it, and its tab has taken what came of that; the other one is not done. */
  async function takenOver() {
    const { hold, wrap } = gateOf(isSettling)
    const set = await owedAndHandedOver(wrap)
    const settling = hold()
    const coming = set.other.setSession({ ...set.tokens, expiresAt: 0 })
    await settling.arrived
    expect((await set.owing.refreshSession()).data.session?.revision).toBe(3)
    return { ...set, coming, settling }
  }
  const signInBeside = async ({ server, owing }: Awaited<ReturnType<typeof takenOver>>, add: boolean) => {
    const { access_token: accessToken, refresh_token: refreshToken } = await server.signIn({ user: 'grace' })
    return owing.setSession({ accessToken, refreshToken: refreshToken ?? null }, { add })
  }

  // owing    takes 3 from the attempt ── grace beside ── grace signs out
  // other    presents it, in its attempt: 3 ───────────────────────└ ends that ── comes to nothing
  test('is not revoked with the attempt that presented it, when another account signs out', async () => {
    const set = await takenOver()
    const ada = (await set.owing.getSession()).data.session?.account ?? ''
    expect((await signInBeside(set, true)).error).toBeNull()
    expect((await set.owing.signOut()).error).toBeNull()
    set.settling.release()
    expect((await set.coming).error?.code).toBe('refresh_discarded')
    expect((await set.owing.account(ada).refreshSession()).error).toBeNull()
    expect(set.server.liveSessions).toContain('session-1')
  })

  // owing    takes 3 from the attempt ── grace in ada's place, who is revoked
  // other    presents it, in its attempt: 3 ────────────────────── it was here, and left
  test('does not come back with the attempt that presented it, once its account was replaced', async () => {
    const set = await takenOver()
    expect((await signInBeside(set, false)).error).toBeNull()
    await expect.poll(() => set.server.liveSessions).not.toContain('session-1')
    set.settling.release()
    const { error } = await set.coming
    expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
    expect((await set.other.getSession()).data.session?.user?.name).toBe('Grace Hopper')
    expect((await set.other.refreshSession()).error).toBeNull()
  })
})

// here     setSession(2) ── has 2, and does not know of 1
// handed   setSession(1) ── presents 1, and is given 2 as well ── it is here ──┘ and is looked up by 1 again?
test('a token that is renewed to the one which is here already comes to an end', async () => {
  const { server, createClient, signIn } = setUp({ profile: 'idempotent' })
  const first = createClient({ oauth: { reuse: 'idempotent' } })
  await signIn(first)
  const exported = async () => (await first.exportSession()).data.tokens ?? { accessToken: '' }
  const old = await exported()
  await first.refreshSession()
  const here = createClient({ storage: memoryStore(), oauth: { reuse: 'idempotent' } })
  await here.setSession(await exported())
  const { data, error } = await here.setSession({ ...old, expiresAt: Date.now() - 1_000 })
  expect(error).toBeNull()
  expect(data.session?.user?.name).toBe('Ada Lovelace')
  expect((await here.refreshSession()).error).toBeNull()
  expect(server.liveSessions).toHaveLength(1)
})
