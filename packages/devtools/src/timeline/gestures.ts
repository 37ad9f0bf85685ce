import { type Brush, openBrush } from './brush.ts'
import { listenTo } from './listen.ts'
import { attachOverview } from './overview-gestures.ts'
import { toTime } from './scale.ts'
import type { Stage } from './stage.ts'

const clickRadius = 3

/**
 * Pointer and wheel: drag pans, with shift it picks a span of time to zoom to, ctrl and wheel zooms at the cursor, a sideways
 * wheel pans, a click selects, a double click enlarges. The plain wheel scrolls the lanes, or the page. On the overview a drag
 * moves the window, or picks a new one. Returns the way to let go.
 */
export function attachGestures(
  stage: Stage,
  onHover: (record: string | null, x: number, y: number) => void,
): () => void {
  const { canvas } = stage.elements
  const { view } = stage
  const controller = new AbortController()
  const on = listenTo(canvas, controller.signal)
  let drag: { x: number; moved: boolean; brush: Brush | null } | null = null

  on('pointerdown', ({ button, pointerId, clientX, offsetX, shiftKey }) => {
    if (button !== 0) return
    canvas.setPointerCapture(pointerId)
    drag = { x: clientX, moved: false, brush: shiftKey ? openBrush(stage.elements.brush, offsetX) : null }
  })
  on('pointermove', ({ clientX, clientY, offsetX }) => {
    if (drag === null) return onHover(stage.recordAt(clientX, clientY), clientX, clientY)
    if (drag.brush !== null) return drag.brush.moveTo(offsetX)
    const by = drag.x - clientX
    if (!drag.moved && Math.abs(by) < clickRadius) return
    onHover(null, 0, 0)
    drag = { x: clientX, moved: true, brush: null }
    view.pan(by)
  })
  on('pointerup', ({ clientX, clientY }) => {
    const picked = drag?.brush?.close()
    if (picked) view.show(toTime(view.scale, picked.from), toTime(view.scale, picked.to), 0)
    else if (drag?.moved === false) view.point(stage.recordAt(clientX, clientY))
    drag = null
  })
  on('pointercancel', () => {
    drag?.brush?.close()
    drag = null
  })
  on('pointerleave', () => onHover(null, 0, 0))
  on('dblclick', ({ clientX, clientY }) => {
    const record = stage.recordAt(clientX, clientY)
    if (record !== null) view.reveal(record, true)
  })
  on('wheel', (event) => {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * 0.003), event.offsetX)
    else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) view.pan(sideways)
    else return
    event.preventDefault()
  })

  attachOverview(stage, controller.signal)
  return () => controller.abort()
}
