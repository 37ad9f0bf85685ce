import type { AuthServer } from '@authflight/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuthClientIn } from '../../src/client.ts'
import { isAuthRefreshDiscardedError, memoryStore, type Store } from '../../src/index.ts'
import type { Scope } from '../../src/storage/store.ts'
import { type Client, setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import { createSilentRealm } from '../support/realm.ts'
import { createGatedStore, isSettling, slotsOf } from '../support/stores.ts'

/** The transaction of a sign-out. */
const isErasing = ({ keys, prefixes = [] }: Scope): boolean =>
  keys.some((key) => key.startsWith('shown:')) && prefixes.some((prefix) => prefix.startsWith('attempt:'))
/** A look at a pointer and the slot that it points to, or is to point to. */
const isPointing = ({ keys, prefixes }: Scope): boolean =>
  !prefixes && keys.length === 2 && keys.some((key) => key.startsWith('shown:'))

const namesIn = async (store: Parameters<typeof slotsOf>[0]): Promise<(string | undefined)[]> =>
  (await slotsOf(store)).map(({ user }) => user?.name)

/** Ada, and Grace beside her, who is shown, in a store whose transactions the test holds. */
async function signInBoth() {
  const { server, createClient, signIn } = setUp()
  const gated = createGatedStore()
  const auth = createClient({ storage: gated.store })
  const ada = await signIn(auth, 'ada')
  const { data } = await auth.signIn({ add: true })
  await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'grace' }))
  const grace = (await auth.getSession()).data.session
  if (grace?.user?.name !== 'Grace Hopper') throw new Error('Grace should be shown.')
  return { server, auth, createClient, signIn, ada, grace, ...gated }
}

/** Another tab, whose notices are lost. */
function createSilentClient(server: AuthServer, storage: Store) {
  const provider = createInPageProvider(server)
  const auth = createAuthClientIn(createSilentRealm(), { provider, storage, autoRefresh: 'off', redirect: 'manual' })
  onTestFinished(() => auth.dispose())
  return auth
}

/** One millisecond later, by the wall clock. */
function letAMomentPass(): void {
  vi.setSystemTime(Date.now() + 1)
  onTestFinished(() => void vi.useRealTimers())
}

// sign-out   of grace ── waits for the store ──────────────── ends grace
// switch                  └── ada is shown ──┘
test('a sign-out that waits for the store ends the account it was called for, not the one switched to meanwhile', async () => {
  const { auth, ada, inner, holdOne } = await signInBoth()
  const erasing = holdOne(isErasing)
  const leaving = auth.signOut()
  await erasing.arrived
  await auth.switchTo(ada.account)
  erasing.release()

  expect((await leaving).error).toBeNull()
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: ada.sessionId } })
  expect(await namesIn(inner)).toEqual(['Ada Lovelace'])
})

test('a sign-out and a switch in one breath: the sign-out is for the account that was shown', async () => {
  const { auth, ada, inner } = await signInBoth()
  await Promise.all([auth.signOut(), auth.switchTo(ada.account)])
  expect(await namesIn(inner)).toEqual(['Ada Lovelace'])
})

// sign-out   of ada ── waits for the store ───────────────────────── ends ada
// sign-in               └── begun after it: of grace, or of ada ──┘
test.each(['grace', 'ada'])('a sign-out does not end the sign-in of %s that was begun after it', async (user) => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.signIn({ user: 'ada' })
  const erasing = holdOne(isErasing)
  const leaving = auth.signOut()
  await erasing.arrived
  letAMomentPass()
  const { data } = await auth.signIn({ user, add: true })
  erasing.release()

  expect((await leaving).error).toBeNull()
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: data.session?.sessionId } })
  expect(await slotsOf(inner)).toMatchObject([{ display: { session: data.session?.sessionId } }])
})

// setSession   ── committed ────────────────────────── is told so
// sign-out           └── called, nobody is shown ──┘
test('a sign-out ends the sign-in that was begun before it, also one that is stored and not told yet', async () => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.getSession()
  const seen: string[] = []
  auth.subscribe(() => seen.push(auth.getSnapshot().status))
  const settling = holdOne(isSettling, 'after')
  const coming = auth.signIn({ user: 'ada' })
  await settling.arrived
  expect((await auth.signOut()).error).toBeNull()
  expect(await slotsOf(inner)).toEqual([])
  settling.release()
  const { data, error } = await coming

  expect(data.session).toBeNull()
  expect(isAuthRefreshDiscardedError(error) && error.reason).toBe('signed_out')
  expect(seen).not.toContain('signed-in')
  await expect.poll(() => server.liveSessions).toEqual([])
})

// sign-in    ── committed ─────────────────────────────────────────── is told so
// sign-out           └── deletes it, and the store never says so ──┘
test('nobody keeps the tokens of a sign-in that is not told yet, also where the store does not tell that it is over', async () => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store, requestLimit: 1_000 })
  await auth.getSession()
  const settling = holdOne(isSettling, 'after')
  const coming = auth.signIn({ user: 'ada' })
  await settling.arrived
  holdOne(isErasing, 'after')
  expect((await auth.signOut()).error?.code).toBe('storage_error')
  settling.release()
  expect((await coming).data.session).toBeNull()

  expect(await slotsOf(inner)).toEqual([])
  await expect.poll(() => server.liveSessions).toEqual([])
})

// this client   ── committed ──────────────────────────────── is told so
// another             └── shows it, and signs it out ──┘
test('a sign-in that is told late does not bring back what another tab has signed out since', async () => {
  const { server } = setUp()
  const { store, inner, holdOne } = createGatedStore()
  const auth = createInPageClient(server, { storage: store })
  await auth.getSession()
  const settling = holdOne(isSettling, 'after')
  const coming = auth.signIn({ user: 'ada' })
  await settling.arrived
  const other = createSilentClient(server, inner)
  expect((await other.getSession()).data.session).not.toBeNull()
  await other.signOut()
  settling.release()
  await coming

  await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
  expect((await auth.getSession()).data.session).toBeNull()
})

// switch     ── reads ada's slot ────────────────────── shows her?
// sign-out            └── of ada, by her account ──┘
test('a switch that is told late does not bring back the account that was signed out since', async () => {
  const { auth, ada, grace, holdOne } = await signInBoth()
  const pointing = holdOne(isPointing, 'after')
  const switching = auth.switchTo(ada.account)
  await pointing.arrived
  await auth.account(ada.account).signOut()
  pointing.release()

  expect((await switching).error?.code).toBe('session_missing')
  expect(auth.getSnapshot()).toMatchObject({ session: { sessionId: grace.sessionId } })
  expect((await auth.account(ada.account).getSession()).data.session).toBeNull()
})

test('a switch that is told late does not keep the account that another tab has signed out since', async () => {
  const { server, auth, inner, ada, holdOne } = await signInBoth()
  const pointing = holdOne(isPointing, 'after')
  const switching = auth.switchTo(ada.account)
  await pointing.arrived
  await createSilentClient(server, inner).account(ada.account).signOut()
  pointing.release()
  await switching

  await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
  expect((await auth.account(ada.account).getSession()).data.session).toBeNull()
})

// start-up     ── reads who was shown: ada ─────────────── shows her?
// setSession          └── grace comes in, ada goes ──┘
test.each(['ada', null])(
  'a session that comes in while start-up reads %s is not put aside by what was read',
  async (user) => {
    const { server, createClient, signIn } = setUp()
    const { store, inner, holdOne } = createGatedStore()
    if (user) await signIn(createClient({ storage: inner }), user)
    const reading = holdOne(({ keys, prefixes }) => !prefixes && keys.length === (user ? 2 : 1), 'after')
    const auth = createClient({ storage: store })
    await reading.arrived
    const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn({ user: 'grace' })
    const coming = auth.setSession({ accessToken, refreshToken })
    await expect.poll(() => namesIn(inner)).toEqual(['Grace Hopper'])
    await coming
    const seen: unknown[] = []
    auth.subscribe(() => seen.push(auth.getSnapshot()))
    reading.release()

    // Answered when start-up is over.
    expect((await auth.exportSession()).data.tokens?.user?.name).toBe('Grace Hopper')
    expect(seen).toEqual([])
    expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { name: 'Grace Hopper' } } })
  },
)

test('a sign-in whose caller has left is shown when it comes in', async () => {
  const { server } = setUp()
  const answered = createDeferred()
  const provider = createInPageProvider(server, () => answered.promise)
  const storage = memoryStore()
  const auth = createInPageClient(server, { provider, storage, patience: 50 })
  expect((await auth.signIn({ user: 'ada' })).error?.code).toBe('timeout')
  answered.resolve()

  await expect.poll(() => namesIn(storage)).toEqual(['Ada Lovelace'])
  await expect.poll(() => auth.getSnapshot()).toMatchObject({ session: { user: { name: 'Ada Lovelace' } } })
})

// account    reads its slot ───────────────────────── begins with it?
// other                └── signs the account out ──┘
test('an account that is read for the first time while another tab signs it out is signed out', async () => {
  const { createClient, ada, inner } = await signInBoth()
  const { store, holdOne } = createGatedStore(inner)
  const reader = createClient({ storage: store })
  await reader.getSession()
  const reading = holdOne(
    ({ keys, prefixes }) => !prefixes && keys.length === 1 && keys[0]?.includes(ada.account) === true,
    'after',
  )
  const account = reader.account(ada.account)
  const asked = account.getSession()
  await reading.arrived
  const other = createClient({ storage: inner })
  await other.account(ada.account).signOut()
  // The notice has been heard, and what it made this client read is read.
  await expect.poll(() => account.getSnapshot().status).toBe('signed-out')
  reading.release()

  expect((await asked).data.session).toBeNull()
  expect(account.getSnapshot().status).toBe('signed-out')
})

test('a callback that two clients share and one of them signs out at once stays signed out', async () => {
  const { server, createClient } = setUp()
  const storage = memoryStore()
  const [beginner, other]: Client[] = [createClient({ storage }), createClient({ storage })]
  if (!beginner || !other) throw new Error('Two clients.')
  const callback = await server.authorize((await beginner.signIn()).data.url ?? '', { user: 'ada' })
  const finishing = [
    beginner.handleRedirect(callback),
    beginner.handleRedirect(callback),
    other.handleRedirect(callback),
  ]
  const seen: string[] = []
  other.subscribe(() => seen.push(other.getSnapshot().status))
  const off = beginner.subscribe(() => {
    if (beginner.getSnapshot().status === 'signed-in') void beginner.signOut()
  })
  await Promise.all(finishing)
  off()
  expect(seen).not.toContain('signed-in')
  await expect.poll(() => slotsOf(storage)).toEqual([])
  for (const auth of [beginner, other]) await expect.poll(() => auth.getSnapshot().status).toBe('signed-out')
})
