import type { AuthAccount } from '@authflight/client'
import { act, type ReactNode, StrictMode } from 'react'
import { expect, test } from 'vitest'
import {
  AuthProvider,
  Restoring,
  SignedIn,
  SignedOut,
  useAccessToken,
  useAuth,
  useSession,
  useUser,
} from '../src/index.ts'
import { Accounts } from './examples/accounts.tsx'
import { setUp } from './support/app.ts'
import { createStage } from './support/stage.tsx'

/** A client with Ada and Grace, who is shown, under Strict Mode, and a component that shows all that it can of one of them. */
async function setUpAccounts() {
  const { auth, server, signIn } = setUp()
  const ada = await signIn('ada')
  const grace = await signIn('grace')
  const stage = createStage()
  const seen: { status: string; name: string | undefined; token: string | null; auth: AuthAccount }[] = []
  function Everything(): ReactNode {
    const { status } = useSession()
    seen.push({ status, name: useUser()?.name, token: useAccessToken(), auth: useAuth<AuthAccount>() })
    return (
      <>
        <Restoring>A moment</Restoring>
        <SignedIn>In: {useUser()?.name}</SignedIn>
        <SignedOut>Out</SignedOut>
      </>
    )
  }
  const show = (tree: ReactNode) =>
    stage.show(
      <StrictMode>
        <AuthProvider client={auth}>{tree}</AuthProvider>
      </StrictMode>,
    )
  const showAccount = (id: string) =>
    show(
      <AuthProvider account={id}>
        <Everything />
      </AuthProvider>,
    )
  const text = () => stage.container.textContent
  return { auth, server, ada, grace, Everything, show, showAccount, text, seen, stage }
}

test('the example in the README shows both, and signs out the one whose button is pressed', async () => {
  const { auth, grace, show, stage, text } = await setUpAccounts()
  const { data } = await auth.accounts()
  await show(<Accounts accounts={data.accounts} />)
  const buttons = () => [...stage.container.querySelectorAll('button')]
  await expect
    .poll(() =>
      buttons()
        .map((button) => button.textContent)
        .sort(),
    )
    .toEqual(['Sign out Ada Lovelace', 'Sign out Grace Hopper'])
  await act(async () =>
    buttons()
      .find((button) => button.textContent?.includes('Ada'))
      ?.click(),
  )
  await expect.poll(text).toBe('Sign out Grace Hopper')
  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { sessionId: grace.sessionId } })
  expect((await auth.accounts()).data.accounts.map(({ id }) => id)).toEqual([grace.account])
})

test('hooks, gates and useAuth are of the account, and follow it until it is signed out', async () => {
  const { auth, server, ada, showAccount, text, seen } = await setUpAccounts()
  await showAccount(ada.account)
  await expect.poll(text).toBe('In: Ada Lovelace')
  expect(seen.at(-1)).toMatchObject({ status: 'signed-in', name: 'Ada Lovelace', token: ada.accessToken })

  const refreshed = await act(async () => seen.at(-1)?.auth.refreshSession())
  expect(refreshed?.data.session).toMatchObject({ account: ada.account, revision: 2 })
  expect(seen.at(-1)?.token).toBe(refreshed?.data.session?.accessToken)

  seen.length = 0
  await act(() => auth.account(ada.account).signOut())
  expect(text()).toBe('Out')
  // Strict Mode renders each twice.
  expect(seen.map(({ status }) => status)).toEqual(['signed-out', 'signed-out'])
  expect(seen.at(-1)).toMatchObject({ name: undefined, token: null })
  expect(auth.getSnapshot().status).toBe('signed-in')
  expect(server.count('refresh_token')).toBe(1)
})

test('it is one object however often the provider is rendered, and what the client shows is no matter', async () => {
  const { auth, ada, grace, showAccount, text, seen } = await setUpAccounts()
  await showAccount(ada.account)
  await expect.poll(text).toBe('In: Ada Lovelace')
  seen.length = 0
  await showAccount(ada.account)
  await showAccount(ada.account)
  // Strict Mode renders, and makes what is remembered, twice; only the first is used.
  expect(new Set(seen.map((render) => render.auth)).size).toBe(1)
  seen.length = 0
  await act(() => auth.switchTo(ada.account))
  await act(() => auth.switchTo(grace.account))
  await act(() => auth.signOut())
  expect(seen).toEqual([])
  expect(text()).toBe('In: Ada Lovelace')
})

test('an id that holds no session is signed out, also when it is shown again', async () => {
  const { show, showAccount, text, seen } = await setUpAccounts()
  await showAccount('of-nobody')
  await expect.poll(text).toBe('Out')
  await show(null)
  await showAccount('of-nobody')
  await expect.poll(text).toBe('Out')
  // Restoring first, then signed out, and nothing after that, each twice for Strict Mode.
  expect(seen.length).toBeLessThanOrEqual(8)
})

test('for another id it shows the other account at once, and the first is let go', async () => {
  const { auth, ada, grace, showAccount, text, seen } = await setUpAccounts()
  await showAccount(ada.account)
  await expect.poll(text).toBe('In: Ada Lovelace')
  seen.length = 0
  await showAccount(grace.account)
  expect(text()).toBe('In: Grace Hopper')
  expect(new Set(seen.map(({ name, token }) => `${name} ${token}`))).toEqual(
    new Set([`Grace Hopper ${grace.accessToken}`]),
  )
  seen.length = 0
  await act(() => auth.account(ada.account).signOut())
  expect(seen).toEqual([])
  await showAccount(ada.account)
  await expect.poll(text).toBe('Out')
})

test('below an account there may be another one of the same client, and another client', async () => {
  const { auth, ada, grace, Everything, show, text } = await setUpAccounts()
  await show(
    <AuthProvider account={grace.account}>
      <AuthProvider account={ada.account}>
        <Everything />
        <AuthProvider client={auth}>
          , <Everything />
        </AuthProvider>
      </AuthProvider>
    </AuthProvider>,
  )
  await expect.poll(text).toBe('In: Ada Lovelace, In: Grace Hopper')
})
