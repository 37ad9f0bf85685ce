import { createAuthClient, type SessionResult } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import type { Place, Subject } from './subject.ts'

export function create(place: Place, { recorder }: { readonly recorder?: 'auto' | 'off' }): Subject {
  const isPage = typeof location !== 'undefined'
  const auth = createAuthClient({
    provider: oauth({
      issuer: place.issuer,
      clientId: place.clientId,
      scope: 'openid profile email',
      ...(isPage ? {} : { redirectUri: 'https://app.example.test/' }),
    }),
    recorder: recorder ?? 'auto',
    autoRefresh: 'off',
    // A storm of the slower sizes takes longer than a caller in an app would wait.
    patience: 600_000,
  })

  return {
    async signIn() {
      const { data, error } = await auth.signIn()
      if (error) throw error
      if (isPage) return
      const returned = await auth.handleRedirect(await place.authorize(data.url ?? ''))
      if (returned.error) throw returned.error
    },
    ask: () => auth.getSession(),
    tokenOf: ({ data, error }: SessionResult) => (error ? null : (data.session?.accessToken ?? null)),
  }
}
