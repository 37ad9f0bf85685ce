import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { createAuthServer, delayAnswer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'

const server = createAuthServer({ profile: 'strict' })
const network = setupServer(...server.handlers)
beforeAll(() => network.listen())
afterAll(() => network.close())

test('a hundred callers make one request', async () => {
  const redirectUri = 'https://app.example.test/'
  const auth = createAuthClient({ provider: oauth({ issuer: server.issuer, clientId: 'spa', redirectUri }) })
  const { data } = await auth.signIn()
  await auth.handleRedirect(await server.authorize(data.url ?? '', { user: 'ada' }))

  server.faults.next(delayAnswer(50), { user: 'ada' })
  const results = await Promise.all(Array.from({ length: 100 }, () => auth.refreshSession()))

  expect(results.every(({ error }) => error === null)).toBe(true)
  expect(server.count('refresh_token')).toBe(1)
  expect(server.count((entry) => entry.reused)).toBe(0)
  auth.dispose()
})
