import { SignedIn, SignedOut, useAuth, useSession } from '@authflight/react'
import type { ReactElement } from 'react'

export function Page({ version }: { readonly version: string }): ReactElement {
  const auth = useAuth()
  const { status } = useSession()
  // For the test, which asks the client that components see.
  Object.assign(globalThis, { auth })
  return (
    <p>
      {version} {status} <SignedIn>in</SignedIn>
      <SignedOut>out</SignedOut>
    </p>
  )
}
