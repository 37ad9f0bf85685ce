import type { OAuthProvider } from '../../src/providers/oauth.ts'

/** The same provider, whose sign-ins leave by a fragment only, so that the test stays where it is. `leftFor`: where the last one meant to go. */
export function stayHere(provider: OAuthProvider): { provider: OAuthProvider; leftFor: () => string } {
  let left = ''
  return {
    provider: {
      ...provider,
      async signIn(request, io) {
        const departing = await provider.signIn(request, io)
        left = departing.url
        return { ...departing, url: '#left' }
      },
    },
    leftFor: () => left,
  }
}

/** Removes the default database. Fails where somebody holds on to it. */
export const deleteDatabase = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('authflight')
    request.addEventListener('success', () => resolve())
    request.addEventListener('blocked', () => reject(new Error('Somebody holds on to the database.')))
  })
