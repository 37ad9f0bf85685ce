import type { AuthClient, SessionTokens } from '@authflight/client'

export async function takeOver(auth: AuthClient, storageKey: string): Promise<void> {
  const stored = localStorage.getItem(storageKey)
  if (stored === null) return
  // Whoever is signed in here is newer than what is stored.
  const { data } = await auth.getSession()
  if (data.session) return localStorage.removeItem(storageKey)
  const { error } = await auth.setSession(readTokens(stored))
  // It is no session, the server has ended it, or the user has signed out: then it must not come back with the next page.
  const over = ['invalid_option', 'session_ended', 'refresh_discarded', 'attempt_superseded']
  if (error === null || over.includes(error.code)) localStorage.removeItem(storageKey)
}

function readTokens(stored: string): SessionTokens {
  try {
    const { access_token, refresh_token } = JSON.parse(stored) as { access_token: string; refresh_token: string }
    return { accessToken: access_token, refreshToken: refresh_token }
  } catch {
    return { accessToken: '' } // refused as `invalid_option`
  }
}
