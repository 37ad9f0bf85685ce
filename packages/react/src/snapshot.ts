import type { AuthSnapshot } from '@authflight/client'
import { useSyncExternalStore } from 'react'
import { useAuth } from './context.ts'

/** What a server renders, and a browser while it hydrates that: neither has read a store yet. */
const restoring: AuthSnapshot = { status: 'restoring' }

/**
 * A part of the snapshot. The component renders again only when the part is another one, so it must be a primitive value or an
 * object that the snapshot holds.
 */
export function useSnapshot<Part>(select: (snapshot: AuthSnapshot) => Part): Part {
  const { subscribe, getSnapshot } = useAuth()
  return useSyncExternalStore(
    subscribe,
    () => select(getSnapshot()),
    () => select(restoring),
  )
}
