import { busy } from '@authflight/testing'
import { act, type ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
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
import { setUp } from './support/app.ts'
import { createStage } from './support/stage.tsx'

afterEach(() => vi.useRealTimers())

/** A real client under components that each read one thing and count how often they render. */
async function setUpReaders() {
  const { auth, server, signIn } = setUp()
  const stage = createStage()
  const counts: Record<string, number> = {}
  const reader = (name: string, read: () => ReactNode) =>
    function Reader(): ReactNode {
      counts[name] = (counts[name] ?? 0) + 1
      return <p id={name}>{read()}</p>
    }
  const Status = reader('status', () => useSession().status)
  const Expiry = reader('expiry', () => {
    const snapshot = useSession()
    return 'session' in snapshot && String(snapshot.session.expiresAt)
  })
  const Token = reader('token', useAccessToken)
  const Name = reader('name', () => useUser()?.name)
  const Client = reader('client', () => typeof useAuth().signOut)
  const Inside = reader('inside', () => 'in')
  await stage.show(
    <AuthProvider client={auth}>
      <Status />
      <Expiry />
      <Token />
      <Name />
      <Client />
      <SignedIn>
        <Inside />
      </SignedIn>
      <SignedOut>out</SignedOut>
      <Restoring>a moment</Restoring>
    </AuthProvider>,
  )
  /** How often each rendered during `change`; who did not is left out. */
  async function rendersDuring(change: () => Promise<unknown>): Promise<Record<string, number>> {
    for (const name of Object.keys(counts)) delete counts[name]
    await act(async () => void (await change()))
    return { ...counts }
  }
  const text = (name: string) => stage.container.querySelector(`#${name}`)?.textContent
  return { auth, server, signIn, stage, rendersDuring, text }
}

test('a component that reads a field of the session renders once a rotation; one that reads less does not render', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { auth, server, signIn, rendersDuring, text } = await setUpReaders()
  await act(() => signIn('ada'))
  const before = text('token')
  // The next ID token has times of its own, and tells of the same user.
  vi.setSystemTime(Date.now() + 5_000)

  expect(await rendersDuring(() => auth.refreshSession())).toEqual({ status: 1, expiry: 1, token: 1 })
  expect(text('token')).not.toBe(before)
  expect(await rendersDuring(() => Promise.all([1, 2, 3].map(() => auth.refreshSession())))).toEqual({
    status: 1,
    expiry: 1,
    token: 1,
  })
  expect(server.count('refresh_token')).toBe(2)
})

test('a fresh session that is asked for renders nothing', async () => {
  const { auth, signIn, rendersDuring } = await setUpReaders()
  await act(() => signIn('ada'))
  expect(await rendersDuring(() => auth.getSession())).toEqual({})
})

test('an account that is switched to is shown by all, in one render', async () => {
  const { auth, server, signIn, rendersDuring, text } = await setUpReaders()
  const ada = await act(() => signIn('ada'))
  const grace = await act(() => signIn('grace'))
  expect([text('name'), text('token')]).toEqual(['Grace Hopper', grace.accessToken])

  expect(await rendersDuring(() => auth.switchTo(ada.account))).toEqual({ status: 1, expiry: 1, token: 1, name: 1 })
  expect([text('name'), text('token')]).toEqual(['Ada Lovelace', ada.accessToken])
  // What happens to the account that was left is no matter of these components.
  expect(await rendersDuring(() => auth.account(grace.account).refreshSession())).toEqual({})
  expect(server.count('refresh_token')).toBe(1)
})

test('a dead token behind a busy server is stale: the user stays, the token goes, and both are back with the server', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { auth, server, signIn, stage, text } = await setUpReaders()
  await act(() => signIn('ada'))
  const stop = server.faults.always(busy(), { grant: 'refresh_token' })
  vi.setSystemTime(Date.now() + 3_600_000)
  await act(() => auth.getSession())
  expect([text('status'), text('name'), text('inside'), text('token')]).toEqual(['stale', 'Ada Lovelace', 'in', ''])
  expect(stage.container.textContent).not.toMatch(/out|a moment/)

  stop()
  await act(() => auth.refreshSession())
  expect([text('status'), text('name'), text('inside')]).toEqual(['signed-in', 'Ada Lovelace', 'in'])
  expect(text('token')).not.toBe('')
})

test('a session that the server refuses is signed out everywhere in the tree', async () => {
  const { auth, server, signIn, stage, text } = await setUpReaders()
  await act(() => signIn('ada'))
  server.revokeSessions()
  await act(() => auth.refreshSession())
  expect([text('status'), text('name'), text('token'), text('inside')]).toEqual(['signed-out', '', '', undefined])
  expect(stage.container.textContent).toMatch(/out$/)
})
