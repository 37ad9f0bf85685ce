import type { AuthAccount, AuthClient } from '@authflight/client'
import { type Context, createContext, useContext } from 'react'

/** A client of any provider, with `throwOnError` or without. */
export type AnyAuthClient = AuthClient<unknown, boolean>

/** What hooks and gates show: a client, or an account of one. */
export const AuthContext = createContext<AuthAccount<boolean> | null>(null)

/** The client, also where one of its accounts is shown. */
export const ClientContext = createContext<AnyAuthClient | null>(null)

/**
 * What the nearest `<AuthProvider>` gives, for what components do: `signIn`, `signOut`, `fetch`, … It never renders
 * again by itself: to show who is signed in, use `useSession` or `useUser`.
 *
 * Its type is that of a client whose provider takes any request. Where `signIn` is given one, where the provider has methods
 * of its own, or with `throwOnError`, name the client: `useAuth<typeof auth>()`. Below `<AuthProvider account>` it is an
 * account, which has no `signIn`: `useAuth<AuthAccount>()`.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useAuth<Client extends AuthAccount<boolean> = AuthClient<object>>(): Client {
  // A context cannot carry the type of one client; the caller knows which one it gave.
  return useNearest(AuthContext) as unknown as Client
}

export const useClient = (): AnyAuthClient => useNearest(ClientContext)

function useNearest<T>(context: Context<T | null>): T {
  const found = useContext(context)
  if (found) return found
  throw new Error(
    'No auth client here: put <AuthProvider client={…}> above every component that uses @authflight/react. ' +
      'Where it is there, this component has another copy of the package: `npm ls @authflight/react` names them.',
  )
}
