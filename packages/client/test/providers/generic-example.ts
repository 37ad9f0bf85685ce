import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { dpop } from '@authflight/client/oauth/dpop'

/** `issuer` as the server's discovery document names it. Leave `dpop` out where the server or the API knows bearer tokens only. */
export const createAuth = (issuer: string, clientId: string, redirectUri: string) =>
  createAuthClient({
    provider: dpop(oauth({ issuer, clientId, redirectUri, scope: 'openid profile email offline_access' })),
    fetchOrigins: ['https://api.example.com'],
  })

export type Auth = ReturnType<typeof createAuth>

/** Leaves the page; back from there, start-up signs in and goes on to `returnTo`. Outside a page: the address to open. */
export async function signIn(auth: Auth, returnTo: string): Promise<string | null> {
  const { data, error } = await auth.signIn({ returnTo })
  if (error) throw error
  return data.url
}

/** What to show: nobody is sent to log in while the session is only not known yet, or cannot be renewed now. */
export function nameOfUser(auth: Auth): string | null {
  const snapshot = auth.getSnapshot()
  return 'session' in snapshot ? (snapshot.session.user?.name ?? 'somebody') : null
}

/** Signs out here and at the server, and comes back to `home`. Outside a page: the address to open. */
export async function signOut(auth: Auth, home: string): Promise<string | null> {
  const { data } = await auth.signOut({ redirect: home })
  return data.url
}
