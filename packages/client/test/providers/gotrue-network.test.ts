import { busy, type Endpoint, loseRequest } from '@authflight/testing'
import { expect, test } from 'vitest'
import { isAuthRetryableFetchError } from '../../src/index.ts'
import { ada, type GoTrueClient, grace, setUp, signIn } from '../support/gotrue-app.ts'

const asked: [string, Endpoint, (auth: GoTrueClient) => Promise<{ readonly error: unknown }>][] = [
  ['a password', 'token', (auth) => auth.signIn({ method: 'password', ...ada })],
  ['a code by mail', 'otp', (auth) => auth.signIn({ method: 'otp', email: ada.email })],
  ['a new account', 'signup', (auth) => auth.signUp(grace)],
  ['a code that was mailed', 'verify', (auth) => auth.verifyOtp({ type: 'email', email: ada.email, token: '123456' })],
  ['a new password', 'recover', (auth) => auth.resetPasswordForEmail(ada.email)],
  ['another name', 'user', (auth) => auth.updateUser({ data: { name: 'Ada' } })],
]

test.each(asked)(
  'who asks for %s while the network is down is told so, and may try again',
  async (_, endpoint, ask) => {
    const { server, createClient } = setUp()
    const auth = createClient()
    await signIn(auth)
    server.faults.always(loseRequest(), { endpoint })
    const { error } = await ask(auth)
    expect(isAuthRetryableFetchError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'network', message: expect.stringMatching(/could not be reached.*network/) })
    expect(auth.getSnapshot().status).toBe('signed-in')
  },
)

test('who asks too often for a mail is told to try again', async () => {
  const { server, createClient } = setUp()
  server.faults.next(busy(), { endpoint: 'recover' })
  const { error } = await createClient().resetPasswordForEmail(ada.email)
  expect(error?.code).toBe('rate_limited')
  expect(error?.message).toMatch(/Try again\.$/)
})
