import { expect, onTestFinished, test } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { oauth, type OAuthOptions } from '../../src/providers/oauth.ts'
import { claimsOf } from '../support/dpop-api.ts'
import { apiAudience, redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'

// An `oidc-provider` as it comes, without the settings that make it easier to get along with.

async function signIn(options: Partial<OAuthOptions> = {}) {
  const server = await startOpenIdProvider({ idTokens: 'stock', resources: 'stock' })
  const provider = oauth({ issuer: server.issuer, clientId: 'spa', redirectUri, ...options })
  const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off' })
  onTestFinished(() => auth.dispose())
  const { data } = await auth.signIn({ returnTo: '/' })
  const { error } = await auth.handleRedirect(await server.authorize(data.url ?? ''))
  if (error) throw error
  return auth
}

test('the first access token is for the API that `resource` names, as every later one', async () => {
  const auth = await signIn({ resource: apiAudience })
  const first = (await auth.getSession()).data.session?.accessToken
  const second = (await auth.refreshSession()).data.session?.accessToken
  const audiences = [first, second].map((token) => token?.includes('.') && claimsOf(token)?.['aud'])
  expect(audiences).toEqual([apiAudience, apiAudience])
})

test('what userinfo has told of a user stays when the ID token of a refresh tells less', async () => {
  const auth = await signIn()
  expect((await auth.getUser()).data.user?.name).toBe('Ada Lovelace')
  expect((await auth.refreshSession()).data.session).toMatchObject({ revision: 2, user: { name: 'Ada Lovelace' } })
})
