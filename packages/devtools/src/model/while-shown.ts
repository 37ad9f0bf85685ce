/** Stops when the page is left and starts when it comes back: with a channel open it is not kept to be shown again as it was. */
export function whileShown(start: () => () => void): () => void {
  let stop: (() => void) | undefined = start()
  const hide = () => {
    stop?.()
    stop = undefined
  }
  const show = () => void (stop ??= start())
  globalThis.addEventListener?.('pagehide', hide)
  globalThis.addEventListener?.('pageshow', show)
  return () => {
    globalThis.removeEventListener?.('pagehide', hide)
    globalThis.removeEventListener?.('pageshow', show)
    hide()
  }
}
