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

/** Listens to the page, where there is one. Returns stop. */
export function watchPage(heard: (signal: PageSignal) => void): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const stop = new AbortController()
  const on = (target: EventTarget, type: string, signal: PageSignal | ((event: Event) => PageSignal)): void =>
    target.addEventListener(type, (event) => heard(typeof signal === 'function' ? signal(event) : signal), {
      signal: stop.signal,
    })
  on(document, 'visibilitychange', () => (document.visibilityState === 'visible' ? 'visible' : 'hidden'))
  on(document, 'freeze', 'frozen')
  on(document, 'resume', 'resumed')
  on(window, 'focus', 'focus')
  on(window, 'online', 'online')
  on(window, 'offline', 'offline')
  on(window, 'pagehide', 'pagehide')
  on(window, 'pageshow', (event) => ((event as PageTransitionEvent).persisted ? 'restored' : 'pageshow'))
  return () => stop.abort()
}

/** Nobody looks at this page now. A worker or a server counts as looked at. */
export const isHidden = (): boolean => typeof document !== 'undefined' && document.visibilityState === 'hidden'
