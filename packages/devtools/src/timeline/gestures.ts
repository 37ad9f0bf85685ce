import { recordTime } from '../model/relay.ts'
import { toTime } from './scale.ts'
import type { Stage } from './stage.ts'

const clickRadius = 3

/**
 * Pointer and wheel: drag pans, ctrl and wheel zooms at the cursor, a sideways wheel pans, a click selects, a double click
 * enlarges. The plain wheel scrolls the lanes, or the page. Returns the way to let go.
 */
export function attachGestures(
  stage: Stage,
  onHover: (record: string | null, x: number, y: number) => void,
): () => void {
  const { canvas, overview } = stage.elements
  const { view } = stage
  const controller = new AbortController()
  const { signal } = controller
  let drag: { x: number; moved: boolean } | null = null

  canvas.addEventListener(
    'pointerdown',
    ({ button, pointerId, clientX }) => {
      if (button !== 0) return
      canvas.setPointerCapture(pointerId)
      drag = { x: clientX, moved: false }
    },
    { signal },
  )
  canvas.addEventListener(
    'pointermove',
    ({ clientX, clientY }) => {
      if (drag === null) return onHover(stage.recordAt(clientX, clientY), clientX, clientY)
      const by = drag.x - clientX
      if (!drag.moved && Math.abs(by) < clickRadius) return
      onHover(null, 0, 0)
      drag = { x: clientX, moved: true }
      view.pan(by)
    },
    { signal },
  )
  canvas.addEventListener(
    'pointerup',
    ({ clientX, clientY }) => {
      if (drag?.moved === false) view.select(stage.recordAt(clientX, clientY))
      drag = null
    },
    { signal },
  )
  canvas.addEventListener('pointercancel', () => void (drag = null), { signal })
  canvas.addEventListener('pointerleave', () => onHover(null, 0, 0), { signal })
  canvas.addEventListener(
    'dblclick',
    ({ clientX, clientY }) => {
      const record = stage.recordAt(clientX, clientY)
      if (record !== null) view.reveal(record, recordTime(), true)
    },
    { signal },
  )
  canvas.addEventListener(
    'wheel',
    (event) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * 0.003), event.offsetX)
      else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) view.pan(sideways)
      else return
      event.preventDefault()
    },
    { signal, passive: false },
  )

  const centreOn = (event: PointerEvent) => {
    const { from, to } = view.scale
    const middle = toTime(stage.overviewScale, event.offsetX)
    view.show(middle - (to - from) / 2, middle + (to - from) / 2, 0)
  }
  overview.addEventListener(
    'pointerdown',
    (event) => {
      overview.setPointerCapture(event.pointerId)
      centreOn(event)
    },
    { signal },
  )
  overview.addEventListener(
    'pointermove',
    (event) => {
      if (event.buttons === 1) centreOn(event)
    },
    { signal },
  )
  return () => controller.abort()
}

/** Keys of the focused timeline. Returns whether the key was one of them. */
export function pressKey(
  stage: Stage,
  event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean },
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const { view, elements } = stage
  const now = recordTime()
  const page = view.scale.width / 6
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => view.pan(-page),
    a: () => view.pan(-page),
    ArrowRight: () => view.pan(page),
    d: () => view.pan(page),
    ArrowUp: () => elements.scroller.scrollBy({ top: -32 }),
    ArrowDown: () => elements.scroller.scrollBy({ top: 32 }),
    w: () => view.zoom(1.5, view.scale.width / 2),
    '+': () => view.zoom(1.5, view.scale.width / 2),
    s: () => view.zoom(1 / 1.5, view.scale.width / 2),
    '-': () => view.zoom(1 / 1.5, view.scale.width / 2),
    f: () => view.fit(now),
    ' ': () => view.setLive(!view.live),
    n: () => view.stepProblem(1, now),
    p: () => view.stepProblem(-1, now),
    j: () => view.stepFlight(1, now),
    k: () => view.stepFlight(-1, now),
    Enter: () => view.selected !== null && view.reveal(view.selected, now, true),
    Escape: () => view.select(null),
  }
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  act?.()
  return act !== undefined
}
