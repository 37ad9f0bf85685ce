import { useCallback, useSyncExternalStore } from 'react'
import { Cost } from '../../model/cost.ts'
import type { TimelineView } from '../../timeline/view.ts'

interface Store {
  subscribe(listener: () => void): () => void
  getVersion(): number
}

/**
 * Renders again when the store has changed, at most once per `every` milliseconds: a storm of records is one rendering. Where that takes
 * long it is done less often. Returns the store's version.
 */
export function useStore(store: Store, every = 100): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const cost = new Cost()
      let timer: ReturnType<typeof setTimeout> | undefined
      const tell = () => {
        timer = undefined
        const end = cost.measure()
        listener()
        // React renders in a microtask that was asked for before this one.
        queueMicrotask(end)
      }
      const stop = store.subscribe(() => void (timer ??= setTimeout(tell, cost.pause(every))))
      return () => {
        clearTimeout(timer)
        stop()
      }
    },
    [store, every],
  )
  return useSyncExternalStore(subscribe, store.getVersion, store.getVersion)
}

/** What is read of the view; renders again only when that has changed, not while the view moves. */
export function useView<T>(view: TimelineView, read: () => T): T {
  return useSyncExternalStore(view.subscribe, read, read)
}
