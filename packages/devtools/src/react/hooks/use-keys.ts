import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef } from 'react'
import { createKeys } from '../../timeline/keys.ts'
import { composeHeadline } from '../../verdicts/headline.ts'
import type { Panel } from '../context.ts'

/** What hears the panel's keys. */
export function useKeys(panel: Panel, root: RefObject<HTMLElement | null>, showKeys: () => void) {
  const latest = useRef(panel)
  useLayoutEffect(() => {
    latest.current = panel
  })
  const press = useRef<(event: globalThis.KeyboardEvent) => void>(null)
  useLayoutEffect(() => {
    const find = <T extends Element>(selector: string) => root.current?.querySelector<T>(selector) ?? null
    press.current = createKeys({
      view: panel.view,
      scrollBy: (top) => find('.af-lanes')?.scrollBy({ top }),
      focusFilter: () => find<HTMLInputElement>('.af-filter input')?.focus(),
      showKeys,
      showRace: () => {
        const { model, names, view, toTimeline } = latest.current
        const { verdict } = composeHeadline(model, names)
        if (verdict === null) return
        toTimeline()
        view.showRace(verdict)
      },
      stepProblem: (direction) => latest.current.stepProblem(direction),
      focusView: panel.focusView,
      toggleFolding: () => latest.current.change({ folding: !latest.current.settings.folding }),
    })
  }, [panel.view, panel.focusView, root, showKeys])
  return (event: KeyboardEvent<HTMLElement>) => {
    const isField = event.target instanceof Element && event.target.closest('input, select, textarea, dialog') !== null
    const closesMenu = event.key === 'Escape' && root.current?.querySelector('.af-menu:popover-open')
    if (!isField && !closesMenu && !event.defaultPrevented) press.current?.(event.nativeEvent)
  }
}
