import type { AuthClient } from '@authflight/client'

export async function takeOver(auth: AuthClient, storageKey: string): Promise<void> {
  const stored = localStorage.getItem(storageKey)
  if (stored === null) return
  const { access_token, refresh_token } = JSON.parse(stored) as { access_token: string; refresh_token: string }
  const { error } = await auth.setSession({ accessToken: access_token, refreshToken: refresh_token })
  // The server has ended it, or the user has signed out: then it must not come back with the next page.
  const over = ['session_ended', 'refresh_discarded', 'attempt_superseded']
  if (error === null || over.includes(error.code)) localStorage.removeItem(storageKey)
}
