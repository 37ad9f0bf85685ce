import { createAuthClient, memoryStore } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import type { ReactNode } from 'react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { AuthProvider, Restoring, SignedIn, SignedOut, useAccessToken, useSession, useUser } from '../src/index.ts'
import { fakeClient, session } from './support/fake-client.ts'

function Status(): ReactNode {
  return useSession().status
}

test('a server renders restoring, whatever the client holds', () => {
  const { client } = fakeClient({ status: 'signed-in', session: session('Ada') })
  const html = renderToString(
    <AuthProvider client={client}>
      <Status />
    </AuthProvider>,
  )
  expect(html).toBe('restoring')
})

test('a server renders an account as restoring, too', () => {
  const auth = createAuthClient({
    provider: oauth({ issuer: 'https://id.example.com', clientId: 'spa' }),
    storage: memoryStore(),
  })
  onTestFinished(() => auth.dispose())
  const html = renderToString(
    <AuthProvider client={auth}>
      <AuthProvider account="account-1">
        <Status />
      </AuthProvider>
    </AuthProvider>,
  )
  expect(html).toBe('restoring')
})

test('a server makes no client of its own, and React says nothing of it', () => {
  const said = vi.spyOn(console, 'error')
  onTestFinished(() => said.mockRestore())
  let made = 0
  const create = () => {
    made += 1
    return fakeClient().client
  }
  const html = renderToString(
    <AuthProvider create={create}>
      <Status />
    </AuthProvider>,
  )
  expect({ html, made }).toEqual({ html: '', made: 0 })
  expect(said).not.toHaveBeenCalled()
})

test('of everything that shows a state, a server renders what is shown while restoring', () => {
  const { client } = fakeClient({ status: 'signed-in', session: session('Ada') })
  const Parts = (): ReactNode => (
    <>
      {useUser()?.name ?? 'nobody'}, {useAccessToken() ?? 'no token'}
      <SignedIn>, in</SignedIn>
      <SignedOut>, out</SignedOut>
      <Restoring>, a moment</Restoring>
    </>
  )
  const html = renderToStaticMarkup(
    <AuthProvider client={client}>
      <Parts />
    </AuthProvider>,
  )
  expect(html).toBe('nobody, no token, a moment')
})
