import { type Brush, openBrush } from './brush.ts'
import { listenTo } from './listen.ts'
import { windowOf } from './overview.ts'
import { lengthOf, toTime } from './scale.ts'
import type { Stage } from './stage.ts'

/** From inside of the window a drag moves it; from outside it picks a new one, and a click brings the window there. */
export function attachOverview(stage: Stage, signal: AbortSignal): void {
  const { overview, overviewBrush } = stage.elements
  const { view } = stage
  const on = listenTo(overview, signal)
  let brush: Brush | null = null
  let grip: number | null = null

  const centreOn = (x: number) => {
    const middle = toTime(stage.overviewScale, x)
    const half = lengthOf(view.scale) / 2
    view.show(middle - half, middle + half, 0)
  }
  on('pointerdown', ({ button, pointerId, offsetX }) => {
    if (button !== 0) return
    overview.setPointerCapture(pointerId)
    const { x, width } = windowOf(stage.overviewScale, view.scale)
    const isInside = offsetX >= x && offsetX <= x + width
    grip = isInside ? offsetX - (x + width / 2) : null
    brush = isInside ? null : openBrush(overviewBrush, offsetX)
  })
  on('pointermove', ({ buttons, offsetX }) => {
    if (buttons !== 1) return
    if (grip !== null) centreOn(offsetX - grip)
    else brush?.moveTo(offsetX)
  })
  const release = ({ offsetX }: PointerEvent) => {
    const picked = brush?.close() ?? null
    if (picked !== null) view.show(toTime(stage.overviewScale, picked.from), toTime(stage.overviewScale, picked.to), 0)
    else if (brush !== null) centreOn(offsetX)
    brush = null
    grip = null
  }
  on('pointerup', release)
  on('pointercancel', () => {
    brush?.close()
    brush = grip = null
  })
}
