import type { Page, PageSignal } from '../realm/page.ts'
import type { Refresher } from '../refresh/refresh.ts'
import type { StoreWatch } from './store-watch.ts'
import type { Tabs } from '../realm/tabs.ts'
import type { RefreshTrigger } from '../telemetry/attributes.ts'
import type { Telemetry } from '../telemetry/operation.ts'
import { recordPage } from '../telemetry/page-points.ts'

/** What of a client follows its page. */
export interface PageLife {
  readonly telemetry: Telemetry
  readonly tabs: Pick<Tabs, 'hears' | 'suspend' | 'resume'>
  readonly refresher: Pick<Refresher, 'wake'>
  readonly watch: Pick<StoreWatch, 'distrust' | 'look'>
  checkClocks(): void
  /** Looks again at what time changes. `cause`: what asks for a refresh that is due by now. */
  readonly review: (cause?: RefreshTrigger) => void
}

/** The ways in which a page comes back, as what asks for a refresh that was due meanwhile. */
const returns: Partial<Record<PageSignal, RefreshTrigger>> = {
  visible: 'visibility',
  focus: 'focus',
  online: 'online',
  pageshow: 'pageshow',
  restored: 'pageshow',
  resumed: 'resume',
}

/** A page that is followed. */
export interface FollowedPage {
  /** Whether it was left or frozen and is not back: an answer to what begins now may never be heard. */
  isLeft(): boolean
  stop(): void
}

/** Follows a page that is left, frozen, shown again, offline and back. */
export function followPage(
  page: Page,
  { telemetry, tabs, refresher, watch, checkClocks, review }: PageLife,
): FollowedPage {
  let isLeft = false
  const stop = page.watch((signal) => {
    recordPage(telemetry, signal)
    checkClocks()
    // A page that is left is told `hidden` after `pagehide`: that does not bring it back.
    const cause = returns[signal]
    if (cause) isLeft = false
    if (signal === 'pagehide' || signal === 'frozen') {
      isLeft = true
      // A page with an open channel is not kept in the back-forward cache.
      tabs.suspend()
    }
    // Which signal comes first is up to the browser. What was said while the channel was closed was not heard.
    if (cause && !tabs.hears) {
      tabs.resume()
      watch.distrust()
    }
    if (signal === 'online') refresher.wake()
    if (cause) watch.look()
    review(cause)
  })
  return { isLeft: () => isLeft, stop }
}
