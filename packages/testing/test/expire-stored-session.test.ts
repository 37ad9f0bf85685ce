import 'fake-indexeddb/auto'
import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expireStoredSession } from '../src/browser.ts'
import { createAuthServer } from '../src/index.ts'

const server = createAuthServer()
const network = setupServer(...server.handlers)
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterAll(() => network.close())

test('what the client has stored looks expired to it: the next caller refreshes, and nobody is signed out', async () => {
  const provider = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  const auth = createAuthClient({ provider, name: 'my-app', autoRefresh: 'off' })
  const { data } = await auth.signIn()
  await auth.handleRedirect(await server.authorize(data.url ?? ''))
  await auth.getSession()
  expect(server.count('refresh_token')).toBe(0)

  const told = new Promise<void>((resolve) => {
    const stop = auth.subscribe(() => {
      stop()
      resolve()
    })
  })
  expect(await expireStoredSession()).toBe(1)
  await told
  expect((await auth.getSession()).data.session?.revision).toBe(2)
  expect(server.count('refresh_token')).toBe(1)
  auth.dispose()
})
