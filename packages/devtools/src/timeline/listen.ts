/** Hears events of an element until the signal; a wheel may be kept from scrolling the page. */
export function listenTo(element: HTMLElement, signal: AbortSignal) {
  return <Type extends keyof HTMLElementEventMap>(
    type: Type,
    listener: (event: HTMLElementEventMap[Type]) => void,
  ): void => element.addEventListener(type, listener, { signal, passive: false })
}
