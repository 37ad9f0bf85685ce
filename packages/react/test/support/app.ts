import { createAuthClient, memoryStore, type Session } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { createAuthServer } from '@authflight/testing'
import { onTestFinished, vi } from 'vitest'

/** A real client and the authorization server that it speaks to, both of this test. */
export function setUp() {
  const server = createAuthServer()
  vi.stubGlobal('fetch', server.fetch)
  onTestFinished(() => void vi.unstubAllGlobals())

  const createClient = () =>
    createAuthClient({
      provider: oauth({ issuer: server.issuer, clientId: 'spa', redirectUri: 'https://app.example.test/' }),
      storage: memoryStore(),
      autoRefresh: 'off',
      redirect: 'manual',
    })
  const auth = createClient()
  onTestFinished(() => auth.dispose())

  /** Signs somebody in, beside who is signed in already. Their ID token tells who they are, as those of all refreshes do. */
  async function signIn(login: string): Promise<Session> {
    const answer = await server.signIn({ user: login })
    const { access_token: accessToken, refresh_token: refreshToken = null, id_token: idToken } = answer
    const expiresAt = Date.now() + 60_000
    const payload = idToken?.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''
    const claims = JSON.parse(atob(payload)) as { sub: string; name: string; email: string }
    const user = { id: claims.sub, name: claims.name, email: claims.email, claims: { ...claims } }
    const { data, error } = await auth.setSession({ accessToken, refreshToken, expiresAt, user }, { add: true })
    if (error || !data.session) throw error ?? new Error('No session.')
    return data.session
  }

  return { server, auth, createClient, signIn }
}
