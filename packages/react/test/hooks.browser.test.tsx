import { AuthError, type AuthSnapshot } from '@authflight/client'
import { act, type ReactNode } from 'react'
import { describe, expect, test } from 'vitest'
import { AuthProvider, Restoring, SignedIn, SignedOut, useAccessToken, useSession, useUser } from '../src/index.ts'
import { fakeClient, session } from './support/fake-client.ts'
import { createStage } from './support/stage.tsx'

const restoring: AuthSnapshot = { status: 'restoring' }
const signedIn: AuthSnapshot = { status: 'signed-in', session: session('Ada') }
const stale: AuthSnapshot = {
  status: 'stale',
  session: { ...session('Ada'), stale: true },
  error: new AuthError('server_error', 'The server is busy.'),
  retryAt: 1_000,
}
const signedOut: AuthSnapshot = { status: 'signed-out', reason: 'reuse' }

function Session(): ReactNode {
  const snapshot = useSession()
  if (snapshot.status === 'signed-out') return `signed out, ${snapshot.reason}`
  if (snapshot.status === 'stale') return `stale, ${snapshot.error.message} Again at ${snapshot.retryAt}.`
  return snapshot.status
}
const UserName = (): ReactNode => useUser()?.name ?? 'nobody'
const Token = (): ReactNode => useAccessToken() ?? 'none'
const Gates = (): ReactNode => (
  <>
    <Restoring>A moment</Restoring>
    <SignedIn>In</SignedIn>
    <SignedOut>Out</SignedOut>
  </>
)

describe.each([
  {
    state: 'restoring',
    snapshot: restoring,
    shown: { Session: 'restoring', UserName: 'nobody', Token: 'none', Gates: 'A moment' },
  },
  {
    state: 'signed in',
    snapshot: signedIn,
    shown: { Session: 'signed-in', UserName: 'Ada', Token: 'access', Gates: 'In' },
  },
  {
    state: 'stale after an error',
    snapshot: stale,
    shown: { Session: 'stale, The server is busy. Again at 1000.', UserName: 'Ada', Token: 'none', Gates: 'In' },
  },
  {
    state: 'signed out',
    snapshot: signedOut,
    shown: { Session: 'signed out, reuse', UserName: 'nobody', Token: 'none', Gates: 'Out' },
  },
])('of a client that is $state', ({ snapshot, shown }) => {
  test.each([
    { name: 'useSession', Part: Session, text: shown.Session },
    { name: 'useUser', Part: UserName, text: shown.UserName },
    { name: 'useAccessToken', Part: Token, text: shown.Token },
    { name: '<SignedIn>, <SignedOut> and <Restoring>', Part: Gates, text: shown.Gates },
  ])('$name shows: $text', async ({ Part, text }) => {
    const stage = createStage()
    const fake = fakeClient(restoring)
    const tree = (
      <AuthProvider client={fake.client}>
        <Part />
      </AuthProvider>
    )
    // Come to by a change, and found at the first render.
    await stage.show(tree)
    await act(async () => fake.move(snapshot))
    expect(stage.container.textContent).toBe(text)
    await stage.show(null)
    await stage.show(tree)
    expect(stage.container.textContent).toBe(text)
  })
})

test('a user without a name, or a provider that tells of none, is no mistake', async () => {
  const stage = createStage()
  const silent = fakeClient({ status: 'signed-in', session: { ...session('Ada'), user: null } })
  await stage.show(
    <AuthProvider client={silent.client}>
      <UserName />
      <Gates />
    </AuthProvider>,
  )
  expect(stage.container.textContent).toBe('nobodyIn')
})

test('a user with a big integer among the claims is shown, and is another one when that is another', async () => {
  const signedIn = (balance: bigint): AuthSnapshot => ({
    status: 'signed-in',
    session: { ...session('Ada'), user: { id: 'ada', claims: { balance } } },
  })
  const stage = createStage()
  const fake = fakeClient(signedIn(5n))
  const seen: unknown[] = []
  function Balance(): ReactNode {
    const user = useUser()
    seen.push(user)
    return String(user?.claims.balance)
  }
  await stage.show(
    <AuthProvider client={fake.client}>
      <Balance />
    </AuthProvider>,
  )
  await act(async () => fake.move(signedIn(5n)))
  expect(seen).toEqual([{ id: 'ada', claims: { balance: 5n } }])
  await act(async () => fake.move(signedIn(6n)))
  expect(stage.container.textContent).toBe('6')
})

test('gates without children show nothing', async () => {
  const stage = createStage()
  await stage.show(
    <AuthProvider client={fakeClient(signedIn).client}>
      <SignedIn />
      <SignedOut />
      <Restoring />
    </AuthProvider>,
  )
  expect(stage.container.textContent).toBe('')
})
