'use client'

import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { AuthProvider, Restoring, SignedIn, SignedOut, useAuth, useSession } from '@authflight/react'

const auth = createAuthClient({
  provider: oauth({ issuer: process.env.NEXT_PUBLIC_ISSUER ?? '', clientId: 'spa' }),
})

/** Who is signed in, and the ways in and out: what the Vite app and the Next.js app show. */
export function Session() {
  return (
    <AuthProvider client={auth}>
      <Restoring>A moment</Restoring>
      <SignedOut>
        <SignIn />
      </SignedOut>
      <SignedIn>
        <Inside />
      </SignedIn>
    </AuthProvider>
  )
}

function SignIn() {
  const { signIn } = useAuth()
  return <button onClick={() => void signIn()}>Sign in</button>
}

function Inside() {
  const { refreshSession, signOut } = useAuth()
  const snapshot = useSession()
  return (
    <>
      <p>Revision {'session' in snapshot && snapshot.session.revision}</p>
      <button onClick={() => void refreshSession()}>Refresh</button>
      <button onClick={() => void signOut()}>Sign out</button>
    </>
  )
}
