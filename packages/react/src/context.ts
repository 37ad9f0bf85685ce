import type { AuthClient } from '@authflight/client'
import { createContext, useContext } from 'react'

/** A client of any provider, with `throwOnError` or without. */
export type AnyAuthClient = AuthClient<unknown, boolean>

export const AuthContext = createContext<AnyAuthClient | null>(null)

/**
 * The client of the nearest `<AuthProvider>`, for what components do: `signIn`, `signOut`, `fetch`, … It never renders
 * again by itself: to show who is signed in, use `useSession` or `useUser`.
 *
 * Its type is that of a client whose provider takes any request. Where `signIn` is given one, where the provider has methods
 * of its own, or with `throwOnError`, name the client: `useAuth<typeof auth>()`.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useAuth<Client extends AnyAuthClient = AuthClient<object>>(): Client {
  const client = useContext(AuthContext)
  // A context cannot carry the type of one client; the caller knows which one it gave.
  if (client) return client as unknown as Client
  throw new Error(
    'No auth client here: put <AuthProvider client={…}> above every component that uses @authflight/react. ' +
      'Where it is there, this component has another copy of the package: `npm ls @authflight/react` names them.',
  )
}
