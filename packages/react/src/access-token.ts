import { useSnapshot } from './snapshot.ts'

/**
 * The access token, for what takes one and cannot wait: a WebSocket, an image's address. Null while there is none to show:
 * restoring, signed out, or stale, when it is known to be dead. The component renders once a rotation.
 *
 * It is the token as last seen, and may have died in a page that was asleep. For requests use `useAuth().fetch` or
 * `useAuth().getAccessToken()`, which refresh it first.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useAccessToken(): string | null {
  return useSnapshot((snapshot) => (snapshot.status === 'signed-in' ? snapshot.session.accessToken : null))
}
