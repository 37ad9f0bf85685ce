import { type ReactElement, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type AnyAuthClient, AuthContext, ClientContext, useClient } from './context.ts'

export type AuthProviderProps = { children?: ReactNode } & (
  | {
      /** A client made elsewhere. It is only lent: the provider never disposes it. */
      client: AnyAuthClient
      create?: never
      account?: never
    }
  | {
      /**
       * Makes a new client when the provider mounts; the provider disposes it when it unmounts. Only the first function is
       * used, so it may be written inline. The children appear once the client is there, before the first paint of a
       * browser; a server render stays empty, so pass `client` where the server renders pages.
       */
      create: () => AnyAuthClient
      client?: never
      account?: never
    }
  | {
      /**
       * The id of an account of the client above. Everything below is about that account, whoever the client shows: hooks and
       * gates show it, and `useAuth` gives `client.account(id)`. Where it holds no session it is signed out.
       */
      account: string
      client?: never
      create?: never
    }
)

/**
 * Gives the components below it one auth client, or one account of the client above, for the hooks. Safe under `<StrictMode>`
 * and hot updates.
 *
 * @throws {TypeError} when it is not given one of `client`, `create` and `account`, or something else than those, or when
 * `create` gives what it has given before.
 * @throws {Error} when it is given an `account` and there is no client above.
 */
export function AuthProvider({ client, create, account, children }: AuthProviderProps): ReactElement {
  if ([client, create, account].filter((given) => given !== undefined).length > 1) {
    throw new TypeError(`${takes} It got more than one.`)
  }
  if (create !== undefined) {
    if (typeof create !== 'function') throw new TypeError(`${takes} Its create is no function.`)
    return <Owner create={create}>{children}</Owner>
  }
  if (account !== undefined) {
    if (typeof account !== 'string') throw new TypeError(`${takes} Its account is no id.`)
    return <Account id={account}>{children}</Account>
  }
  return <Client client={checkClient(client, 'client')}>{children}</Client>
}

function Client({ client, children }: { client: AnyAuthClient; children: ReactNode }): ReactElement {
  return (
    <ClientContext.Provider value={client}>
      <AuthContext.Provider value={client}>{children}</AuthContext.Provider>
    </ClientContext.Provider>
  )
}

/** A client makes an account anew each time it is asked: it is asked once, so that nobody below subscribes again at each render. */
function Account({ id, children }: { id: string; children: ReactNode }): ReactElement {
  const client = useClient()
  const account = useMemo(() => client.account(id), [client, id])
  return <AuthContext.Provider value={account}>{children}</AuthContext.Provider>
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
      made.current = null
    },
    [],
  )
  return client && <Client client={client}>{children}</Client>
}

/** Without a page there is nothing to be painted, and React 18 warns of a layout effect in every server render. */
const useEffectBeforePaint = typeof document === 'undefined' ? useEffect : useLayoutEffect

const takes =
  '<AuthProvider> takes either `client`, which createAuthClient() has made, or `create`, a function that makes one, or `account`, ' +
  'the id of an account of the client above.'

/** Code without types passes a promise, a module that is not loaded yet, or nothing. */
function checkClient(client: AnyAuthClient | undefined, from: 'client' | 'create'): AnyAuthClient {
  if (typeof client?.getSnapshot === 'function' && typeof client.dispose === 'function') return client
  throw new TypeError(`${takes} ${from === 'client' ? 'Its client is none.' : 'Its create made none.'}`)
}

/** What every `create` has given. */
const given = new WeakSet<AnyAuthClient>()

/** One that is shared would work until the first unmount, which comes at once under Strict Mode, and then be shown as if it lived. */
function checkNew(client: AnyAuthClient): AnyAuthClient {
  if (given.has(client))
    throw new TypeError(`${takes} Its create must make a new client; for one made elsewhere pass \`client\`.`)
  given.add(client)
  return client
}
