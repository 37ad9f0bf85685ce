import type { User } from '@authflight/client'
import { useMemo } from 'react'
import { useSnapshot } from './snapshot.ts'

/**
 * Who is signed in, stale sessions included. Null while nobody is known to be: restoring, signed out, or where the provider
 * tells nothing about its users. So null alone is no reason to send somebody to log in; `useSession` and `<SignedOut>` tell.
 *
 * The same object as long as the user is the same: a rotation of the tokens does not render the component.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useUser(): User | null {
  // Users are plain JSON. Each rotation reads them anew from the store, as other objects with the same text.
  const text = useSnapshot((snapshot) => JSON.stringify('session' in snapshot ? snapshot.session.user : null))
  return useMemo(() => JSON.parse(text) as User | null, [text])
}
