import { onTestFinished } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { dpop } from '../../src/providers/dpop.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { type ApiOptions, startDpopApi } from './dpop-api.ts'
import { apiAudience, redirectUri, startOpenIdProvider } from './openid-provider.ts'

/** A client that is signed in at a real provider, and an API that refuses its first token as expired. Disposed with the test. */
export async function setUpFit(options: ApiOptions) {
  const { issuer, authorize } = await startOpenIdProvider()
  const api = await startDpopApi(issuer, options)
  const plain = oauth({ issuer, clientId: 'spa', redirectUri, resource: apiAudience })
  const auth = createAuthClient({
    provider: options.requireDPoP === false ? plain : dpop(plain),
    storage: memoryStore(),
    redirect: 'manual',
    fetchOrigins: [api.origin],
  })
  onTestFinished(() => auth.dispose())
  const { data } = await auth.signIn()
  await auth.handleRedirect(await authorize(data.url ?? ''))
  api.refuse = 1
  return { auth, api }
}
