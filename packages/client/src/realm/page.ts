/** What a page tells about itself that matters to a session. */
export type PageSignal =
  | 'visible'
  | 'hidden'
  | 'focus'
  | 'online'
  | 'offline'
  | 'pagehide'
  | 'pageshow'
  | 'restored'
  | 'frozen'
  | 'resumed'

/** The page that a client runs in, if it runs in one. */
export interface Page {
  /** Where the page is; null outside a page. */
  readonly href: string | null
  /** What relative addresses of requests are relative to; null outside a page. */
  readonly base: string | null
  /** Nobody looks at this page now. A worker or a server counts as looked at. */
  readonly isHidden: boolean
  /** The platform says that there is no network. False where it does not say. */
  readonly isOffline: boolean
  /** Listens to the page. Returns stop. */
  watch(heard: (signal: PageSignal) => void): () => void
  /** Goes to another address; outside a page nothing happens. */
  leave(href: string): void
  /** Shows another address without going there, and tells routers so. May throw where a page may not. */
  replaceAddress(href: string): void
}

/** The page of this realm. A worker has an address, and can neither leave it nor change it. */
export const systemPage: Page = {
  get href() {
    return globalThis.location?.href ?? null
  },
  get base() {
    return globalThis.document?.baseURI ?? globalThis.location?.href ?? null
  },
  get isHidden() {
    return globalThis.document?.visibilityState === 'hidden'
  },
  get isOffline() {
    return globalThis.navigator?.onLine === false
  },
  watch(heard) {
    if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
    const stop = new AbortController()
    const on = (target: EventTarget, type: string, signal: (event: Event) => PageSignal): void =>
      target.addEventListener(type, (event) => heard(signal(event)), {
        signal: stop.signal,
      })
    on(document, 'visibilitychange', () => (document.visibilityState === 'visible' ? 'visible' : 'hidden'))
    on(document, 'freeze', () => 'frozen')
    on(document, 'resume', () => 'resumed')
    for (const signal of ['focus', 'online', 'offline', 'pagehide'] as const) on(window, signal, () => signal)
    on(window, 'pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'restored' : 'pageshow'))
    return () => stop.abort()
  },
  leave(href) {
    if (typeof globalThis.location?.assign === 'function') location.assign(href)
  },
  replaceAddress(href) {
    if (!globalThis.history || href === location.href) return
    history.replaceState(history.state, '', href)
    // As after a step back. Without a state: one that a router has left for the old address would bring that back.
    dispatchEvent(new PopStateEvent('popstate'))
  },
}
