/**
 * Tells when the page may be about to go, and when the network is back. Hidden is the last that a page on a phone is sure to
 * hear; `pagehide` covers the rest.
 */
export function watchPage(flush: () => void, wake: () => void): () => void {
  const page = globalThis as Partial<Pick<typeof globalThis, 'document'>> & EventTarget
  const hidden = (): void => {
    if (page.document?.visibilityState === 'hidden') flush()
  }
  // A worker has no document, and an app may run where there is no global event at all.
  if (typeof page.addEventListener !== 'function') return () => {}
  page.document?.addEventListener('visibilitychange', hidden)
  page.addEventListener('pagehide', flush)
  page.addEventListener('online', wake)
  return () => {
    page.document?.removeEventListener('visibilitychange', hidden)
    page.removeEventListener('pagehide', flush)
    page.removeEventListener('online', wake)
  }
}
