import type { AuthSnapshot } from '@authflight/client'
import type { ReactNode } from 'react'
import { useSnapshot } from './snapshot.ts'

interface Props {
  readonly children?: ReactNode
}

const useStatus = (): AuthSnapshot['status'] => useSnapshot(({ status }) => status)

/**
 * Shows its children while somebody is signed in. A stale session counts: its user is still signed in, and its token could
 * not be refreshed for a reason that ends nothing, such as a network that is down.
 *
 * @throws {Error} when there is no `<AuthProvider>` above it, as the other two do.
 */
export function SignedIn({ children }: Props): ReactNode {
  const status = useStatus()
  return status === 'signed-in' || status === 'stale' ? children : null
}

/** Shows its children when nobody is signed in, and only once that is known: the place for a way to sign in. */
export function SignedOut({ children }: Props): ReactNode {
  return useStatus() === 'signed-out' ? children : null
}

/** Shows its children until the store has been read: on a server, during hydration, and in the first moments of a page. */
export function Restoring({ children }: Props): ReactNode {
  return useStatus() === 'restoring' ? children : null
}
