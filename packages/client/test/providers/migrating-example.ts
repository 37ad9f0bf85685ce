import type { AuthClient } from '@authflight/client'

export async function takeOver(auth: AuthClient, storageKey: string): Promise<void> {
  const stored = localStorage.getItem(storageKey)
  if (stored === null) return
  const { access_token, refresh_token } = JSON.parse(stored) as { access_token: string; refresh_token: string }
  const { error } = await auth.setSession({ accessToken: access_token, refreshToken: refresh_token })
  if (error === null || error.code === 'session_ended') localStorage.removeItem(storageKey)
}
