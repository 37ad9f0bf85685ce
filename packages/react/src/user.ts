import type { AuthSnapshot, User } from '@authflight/client'
import { useState } from 'react'
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
  const [select] = useState(keepUser)
  return useSnapshot(select)
}

/** Each rotation reads the user anew from the store, as another object with the same text: the one before is kept. */
function keepUser() {
  let kept: User | null = null
  return (snapshot: AuthSnapshot): User | null => {
    const user = 'session' in snapshot ? snapshot.session.user : null
    if (user !== kept && toText(user) !== toText(kept)) kept = user
    return kept
  }
}

/** Users are plain JSON, but for what an app hands to `setSession`: JSON has no big integers. */
const toText = (user: User | null): string =>
  JSON.stringify(user, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
