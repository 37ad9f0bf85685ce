import type { AuthSnapshot } from '@authflight/client'
import { useSyncExternalStore } from 'react'
import { useAuth } from './provider.tsx'

const restoring: AuthSnapshot = { status: 'restoring' }

/**
 * What to render now: `restoring`, `signed-in`, `stale` or `signed-out`. Only `signed-out` may send a user to log in:
 * `restoring` has not read the store yet (so has every server render, and the hydration of it), and `stale` is a signed-in
 * user whose token could not be refreshed for a reason that ends nothing.
 *
 * @throws {Error} when there is no `<AuthProvider>` above the component.
 */
export function useSession(): AuthSnapshot {
  const { subscribe, getSnapshot } = useAuth()
  return useSyncExternalStore(subscribe, getSnapshot, () => restoring)
}
