import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { AuthProvider, Restoring, SignedIn, SignedOut } from '@authflight/react'
import type { ReactNode } from 'react'

// Loaders run outside of React: made here, the client is theirs as well. With `create` they would have none.
export const auth = createAuthClient({ provider: oauth({ issuer: 'https://id.example.com', clientId: 'spa' }) })

/** `children`: the routes that are for who is signed in, or a router's `<Outlet />`. Public ones stand outside. */
export function Guard({ children, signIn }: { children: ReactNode; signIn: ReactNode }) {
  return (
    <AuthProvider client={auth}>
      <Restoring>…</Restoring>
      <SignedOut>{signIn}</SignedOut>
      <SignedIn>{children}</SignedIn>
    </AuthProvider>
  )
}

/** A loader of one of these routes. */
export async function loadOrders({ request }: { request: Request }): Promise<unknown> {
  const { data } = await auth.getSession() // waits for the store, and for a sign-in that has just come back
  if (!data.session) return null // nothing to load: `signIn` is shown
  const response = await auth.fetch('/api/orders', { signal: request.signal })
  return response.json()
}
