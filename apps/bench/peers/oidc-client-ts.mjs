import { InMemoryWebStorage, User, UserManager, WebStorageStateStore } from 'oidc-client-ts'

/** For those who measure its size. */
export { UserManager } from 'oidc-client-ts'

/**
 * @param {import('../src/clients/subject.ts').Place} place
 * @returns {import('../src/clients/subject.ts').Subject}
 */
export function create({ issuer, clientId, tokens }) {
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: 'https://app.example.test/',
    automaticSilentRenew: false,
    monitorSession: false,
    userStore: new WebStorageStateStore({
      store: typeof localStorage === 'undefined' ? new InMemoryWebStorage() : localStorage,
    }),
  })
  return {
    async signIn() {
      const answer = await tokens()
      const expires_at = Math.floor(Date.now() / 1_000) + answer.expires_in
      const profile = JSON.parse(atob((answer.id_token?.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
      await manager.storeUser(new User({ ...answer, expires_at, profile }))
    },
    // It refreshes for nobody who has not looked at the clock.
    async ask() {
      const user = await manager.getUser()
      return user?.expired ? manager.signinSilent() : user
    },
    /** @param {{ access_token: string } | null} user */
    tokenOf: (user) => user?.access_token ?? null,
  }
}
