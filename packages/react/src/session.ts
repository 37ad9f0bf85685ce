import type { AuthSnapshot } from '@authflight/client'
import { useSnapshot } from './snapshot.ts'

/**
 * What to render now: `restoring`, `signed-in`, `stale` or `signed-out`. Only `signed-out` may send a user to log in:
 * `restoring` has not read the store yet (so has every server render, and the hydration of it), and `stale` is a signed-in
 * user whose token could not be refreshed for a reason that ends nothing.
 *
 * The component renders once a rotation of the tokens. One that needs less renders less: `useUser`, `<SignedIn>`.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useSession(): AuthSnapshot {
  return useSnapshot((snapshot) => snapshot)
}
