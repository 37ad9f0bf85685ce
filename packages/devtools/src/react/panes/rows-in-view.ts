import { type RefObject, useLayoutEffect, useState } from 'react'

/** Rows beside those in view, so that who scrolls finds them there. */
const spare = 12

/** Which rows of a scroller are to be rendered, of so many that all have one height: the first, and one past the last. */
export function useRowsInView(scroller: RefObject<HTMLElement | null>, rowHeight: number, count: number) {
  const [top, setTop] = useState(0)
  const [shown, setShown] = useState(0)
  useLayoutEffect(() => {
    const element = scroller.current!
    const look = () => {
      setTop(Math.floor(element.scrollTop / rowHeight))
      setShown(Math.ceil(element.clientHeight / rowHeight))
    }
    const sizes = new ResizeObserver(look)
    look()
    sizes.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [scroller, rowHeight])
  // Rows may have gone that were scrolled to.
  const first = Math.max(0, Math.min(top, count - shown) - spare)
  return { first, last: Math.min(count, first + shown + spare * 2) }
}
