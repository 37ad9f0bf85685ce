import { type ReactElement, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type AnyAuthClient, AuthContext } from './context.ts'

export type AuthProviderProps = { children?: ReactNode } & (
  | {
      /** A client made elsewhere. It is only lent: the provider never disposes it. */
      client: AnyAuthClient
      create?: never
    }
  | {
      /**
       * Makes a new client when the provider mounts; the provider disposes it when it unmounts. Only the first function is
       * used, so it may be written inline. The children appear once the client is there, before the first paint of a
       * browser; a server render stays empty, so pass `client` where the server renders pages.
       */
      create: () => AnyAuthClient
      client?: never
    }
)

/**
 * Gives the components below it one auth client, for the hooks. Safe under `<StrictMode>` and hot updates.
 *
 * @throws {TypeError} when it is given neither or both of `client` and `create`, or something else than those, or when `create`
 * gives what an unmount has disposed.
 */
export function AuthProvider({ client, create, children }: AuthProviderProps): ReactElement {
  if (client !== undefined && create !== undefined) throw new TypeError(`${takes} It got both.`)
  if (create !== undefined) {
    if (typeof create !== 'function') throw new TypeError(`${takes} Its create is no function.`)
    return <Owner create={create}>{children}</Owner>
  }
  return <AuthContext.Provider value={checkClient(client, 'client')}>{children}</AuthContext.Provider>
}

/**
 * Makes the client in an effect, not while rendering: Strict Mode and interrupted renders call render code more often than
 * they mount, and a client made there would be left with its timer and channel and nobody to dispose it.
 */
function Owner({ create, children }: { create: () => AnyAuthClient; children: ReactNode }): ReactElement | null {
  const [make] = useState(() => create)
  const [client, setClient] = useState<AnyAuthClient | null>(null)
  const made = useRef<AnyAuthClient | null>(null)
  useEffectBeforePaint(() => {
    made.current ??= checkNew(checkClient(make(), 'create'))
    setClient(made.current)
  }, [make])
  // Suspense hides what is below it by undoing its layout effects only: whoever is hidden for a moment keeps its client.
  useEffect(
    () => () => {
      if (!made.current) return
      made.current.dispose()
      disposed.add(made.current)
      made.current = null
    },
    [],
  )
  return client && <AuthContext.Provider value={client}>{children}</AuthContext.Provider>
}

/** Without a page there is nothing to be painted, and React 18 warns of a layout effect in every server render. */
const useEffectBeforePaint = typeof document === 'undefined' ? useEffect : useLayoutEffect

const takes =
  '<AuthProvider> takes either `client`, which createAuthClient() has made, or `create`, a function that makes one.'

/** Code without types passes a promise, a module that is not loaded yet, or nothing. */
function checkClient(client: AnyAuthClient | undefined, from: 'client' | 'create'): AnyAuthClient {
  if (typeof client?.getSnapshot === 'function' && typeof client.dispose === 'function') return client
  throw new TypeError(`${takes} ${from === 'client' ? 'Its client is none.' : 'Its create made none.'}`)
}

/** What was made and disposed. */
const disposed = new WeakSet<AnyAuthClient>()

/** One that is shared would work until the first unmount, which comes at once under Strict Mode, and then be shown as if it lived. */
function checkNew(client: AnyAuthClient): AnyAuthClient {
  if (!disposed.has(client)) return client
  throw new TypeError(`${takes} Its create must make a new client; for one made elsewhere pass \`client\`.`)
}
