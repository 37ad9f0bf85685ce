import { createAuthClient, memoryStore } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { createAuthServer } from '@authflight/testing'
import { serve } from '@authflight/testing/node'
import { onTestFinished } from 'vitest'

/** A client that has signed in at an authorization server on this machine, and what it was told then. */
export async function signInToApp() {
  const server = createAuthServer()
  const served = await serve(server)
  onTestFinished(served.close)
  const provider = oauth({ issuer: served.url, clientId: 'spa', redirectUri: 'https://app.example.test/' })
  const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual' })
  onTestFinished(() => auth.dispose())
  const { data } = await auth.signIn()
  const returned = await auth.handleRedirect(await server.authorize(data.url ?? ''))
  return { auth, returned }
}
