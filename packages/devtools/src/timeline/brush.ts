/** A span of pixels that is being picked by a drag. */
export interface Brush {
  moveTo(x: number): void
  /** Ends it. Gives the span, or `null` where it is too small to be meant. */
  close(): { from: number; to: number } | null
}

const leastPixels = 6

/** Shows the span in the element as it grows. */
export function openBrush(element: HTMLElement, start: number): Brush {
  let end = start
  const span = () => ({ from: Math.min(start, end), to: Math.max(start, end) })
  return {
    moveTo(x) {
      end = x
      const { from, to } = span()
      element.hidden = false
      element.style.transform = `translateX(${from}px)`
      element.style.width = `${to - from}px`
    },
    close() {
      element.hidden = true
      const { from, to } = span()
      return to - from < leastPixels ? null : { from, to }
    },
  }
}
