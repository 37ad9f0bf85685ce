import { expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { type Client, refreshTokenIds, setUp } from '../support/app.ts'
import { letTokensDie } from '../support/stores.ts'

/** Two accounts in one client: Ada first, then Grace beside her, who is shown. */
async function signInBoth() {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const ada = await signIn(auth, 'ada')
  const grace = await signIn(auth, 'grace', { add: true })
  return { server, storage, auth, createClient, signIn, ada, grace }
}

function listenTo(auth: Pick<Client, 'onAuthStateChange'>): string[] {
  const heard: string[] = []
  auth.onAuthStateChange(
    (event, session, { reason }) => void heard.push([event, session?.user?.name, reason].filter(Boolean).join(' ')),
  )
  return heard
}

test('a sign-in beside another leaves that one signed in, and both are listed', async () => {
  const { auth, ada, grace } = await signInBoth()
  expect((await auth.accounts()).data.accounts).toEqual([
    { id: ada.account, user: ada.user, isShown: false },
    { id: grace.account, user: grace.user, isShown: true },
  ])
})

test('a switch shows the other account, signs nobody out, and says what it is', async () => {
  const { auth, ada, server } = await signInBoth()
  const heard = listenTo(auth)
  await auth.getSession()
  const seen: string[] = []
  auth.subscribe(() => seen.push(auth.getSnapshot().status))
  const { data, error } = await auth.switchTo(ada.account)

  expect(error).toBeNull()
  expect(data.session?.sessionId).toBe(ada.sessionId)
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: ada.sessionId } })
  expect(seen).toEqual(['signed-in'])
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION Grace Hopper', 'ACCOUNT_SWITCHED Ada Lovelace'])
  expect(server.liveSessions).toEqual(['session-1', 'session-2'])
})

test('a switch to an account and away again leaves the timer that was asked for it', async () => {
  const { server, auth, ada, grace } = await signInBoth()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  auth.account(ada.account).startAutoRefresh()
  await auth.switchTo(ada.account)
  await auth.switchTo(grace.account)
  await vi.advanceTimersByTimeAsync((ada.expiresAt ?? 0) - Date.now())
  // A digest takes the time of the machine, which these timers do not have.
  while (refreshTokenIds(server).length === 0) await new Promise((resolve) => setImmediate(resolve))
  auth.account(ada.account).stopAutoRefresh()
  await vi.advanceTimersByTimeAsync((ada.expiresAt ?? 0) - Date.now() + 3_600_000)
  expect(refreshTokenIds(server)).toHaveLength(1)
})

test('a switch takes the timer along: the account that was left is renewed when it is asked for', async () => {
  const { server, auth, ada } = await signInBoth()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  auth.startAutoRefresh()
  await auth.switchTo(ada.account)
  await vi.advanceTimersByTimeAsync((ada.expiresAt ?? 0) - Date.now())
  while (!refreshTokenIds(server).includes('refresh-1')) await new Promise((resolve) => setImmediate(resolve))
  // A refresh of the other one would have left before this.
  await auth.refreshSession()
  await auth.refreshSession()
  expect(refreshTokenIds(server)).not.toContain('refresh-2')
})

test('a switch to the account that is shown is none', async () => {
  const { auth, grace } = await signInBoth()
  const heard = listenTo(auth)
  await auth.getSession()
  await auth.switchTo(grace.account)
  await auth.refreshSession()
  await expect.poll(() => heard).toEqual(['INITIAL_SESSION Grace Hopper', 'TOKEN_REFRESHED Grace Hopper'])
})

test('a switch to nobody is refused, and nothing changes', async () => {
  const { auth, storage, createClient, grace } = await signInBoth()
  const { data, error } = await auth.switchTo('nobody')
  expect(error?.code).toBe('session_missing')
  expect(data.session).toBeNull()
  expect((await auth.getSession()).data.session).toBe(grace)
  expect((await createClient({ storage }).getSession()).data.session?.sessionId).toBe(grace.sessionId)
})

test('a new client begins with the account last shown, and a switch elsewhere does not move this one', async () => {
  const { auth, storage, createClient, ada, grace } = await signInBoth()
  const other = createClient({ storage })
  expect((await other.getSession()).data.session?.sessionId).toBe(grace.sessionId)
  await other.switchTo(ada.account)
  expect((await auth.getSession()).data.session?.sessionId).toBe(grace.sessionId)
  expect((await createClient({ storage }).getSession()).data.session?.sessionId).toBe(ada.sessionId)
})

// auth     refresh of grace ──────────────── answer: revision 2 of grace
// switch          └── ada is shown ──┘
test('a switch discards nothing: the refresh of the account that was left lands in its own slot', async () => {
  const { auth, server, ada, grace } = await signInBoth()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  await auth.switchTo(ada.account)
  gate.release()
  const { data, error } = await refreshing

  expect(error).toBeNull()
  expect(data.session).toMatchObject({ sessionId: grace.sessionId, revision: 2 })
  expect((await auth.getSession()).data.session?.sessionId).toBe(ada.sessionId)
  expect((await auth.account(grace.account).getSession()).data.session?.revision).toBe(2)
})

test('accounts are refreshed independently, at the same time, each by one request for all its callers', async () => {
  const { auth, server, storage, createClient, ada, grace } = await signInBoth()
  await letTokensDie(storage)
  const reader = createClient({ storage })
  const gates = ['session-1', 'session-2'].map((session) => server.hold({ session, grant: 'refresh_token' }))
  const asked = [ada, grace].flatMap(({ account }) =>
    Array.from({ length: 4 }, () => reader.account(account).getSession()),
  )
  await Promise.all(gates.map((gate) => gate.arrived))
  for (const gate of gates) gate.release()
  const answers = await Promise.all(asked)

  expect(answers.map(({ data }) => data.session?.sessionId)).toEqual([
    ...Array.from({ length: 4 }, () => ada.sessionId),
    ...Array.from({ length: 4 }, () => grace.sessionId),
  ])
  expect(server.count('refresh_token')).toBe(2)
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('an account’s own surface hears and shows that account only, whoever is shown', async () => {
  const { auth, ada } = await signInBoth()
  const account = auth.account(ada.account)
  expect(account.getSnapshot().status).not.toBe('signed-out')
  const [all, own] = [listenTo(auth), listenTo(account)]
  await account.getSession()
  await account.refreshSession()
  await auth.refreshSession()
  await account.signOut()

  await expect
    .poll(() => own)
    .toEqual(['INITIAL_SESSION Ada Lovelace', 'TOKEN_REFRESHED Ada Lovelace', 'SIGNED_OUT user'])
  await expect.poll(() => all).toEqual(['INITIAL_SESSION Grace Hopper', 'TOKEN_REFRESHED Grace Hopper'])
  expect(account.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  expect(auth.getSnapshot().status).toBe('signed-in')
})

test('signing out the account that is shown shows nobody, and leaves the other signed in', async () => {
  const { auth, server, ada, storage, createClient } = await signInBoth()
  await auth.signOut()
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'user' })
  expect((await createClient({ storage }).getSession()).data.session).toBeNull()
  expect((await auth.accounts()).data.accounts.map(({ id }) => id)).toEqual([ada.account])
  await expect.poll(() => server.liveSessions).toEqual(['session-1'])
  expect((await auth.switchTo(ada.account)).data.session?.sessionId).toBe(ada.sessionId)
})

test('signing out an account that is not shown leaves who is, for new clients as well', async () => {
  const { auth, ada, grace, storage, createClient } = await signInBoth()
  await auth.account(ada.account).signOut()
  for (const client of [auth, createClient({ storage })]) {
    expect((await client.getSession()).data.session?.sessionId).toBe(grace.sessionId)
  }
})

test('a sign-in of another account without `add` signs the one shown out, and no other', async () => {
  const { auth, signIn, ada } = await signInBoth()
  await auth.switchTo(ada.account)
  const heard = listenTo(auth)
  await auth.getSession()
  await signIn(auth, 'grace')
  await expect
    .poll(() => heard)
    .toEqual(['INITIAL_SESSION Ada Lovelace', 'SIGNED_OUT replaced', 'SIGNED_IN Grace Hopper'])
  expect((await auth.accounts()).data.accounts).toHaveLength(1)
})

test('the same account again replaces its session, and keeps its id', async () => {
  const { auth, signIn, grace } = await signInBoth()
  const again = await signIn(auth, 'grace')
  expect(again.account).toBe(grace.account)
  expect(again.sessionId).not.toBe(grace.sessionId)
})

test('the same person is the same account with the same scopes in any order, and another one with others', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const client = (scope: string) => createClient({ storage, oauth: { scope } })
  const { account } = await signIn(client('openid profile'))
  expect((await signIn(client('profile openid'))).account).toBe(account)

  const wider = await signIn(client('openid profile orders'))
  expect(wider.account).not.toBe(account)
})

test('others are signed out at the server only where the provider can do that', async () => {
  const { auth } = await signInBoth()
  expect((await auth.signOut({ scope: 'others' })).error?.code).toBe('unsupported')
  expect((await auth.signOut({ scope: 'some' as never })).error?.code).toBe('invalid_option')
  expect(auth.getSnapshot().status).toBe('signed-in')
  expect((await auth.signOut({ scope: 'global' })).error).toBeNull()
})
