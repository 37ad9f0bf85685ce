import { renderToString } from 'react-dom/server'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { AuthProvider, useAuth, useSession } from '../src/index.ts'
import { fakeClient, session } from './fake-client.ts'

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

test('a server makes no client of its own', () => {
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
})

test('useAuth and useSession outside the provider say what to put where', () => {
  function Caller(): null {
    useAuth()
    return null
  }
  expect(() => renderToString(<Caller />)).toThrow(/put <AuthProvider client=\{…\}> above/)
  expect(() => renderToString(<Status />)).toThrow(/put <AuthProvider client=\{…\}> above/)
})
