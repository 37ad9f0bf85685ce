import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type OpenIdProviderOptions, redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'
import { createAuth, nameOfUser, signIn, signOut } from './generic-example.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test('the page on other servers shows the code that runs here, word for word', async () => {
  const page = await read('../../../../docs/providers/generic.md')
  expect(page).toContain(`\`\`\`ts\n${await read('./generic-example.ts')}\`\`\``)
})

test('whoever follows it signs in at a real provider, refreshes, and signs out there as well', async () => {
  const server = await startOpenIdProvider()
  const auth = createAuth(server.issuer, 'spa', redirectUri)
  onTestFinished(() => auth.dispose())

  const back = await server.authorize((await signIn(auth, '/orders')) ?? '')
  expect((await auth.handleRedirect(back)).error).toBeNull()
  expect(nameOfUser(auth)).toBe('Ada Lovelace')
  expect((await auth.refreshSession()).data.session).toMatchObject({ revision: 2, tokenType: 'dpop' })

  const leave = new URL((await signOut(auth, redirectUri)) ?? '')
  expect([leave.origin, leave.searchParams.get('post_logout_redirect_uri')]).toEqual([server.issuer, redirectUri])
  expect((await fetch(leave)).status).toBe(200)
  leave.searchParams.set('id_token_hint', `${leave.searchParams.get('id_token_hint')}x`)
  expect((await fetch(leave)).status).toBe(400)
  expect(nameOfUser(auth)).toBeNull()
})

/** Signs in with the page's code at a server of this kind. */
async function signInAt(kind: OpenIdProviderOptions) {
  const server = await startOpenIdProvider(kind)
  const auth = createAuth(server.issuer, 'spa', redirectUri)
  onTestFinished(() => auth.dispose())
  await auth.handleRedirect(await server.authorize((await signIn(auth, '/orders')) ?? ''))
  return { server, auth }
}

test('a stock `oidc-provider` gives a refresh token only to who asks for consent, as the page says', async () => {
  const { server, auth } = await signInAt({ refreshTokens: 'stock' })
  expect(nameOfUser(auth)).toBe('Ada Lovelace')
  expect((await auth.refreshSession()).data.session?.revision).toBe(1)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect((await auth.getSession()).error?.code).toBe('session_ended')
  expect(auth.getSnapshot()).toEqual({ status: 'signed-out', reason: 'expired' })

  const { data } = await auth.signIn({ returnTo: '/orders', prompt: 'consent' })
  await auth.handleRedirect(await server.authorize(data.url ?? ''))
  vi.setSystemTime(Date.now() + 301_000)
  expect((await auth.getSession()).data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
})

test('a stock `oidc-provider` tells the name of a user to `getUser` only, as the page says', async () => {
  const { auth } = await signInAt({ idTokens: 'stock' })
  expect(nameOfUser(auth)).toBe('somebody')
  expect((await auth.getUser()).error).toBeNull()
  expect(nameOfUser(auth)).toBe('Ada Lovelace')
})
