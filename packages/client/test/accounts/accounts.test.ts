import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { indexedDbStore, memoryStore } from '../../src/index.ts'
import { rest, systemClock } from '../../src/realm/clock.ts'
import { leave } from '../../src/slot/owed.ts'
import type { SlotRecord } from '../../src/slot/slot.ts'
import { namespace, setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import { createRealm } from '../support/realm.ts'
import {
  createFailingStore,
  createGatedStore,
  editSlots,
  isConfirmation,
  keysOf,
  slotsOf,
  textOf,
  wipe,
} from '../support/stores.ts'

test.each([0, 'text', true, []])('a tombstone that is %j does not stop a sign-out', async (rubbish) => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  await storage.transact({ keys: [] }, (view) => view.put(`tombstone:${namespace}:x`, rubbish as object))
  expect((await auth.signOut()).error).toBeNull()
  expect(await slotsOf(storage)).toEqual([])
})

test('a sign-out leaves no word of whom it ended in the store: of the account nothing, not even that it was shown', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const { account } = await signIn(auth)
  expect(await textOf(storage)).toContain(account)
  await auth.signOut()
  expect(await textOf(storage)).not.toContain(account)
})

test.each([`tombstone:${namespace}:x`, `attempt:${namespace}:x`, 'claim:x'])(
  'a null that a database holds at %s stops neither a sign-out nor a sign-in',
  async (key) => {
    vi.stubGlobal('IDBKeyRange', IDBKeyRange)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { createClient, signIn } = setUp()
    const factory = new IDBFactory()
    const auth = createClient({ storage: indexedDbStore(factory) })
    await signIn(auth)
    await putNull(factory, key)
    expect((await auth.signOut()).error).toBeNull()
    expect((await signIn(auth)).revision).toBe(1)
  },
)

/** As only another hand can: stores take objects. */
async function putNull(factory: IDBFactory, key: string): Promise<void> {
  const [opened, done] = [createDeferred(), createDeferred()]
  const opening = factory.open('authflight')
  opening.addEventListener('success', () => opened.resolve())
  await opened.promise
  const transaction = opening.result.transaction('records', 'readwrite')
  transaction.addEventListener('complete', () => done.resolve())
  transaction.objectStore('records').put(null, key)
  await done.promise
  opening.result.close()
}

test('a slot whose expiry is no number is good until a 401', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await editSlots(storage, (slot) => ({ ...slot, tokens: { ...slot.tokens, expiresAt: 'soon' } }))
  const { data, error } = await createClient({ storage }).getSession()
  expect(error).toBeNull()
  expect(data.session).toMatchObject({ revision: 1, expiresAt: null })
})

test.each([undefined, '', 7, {}])(
  'a slot whose refresh token is %j has none: it ends with its access token',
  async (refresh) => {
    const { server, createClient, signIn } = setUp()
    const storage = memoryStore()
    await signIn(createClient({ storage }))
    await editSlots(storage, (slot) => ({ ...slot, tokens: { ...slot.tokens, refresh, expiresAt: Date.now() - 1 } }))
    const { error } = await createClient({ storage }).getSession()
    expect(error?.code).toBe('session_ended')
    expect(server.count('refresh_token')).toBe(0)
  },
)

test('who signs out of a session that the store has lost is signed out at the server as well', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  await wipe(storage, 'slot')
  expect((await auth.signOut()).error).toBeNull()
  await expect.poll(() => server.liveSessions).toEqual([])
})

test('a session that has run out is over in the other tabs as well', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await editSlots(storage, (slot) => ({ ...slot, tokens: { ...slot.tokens, refresh: null, expiresAt: 1 } }))
  const [asking, other] = [createClient({ storage }), createClient({ storage })]
  await expect.poll(() => other.getSnapshot().status).toBe('signed-in')
  expect((await asking.getSession()).error?.code).toBe('session_ended')
  await expect.poll(() => other.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })
})

// tab      holds a dead revision ─────────────────── ends it?
// other                            a living one ──┘
test.each([
  ['revision', { revision: 2 }],
  ['session', { sessionId: 'another', display: { session: '0123456789ab', account: 'ba9876543210' } }],
])('a session that has run out is not ended where its slot holds another %s by now', async (_what, living) => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  await signIn(createClient({ storage }))
  await editSlots(storage, (slot) => ({ ...slot, tokens: { ...slot.tokens, refresh: null, expiresAt: 1 } }))
  const auth = createClient({ storage })
  await expect.poll(() => auth.getSnapshot().status).toBe('signed-in')
  await editSlots(storage, (slot) => ({
    ...slot,
    ...living,
    tokens: { ...slot.tokens, expiresAt: Date.now() + 60_000 },
  }))
  await auth.getSession()
  expect(await slotsOf(storage)).toMatchObject([living])
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in' })
})

// tab    reads the pointer: ada ─────────────── reads ada’s slot: gone
// other                         shows grace ───┘
test('who was shown while the pointer was followed is loaded, not nobody', async () => {
  const { createClient, signIn } = setUp()
  const { store, inner, hold } = createGatedStore()
  const other = createClient({ storage: inner })
  await signIn(other, 'ada')
  const reading = hold(({ keys }) => keys.length === 2 && keys.some((key) => key.startsWith('shown:')))
  const auth = createClient({ storage: store })
  await reading.arrived
  await signIn(other, 'grace')
  reading.release()
  expect((await auth.getSession()).data.session?.user?.name).toBe('Grace Hopper')
})

// refresh    claims ── looks whether the claim is still its own ── does not leave
// sign-out          └── ends the session and its claim ──┘
test('a refresh that has not left yet does not leave after a sign-out', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  const confirming = holdOne(isConfirmation)
  const refreshing = auth.refreshSession()
  await confirming.arrived
  await auth.signOut()
  confirming.release()

  expect((await refreshing).error).toMatchObject({ code: 'refresh_discarded', reason: 'signed_out' })
  expect(server.count('refresh_token')).toBe(0)
})

// client      refresh ── presents the token ──────────────── answer
// sign-out                                     └── of what the store has lost
test('a sign-out of a session that the store has lost leaves the claim under which its token is presented', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await wipe(storage, 'slot')
  await auth.signOut()
  expect(await keysOf(storage, 'claim')).toHaveLength(1)
  gate.release()
  await refreshing
  expect(await keysOf(storage, 'claim')).toEqual([])
})

test('a session that nobody came back for, which a sign-out ends, is revoked', async () => {
  const { server, createClient, signIn } = setUp()
  const [storage, elsewhere] = [memoryStore(), memoryStore()]
  await signIn(createClient({ storage: elsewhere }))
  const [begun] = await slotsOf(elsewhere)
  const auth = createClient({ storage })
  await storage.transact({ keys: [] }, (view) => view.put(`attempt:${namespace}:left`, begun as object))
  expect((await auth.signOut()).error).toBeNull()
  await expect.poll(() => server.liveSessions).toEqual([])
  expect(await keysOf(storage, 'attempt')).toEqual([])
})

describe('an attempt that a sign-out ends, of somebody who stays', () => {
  /** Ada and Grace are signed in, Grace is shown, and an attempt has presented the token that Ada still has. */
  async function adaIsBehind(edit: (slot: SlotRecord) => object = (slot) => slot) {
    const { server } = setUp()
    const storage = memoryStore()
    const before = createInPageClient(server, { storage })
    const { data } = await before.signIn({ user: 'ada' })
    const [behind] = await slotsOf(storage)
    await before.refreshSession()
    const [ahead] = await slotsOf(storage)
    await before.signIn({ user: 'grace', add: true })
    before.dispose()
    await storage.transact({ keys: [] }, (view) => {
      view.put(`slot:${namespace}:${behind?.display.account}`, behind as object)
      view.put(`attempt:${namespace}:1`, { ...edit(ahead as SlotRecord), sessionId: 'of the attempt' })
    })
    const auth = createInPageClient(server, { storage })
    return { server, auth, storage, ada: auth.account(data.session?.account ?? ''), behind }
  }

  test('gives that back, and nothing of it is revoked', async () => {
    const { server, auth, storage, ada } = await adaIsBehind()
    expect((await auth.signOut()).error).toBeNull()
    expect(await keysOf(storage, 'attempt')).toEqual([])
    expect((await ada.refreshSession()).error).toBeNull()
    expect(server.log.filter(({ reused }) => reused)).toEqual([])
    expect(server.liveSessions).toEqual(['session-1'])
  })

  test('is not revoked although nobody knows whose it is', async () => {
    const { server, auth } = await adaIsBehind((slot) => ({ ...slot, user: null, past: [] }))
    expect((await auth.signOut()).error).toBeNull()
    await expect.poll(() => server.count('revocation')).toBe(1)
    expect(server.liveSessions).toEqual(['session-1'])
  })

  test('is revoked where that one is being signed out as well', async () => {
    const { server, auth, storage, behind } = await adaIsBehind()
    leave(storage, behind?.sessionId ?? '')
    expect((await auth.signOut()).error).toBeNull()
    await expect.poll(() => server.liveSessions).toEqual([])
  })

  test('gives that back also where it is forgotten', async () => {
    const { auth, storage, ada } = await adaIsBehind((slot) => ({ ...slot, begun: 1 }))
    expect((await auth.signIn({ user: 'grace', add: true })).error).toBeNull()
    expect(await keysOf(storage, 'attempt')).toEqual([])
    expect((await ada.refreshSession()).data.session?.revision).toBe(3)
  })
})

test('a session that was on its way when its user signed out is known as signed out to whoever brings it', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  await auth.getSession()
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const coming = auth.setSession({ accessToken, refreshToken, expiresAt: 1 })
  await gate.arrived
  await auth.signOut()
  expect(await keysOf(storage, 'tombstone')).toHaveLength(1)
  gate.release()

  expect((await coming).error).toMatchObject({ code: 'refresh_discarded', reason: 'signed_out' })
  await expect.poll(() => server.liveSessions).toEqual([])
})

test.each([0, 3_600_000])(
  'a sign-out that is tried again ends no sign-in that was begun after it, on a device that has slept %d ms',
  async (slept) => {
    const { server } = setUp()
    const { store, fail, mend } = createFailingStore()
    // While a device sleeps its wall clock goes on, and the monotonic one does not everywhere.
    let ahead = 0
    let answered: Promise<unknown> = Promise.resolve()
    const realm = createRealm({ clock: { ...systemClock, now: () => Date.now() + ahead } })
    const provider = createInPageProvider(server, () => answered)
    const auth = createAuthClientIn(realm, { provider, storage: store, autoRefresh: 'off', redirect: 'manual' })
    onTestFinished(() => auth.dispose())
    await auth.signIn({ user: 'ada' })
    ahead = slept
    fail()
    expect((await auth.signOut()).error?.code).toBe('storage_error')
    mend()
    answered = rest(systemClock, 2_000)
    expect((await auth.signIn({ user: 'ada' })).error).toBeNull()
  },
)
