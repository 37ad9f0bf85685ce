import type { AuthClient } from '@authflight/client'
import { createContext, useContext, useLayoutEffect, useState, type ReactElement, type ReactNode } from 'react'

const AuthContext = createContext<AuthClient | null>(null)

export type AuthProviderProps = { children?: ReactNode } & (
  | {
      /** A client made elsewhere. It is only lent: the provider never disposes it. */
      client: AuthClient
      create?: never
    }
  | {
      /**
       * Makes the client when the provider mounts; the provider disposes it when it unmounts. Only the first function is
       * used, so it may be written inline. The children appear once the client is there, before the first paint of a
       * browser; a server render stays empty, so pass `client` where the server renders pages.
       */
      create: () => AuthClient
      client?: never
    }
)

/** Gives the components below it one auth client, for `useAuth` and `useSession`. Safe under `<StrictMode>`. */
export function AuthProvider({ client, create, children }: AuthProviderProps): ReactElement {
  return client ? (
    <AuthContext.Provider value={client}>{children}</AuthContext.Provider>
  ) : (
    <Owner create={create}>{children}</Owner>
  )
}

/**
 * Makes the client in an effect, not while rendering: Strict Mode and interrupted renders call render code more often than
 * they mount, and a client made there would be left with its timer and channel and nobody to dispose it.
 */
function Owner({ create, children }: { create: () => AuthClient; children: ReactNode }): ReactElement | null {
  const [make] = useState(() => create)
  const [client, setClient] = useState<AuthClient | null>(null)
  useLayoutEffect(() => {
    const made = make()
    setClient(made)
    return () => made.dispose()
  }, [make])
  return client && <AuthContext.Provider value={client}>{children}</AuthContext.Provider>
}

/**
 * The client of the nearest `<AuthProvider>`, for what components do: `signIn`, `signOut`, `fetch`, … To show who is signed
 * in, use `useSession`, which renders again when it changes. Where `signIn` is given a request, name its type:
 * `useAuth<OAuthSignIn>()`.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useAuth<SignInRequest = object>(): AuthClient<SignInRequest> {
  const client = useContext(AuthContext)
  // The context cannot carry the type of one provider's request; the caller knows which provider it gave.
  if (client) return client as AuthClient<SignInRequest>
  throw new Error(
    'No auth client here: put <AuthProvider client={…}> above the component that calls useAuth or useSession.',
  )
}
