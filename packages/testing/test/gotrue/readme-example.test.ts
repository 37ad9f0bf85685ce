import { createAuthClient } from '@authflight/client'
import { gotrue } from '@authflight/client/gotrue'
import { createGoTrueServer } from '@authflight/testing'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, test } from 'vitest'

const server = createGoTrueServer({ tokens: 'v2' })
const network = setupServer(...server.handlers)
beforeAll(() => network.listen())
afterAll(() => network.close())

test('a code from a message signs in', async () => {
  const auth = createAuthClient({ provider: gotrue({ url: server.issuer, apiKey: server.apiKey }) })
  await auth.signIn({ method: 'otp', email: 'canary.ada@example.test' })

  const [message] = server.messages
  await auth.verifyOtp({ type: 'email', email: message?.to ?? '', token: message?.code ?? '' })

  expect(auth.getSnapshot()).toMatchObject({ status: 'signed-in', session: { user: { name: 'Ada Lovelace' } } })
  auth.dispose()
})
