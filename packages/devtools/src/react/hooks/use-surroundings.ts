import { type RefObject, useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { Theme } from '../../timeline/palette.ts'

/** What a media query says, as it changes. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => false,
  )
}

/**
 * The theme to show: the one asked for, else what the page around the panel says by `color-scheme`, else what the reader
 * prefers. Forced colours win over all.
 */
export function useTheme(wanted: 'light' | 'dark' | 'system', root: RefObject<HTMLElement | null>): Theme {
  const prefersDark = useMedia('(prefers-color-scheme: dark)')
  const forced = useMedia('(forced-colors: active)')
  const [scheme, setScheme] = useState('normal')
  useEffect(() => {
    const read = () => setScheme(getComputedStyle(root.current?.parentElement ?? document.body).colorScheme)
    const changes = new MutationObserver(read)
    for (const element of [document.documentElement, document.body])
      changes.observe(element, { attributeFilter: ['class', 'style', 'data-theme'] })
    read()
    return () => changes.disconnect()
  }, [root])
  if (forced) return 'forced'
  if (wanted !== 'system') return wanted
  if (scheme === 'light' || scheme === 'dark') return scheme
  return prefersDark ? 'dark' : 'light'
}

/** The width of an element in CSS pixels, 0 until it is known. */
export function useWidth(root: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = root.current
    if (element === null) return
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth))
    sizes.observe(element)
    return () => sizes.disconnect()
  }, [root])
  return width
}
