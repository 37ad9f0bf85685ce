import { expect, onTestFinished, test, vi } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient } from '../support/in-page-provider.ts'
import { quiet } from '../support/quiet.ts'
import { createFailingStore, createGatedStore, editSlots, slotsOf, touches } from '../support/stores.ts'

/** Ada's slot under a random id, because nobody told who she is; and beside it, later, her sign-in, which is shown. */
async function signInTwice() {
  const { server } = setUp()
  const gated = createGatedStore()
  const auth = createInPageClient(server, { storage: gated.store })
  vi.setSystemTime(Date.now() - 1_000)
  await auth.signIn({ user: 'ada' })
  const unknown = (await auth.getSession()).data.session
  vi.useRealTimers()
  await editSlots(gated.inner, (slot) => ({ ...slot, user: null, identity: null, userRevision: 1 }))
  await auth.signIn({ user: 'ada', add: true })
  const later = (await auth.getSession()).data.session
  if (!unknown || !later || unknown.account === later.account) throw new Error('There should be two accounts.')
  await expect.poll(() => auth.account(unknown.account).getSnapshot()).toMatchObject({ session: { user: null } })
  return { server, auth, unknown, later, ...gated }
}

// flight of the unknown one   answered: it is ada ── she has signed in since
test('a slot that learns by a refresh that its account has signed in since goes, and its new token is not revoked', async () => {
  const { server, auth, unknown, later, inner } = await signInTwice()
  const { data, error } = await auth.account(unknown.account).refreshSession()

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect(await slotsOf(inner)).toMatchObject([{ display: { session: later.sessionId } }])
  expect(auth.getSnapshot()).toMatchObject({ session: { sessionId: later.sessionId } })
  // A revocation would have left before this.
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
  expect(server.count('revocation')).toBe(0)
})

test('a slot that learns by getUser that its account has signed in since goes, here and at once', async () => {
  const { auth, unknown, later, inner } = await signInTwice()
  const account = auth.account(unknown.account)
  const heard: unknown[] = []
  account.onAuthStateChange((event, _, { reason }) => void heard.push([event, reason]))
  await account.getSession()
  const { error } = await account.getUser()

  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('replaced')
  expect(account.getSnapshot()).toEqual({ status: 'signed-out', reason: 'replaced' })
  expect(await slotsOf(inner)).toMatchObject([{ display: { session: later.sessionId } }])
  await expect
    .poll(() => heard)
    .toEqual([
      ['INITIAL_SESSION', null],
      ['SIGNED_OUT', 'replaced'],
    ])
})

test('where the slot that learns whose it is was shown, the one that stays is shown in its place, and nobody between', async () => {
  const { auth, unknown, later } = await signInTwice()
  await auth.switchTo(unknown.account)
  const seen: string[] = []
  auth.subscribe(() => seen.push(auth.getSnapshot().status))
  await auth.getUser()

  await expect.poll(() => auth.getSnapshot()).toMatchObject({ session: { sessionId: later.sessionId } })
  expect(seen).not.toContain('signed-out')
  expect((await auth.getSession()).data.session?.sessionId).toBe(later.sessionId)
})

// sign-out   of the later one ── waits for the store ─────────────────── ends it
// flight                             └── of the unknown one: it is ada ──┘
test('a slot that learns whose it is does not go for one that is being signed out', async () => {
  const { auth, unknown, inner, holdOne } = await signInTwice()
  const erasing = holdOne(touches('attempt'))
  const leaving = auth.signOut()
  await erasing.arrived
  const { data, error } = await auth.account(unknown.account).refreshSession()
  erasing.release()
  await leaving

  expect(error).toBeNull()
  expect(data.session).toMatchObject({ sessionId: unknown.sessionId, revision: 2 })
  expect(await slotsOf(inner)).toMatchObject([{ display: { session: unknown.sessionId } }])
})

// flight        rotated: r2 ── written ────────────────────────── tells: r2
// updateUser                        └── r2 with the new name ──┘
test('a rotation that is told late does not bring back the name that was changed since', async () => {
  const { server } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.signIn({ user: 'ada' })
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const telling = holdOne(touches('claim'), 'after')
  gate.release()
  await telling.arrived
  expect((await auth.updateUser({ name: 'Countess' })).data.user?.name).toBe('Countess')
  telling.release()
  await refreshing

  expect(auth.getSnapshot()).toMatchObject({ session: { revision: 2, user: { name: 'Countess' } } })
})

// updateUser   one ── written ──────────────────────── tells: one
// updateUser              └── two: written, told ──┘
test('of two changes of the user the later one stays, also where the first is told last', async () => {
  const { server } = setUp()
  const { store, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.signIn({ user: 'ada' })
  const telling = holdOne(({ keys }) => keys.some((key) => key.startsWith('tombstone:')), 'after')
  const first = auth.updateUser({ name: 'Countess' })
  await telling.arrived
  await auth.updateUser({ name: 'Augusta' })
  telling.release()
  await first

  expect(auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Augusta' } } })
})

test('a change of the user while a rotation is owed to the store is seen, and stays when the store takes it', async () => {
  quiet()
  const { server } = setUp()
  const { store, inner, fail, mend } = createFailingStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.signIn({ user: 'ada' })
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  fail(touches('claim'))
  gate.release()
  await refreshing
  expect((await auth.updateUser({ name: 'Countess' })).error).toBeNull()
  const isRenamed = { revision: 2, user: { name: 'Countess' } }
  expect(auth.getSnapshot()).toMatchObject({ session: isRenamed })
  mend()
  await vi.advanceTimersByTimeAsync(2_000)

  expect(auth.getSnapshot()).toMatchObject({ session: isRenamed })
  expect(await slotsOf(inner)).toMatchObject([isRenamed])
})

// updateUser   asks ──────────────────────────────────── keeps?
// this client         └── signs out, or signs in anew ──┘
test.each(['signs out', 'signs in again', 'signs in another user'])(
  'a change of the user that comes back after its session %s is kept nowhere',
  async (deed) => {
    const { server } = setUp()
    const storage = memoryStore()
    const auth = createInPageClient(server, { storage })
    await auth.signIn({ user: 'ada' })
    const [asked, answered] = [server.hold({ endpoint: 'userinfo' }), createDeferred()]
    const changing = auth.updateUser({ name: 'canary' }, answered.promise)
    await asked.arrived
    asked.release()
    if (deed === 'signs out') await auth.signOut()
    else await auth.signIn({ user: deed === 'signs in again' ? 'ada' : 'grace' })
    answered.resolve()
    const { error } = await changing

    expect(isAuthRefreshDiscardedError(error) && error.reason).toBe(deed === 'signs out' ? 'signed_out' : 'replaced')
    expect((await slotsOf(storage)).map(({ user }) => user?.name)).not.toContain('canary')
    expect(auth.getSnapshot().status).toBe(deed === 'signs out' ? 'signed-out' : 'signed-in')
  },
)

// updateUser   asks with r1 ─────────────────────── keeps
// refresh              └── r2 of the session ──┘
test('a change of the user is kept in the revision that the session has by then', async () => {
  const { server } = setUp()
  const storage = memoryStore()
  const auth = createInPageClient(server, { storage })
  await auth.signIn({ user: 'ada' })
  const [asked, answered] = [server.hold({ endpoint: 'userinfo' }), createDeferred()]
  const changing = auth.updateUser({ name: 'Countess' }, answered.promise)
  await asked.arrived
  asked.release()
  const { data } = await auth.refreshSession()
  answered.resolve()
  await changing

  expect(await slotsOf(storage)).toMatchObject([{ revision: 2, user: { name: 'Countess' } }])
  expect(auth.getSnapshot()).toMatchObject({ session: { revision: 2, user: { name: 'Countess' } } })
  expect((await auth.getSession()).data.session?.accessToken).toBe(data.session?.accessToken)
})

test('an answer about another user changes nothing, and is not taken for the end of the session', async () => {
  const { server } = setUp()
  const auth = createInPageClient(server)
  await auth.signIn({ user: 'ada' })
  const { data, error } = await auth.updateUser({ id: 'somebody else', name: 'canary' })
  expect(error?.code).toBe('malformed_response')
  expect(data.user?.name).toBe('Ada Lovelace')
  expect(auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Ada Lovelace' } } })
})
