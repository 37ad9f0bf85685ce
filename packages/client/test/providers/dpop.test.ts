import { describe, expect, test } from 'vitest'
import { createAuthClient, memoryStore } from '../../src/index.ts'
import { dpop } from '../../src/providers/dpop.ts'
import { oauth } from '../../src/providers/oauth.ts'
import { redirectUri, startOpenIdProvider } from '../support/openid-provider.ts'

test('x', async () => {
  const server = await startOpenIdProvider({ requireNonce: true, requireDpop: true })
  const auth = createAuthClient({
    provider: dpop(oauth({ issuer: server.issuer, clientId: 'spa', redirectUri })),
    storage: memoryStore(),
  })
  const { data, error } = await auth.signIn()
  console.log(data, error)
  const back = await server.authorize(data.url ?? '')
  console.log(back)
  console.log(await auth.handleRedirect(back))
  console.log(await auth.refreshSession())
  console.log(await auth.getUser())
  console.log(server.seen)
  auth.dispose()
})
