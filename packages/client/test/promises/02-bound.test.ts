import { expect, onTestFinished, test, vi } from 'vitest'
import { isAuthRefreshDiscardedError, memoryStore } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { createDeferred } from '../support/deferred.ts'
import { createInPageClient, createInPageProvider } from '../support/in-page-provider.ts'
import { slotsOf } from '../support/stores.ts'

/** Ada, and Grace beside her, who is shown. */
async function signInBoth(revoke?: (tokens: object) => Promise<boolean>) {
  const { server } = setUp()
  const storage = memoryStore()
  const provider = createInPageProvider(server)
  const auth = createInPageClient(server, {
    storage,
    provider: { ...provider, ...(revoke && { revoke }) },
    patience: 500,
  })
  await auth.signIn({ user: 'ada' })
  const ada = (await auth.getSession()).data.session
  await auth.signIn({ user: 'grace', add: true })
  const grace = (await auth.getSession()).data.session
  if (!ada || !grace) throw new Error('Both should be signed in.')
  return { server, storage, auth, ada, grace }
}

test('of two sessions that come in at once each caller gets its own, or hears that it was replaced', async () => {
  const { server, createClient } = setUp()
  const auth = createClient()
  const tokens = await Promise.all(['ada', 'grace'].map((user) => server.signIn({ user })))
  const answers = await Promise.all(
    tokens.map(({ access_token: accessToken, refresh_token: refreshToken = null }) =>
      auth.setSession({ accessToken, refreshToken }),
    ),
  )
  const given = answers.map(({ data, error }, at) =>
    data.session ? data.session.accessToken === tokens[at]?.access_token : isAuthRefreshDiscardedError(error),
  )
  expect(given).toEqual([true, true])
})

// updateUser   of grace, who is shown ──────────────────── asks with her token
// switch              └── ada is shown, in one breath ──┘
test('a change of the user is made to who was shown when it was asked for', async () => {
  const { auth, storage, ada } = await signInBoth()
  const [{ data }] = await Promise.all([auth.updateUser({ name: 'Admiral' }), auth.switchTo(ada.account)])
  expect(data.user).toMatchObject({ email: 'canary.grace@example.test', name: 'Admiral' })
  expect((await slotsOf(storage)).map(({ user }) => user?.name).toSorted()).toEqual(['Ada Lovelace', 'Admiral'])
})

test('a session is exported of who was shown when it was asked for', async () => {
  const { auth, ada, grace } = await signInBoth()
  const [{ data }] = await Promise.all([auth.exportSession(), auth.switchTo(ada.account)])
  expect(data.tokens?.accessToken).toBe(grace.accessToken)
})

test('the other sessions that are ended are those of who was shown when that was asked for', async () => {
  const revoke = vi.fn<(tokens: object) => Promise<boolean>>().mockResolvedValue(true)
  const { auth, ada, grace } = await signInBoth(revoke)
  const [{ error }] = await Promise.all([auth.signOut({ scope: 'others' }), auth.switchTo(ada.account)])
  expect(error).toBeNull()
  expect(revoke.mock.calls.map(([tokens]) => tokens)).toMatchObject([{ accessToken: grace.accessToken }])
})

test('who ends other sessions waits no longer than its patience, or its signal', async () => {
  const answered = createDeferred<boolean>()
  const { auth } = await signInBoth(() => answered.promise)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const leaving = new AbortController()
  const answers = [auth.signOut({ scope: 'others', signal: leaving.signal }), auth.signOut({ scope: 'others' })]
  await vi.advanceTimersByTimeAsync(100)
  leaving.abort()
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await Promise.all(answers)).map(({ error }) => error?.code)).toEqual(['aborted', 'timeout'])
  answered.resolve(true)
})

test('an account that is shown with a dead access token comes marked as stale', async () => {
  const { auth, ada } = await signInBoth()
  vi.setSystemTime(Date.now() + 3_600_000)
  onTestFinished(() => void vi.useRealTimers())
  expect((await auth.switchTo(ada.account)).data.session).toMatchObject({ sessionId: ada.sessionId, stale: true })
})
