import { busy } from '@authflight/testing'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { createAuthClient, isAuthRetryableFetchError, memoryStore, type Session } from '../src/index.ts'
import { oauth } from '../src/providers/oauth.ts'
import { setUp } from './support/app.ts'

function setUpThrowing() {
  const { server } = setUp()
  const auth = createAuthClient({
    provider: oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
    storage: memoryStore(),
    autoRefresh: 'off',
    redirect: 'manual',
    throwOnError: true,
  })
  onTestFinished(() => auth.dispose())
  return { server, auth }
}

test('methods give their data, and its type says so', async () => {
  const { server, auth } = setUpThrowing()
  const { url } = await auth.signIn()
  const { session } = await auth.handleRedirect(await server.authorize(url ?? '', { user: 'ada' }))
  expectTypeOf(session).toEqualTypeOf<Session | null>()
  expect(session?.user?.name).toBe('Ada Lovelace')
  expect((await auth.account(session?.account ?? '').getSession()).session).toBe((await auth.getSession()).session)
  expect((await auth.accounts()).accounts).toHaveLength(1)
  expect(await auth.getAccessToken()).toBe(session?.accessToken)
})

test('what would be an error in a result is thrown', async () => {
  const { server, auth } = setUpThrowing()
  const { access_token: accessToken, refresh_token: refreshToken = null } = await server.signIn()
  await auth.setSession({ accessToken, refreshToken })
  server.faults.always(busy(), { grant: 'refresh_token' })
  await expect(auth.refreshSession()).rejects.toSatisfy(isAuthRetryableFetchError)
  await expect(auth.account('nobody').getUser()).rejects.toMatchObject({ code: 'session_missing' })
})

test('a client is disposed when its block ends', async () => {
  const { server } = setUp()
  let kept: Promise<unknown> | null = null
  {
    using auth = createAuthClient({
      provider: oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      storage: memoryStore(),
    })
    kept = auth.getSession()
  }
  await expect(kept).resolves.toMatchObject({ error: { code: 'client_disposed' } })
})
