import { oauth } from '@authflight/client/oauth'
import { createRefreshCoordinator } from '@authflight/server'

const provider = oauth({ issuer: 'https://id.example.com', clientId: 'web', reuse: 'fatal' })
const credentials = ['web', process.env.CLIENT_SECRET!].map(encodeURIComponent).join(':')

/** Sends with the client's secret what is posted (RFC 6749 2.3.1). */
function withSecret(send: typeof fetch): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    if (init?.method === 'POST') headers.set('authorization', `Basic ${btoa(credentials)}`)
    return send(input, { ...init, headers })
  }
}

export const coordinator = createRefreshCoordinator({
  issuer: provider.authority,
  clientId: provider.clientId,
  profile: provider.reuse,
  terminal: provider.terminal,
  revoke: (tokens, io, scope) => provider.revoke(tokens, { ...io, fetch: withSecret(io.fetch) }, scope),
})

export async function freshTokens({ session, refreshToken }: { session: string; refreshToken: string }) {
  return coordinator.refresh(
    refreshToken,
    (io) => provider.refresh(refreshToken, { ...io, present: withSecret(io.present) }),
    { session },
  )
}
