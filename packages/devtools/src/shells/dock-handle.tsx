import type { KeyboardEvent, PointerEvent } from 'react'
import { clampShare } from './dock-state.ts'

/** The upper edge, dragged or moved with the arrow keys (the window splitter pattern of ARIA). */
export function DockHandle({
  share,
  onChange,
}: {
  readonly share: number
  readonly onChange: (share: number) => void
}) {
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) onChange(clampShare(1 - event.clientY / innerHeight))
  }
  const step = (event: KeyboardEvent) => {
    const steps: Partial<Record<string, number>> = { ArrowUp: share + 0.05, ArrowDown: share - 0.05, Home: 0, End: 1 }
    const wanted = steps[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    onChange(clampShare(wanted))
  }
  return (
    <div
      className="af-dock-handle"
      role="separator"
      tabIndex={0}
      aria-label="Height of the auth devtools"
      aria-orientation="horizontal"
      aria-valuemin={15}
      aria-valuemax={90}
      aria-valuenow={Math.round(share * 100)}
      onKeyDown={step}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    />
  )
}
