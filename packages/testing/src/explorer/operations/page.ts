import { instant, type Operation } from './operation.ts'

/** What a page goes through. */
export const page: readonly Operation[] = [
  instant('freeze', 6, (world, { tab }) => {
    if (tab.isFrozen) return
    world.deed('frozen', tab)
    tab.signal('frozen')
    tab.isFrozen = true
  }),
  instant('resume', 10, (world, { tab }) => {
    if (!tab.isFrozen) return
    tab.isFrozen = false
    world.deed('resumed', tab)
    tab.signal('resumed')
  }),
  instant('back-forward cache', 6, (world, { tab }) => {
    if (tab.isFrozen) {
      tab.isFrozen = false
      world.deed('restored', tab)
      return tab.signal('restored')
    }
    world.deed('pagehide', tab)
    tab.signal('pagehide')
    tab.isFrozen = true
  }),
  instant('hide', 6, (world, { tab }) => {
    if (tab.isHidden || tab.isFrozen) return
    tab.isHidden = true
    world.deed('hidden', tab)
    tab.signal('hidden')
  }),
  instant('show', 6, (world, { tab }) => {
    if (!tab.isHidden || tab.isFrozen) return
    tab.isHidden = false
    world.deed('visible', tab)
    tab.signal('visible')
  }),
  instant('focus', 6, (world, { tab }) => {
    if (tab.isFrozen) return
    world.deed('focus', tab)
    tab.signal('focus')
  }),
  instant('go offline', 6, (world, { tab }) => {
    if (tab.isOffline || tab.isFrozen) return
    tab.isOffline = true
    world.deed('offline', tab)
    tab.signal('offline')
  }),
  instant('come online', 8, (world, { tab }) => {
    if (!tab.isOffline || tab.isFrozen) return
    tab.isOffline = false
    world.deed('online', tab)
    tab.signal('online')
  }),
]
