import type { TokenAnswer } from '@authflight/testing'
import type { Place, Subject } from './subject.ts'

interface Entry {
  readonly token: string
  readonly refreshToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/**
 * The least that anybody can do: an `async` function over a Map with an expiry check, and one promise that all who come too
 * late await. It guards nothing, stores nothing, tells nothing, and no failure is handled.
 */
export function create({ issuer, clientId, tokens }: Place): Subject {
  const sessions = new Map<string, Entry>()
  let refreshing: Promise<Entry> | null = null

  const keep = ({ access_token, refresh_token = '', expires_in }: TokenAnswer): Entry => {
    const entry = { token: access_token, refreshToken: refresh_token, expiresAt: Date.now() + expires_in * 1_000 }
    sessions.set('default', entry)
    return entry
  }

  async function refresh(refreshToken: string): Promise<Entry> {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId })
    const response = await fetch(`${issuer}/token`, { method: 'POST', body })
    refreshing = null
    return keep((await response.json()) as TokenAnswer)
  }

  async function ask(): Promise<Entry | undefined> {
    const entry = sessions.get('default')
    if (!entry || Date.now() < entry.expiresAt) return entry
    return await (refreshing ??= refresh(entry.refreshToken))
  }

  return {
    async signIn() {
      keep(await tokens())
    },
    ask,
    tokenOf: (entry: Entry | undefined) => entry?.token ?? null,
  }
}
