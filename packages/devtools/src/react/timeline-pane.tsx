import { Suspense, useEffect, useRef, useState } from 'react'
import { attachGestures } from '../timeline/gestures.ts'
import type { LaneRows } from '../timeline/lane-rows.ts'
import { palettes } from '../timeline/palette.ts'
import { Stage } from '../timeline/stage.ts'
import { usePanel } from './context.ts'
import { useMedia } from './hooks.ts'
import { LaneLabels } from './lane-labels.tsx'
import { late } from './load-late.ts'
import type { Hover } from './tooltip.tsx'

const Tooltip = late((all) => all.Tooltip)

/** Hosts the stage: the elements it draws into, and the keys while it has focus. */
export function TimelinePane() {
  const { model, view, theme } = usePanel()
  const [rows, setRows] = useState<LaneRows>({ rows: [], height: 0 })
  const [hover, setHover] = useState<Hover | null>(null)
  const reducedMotion = useMedia('(prefers-reduced-motion: reduce)')
  const stage = useRef<Stage>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const axis = useRef<HTMLDivElement>(null)
  const span = useRef<HTMLSpanElement>(null)
  const selection = useRef<HTMLDivElement>(null)
  const overview = useRef<HTMLCanvasElement>(null)
  const overviewWindow = useRef<HTMLDivElement>(null)
  const brush = useRef<HTMLDivElement>(null)
  const overviewBrush = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const elements = {
      canvas: canvas.current!,
      scroller: scroller.current!,
      axis: axis.current!,
      span: span.current!,
      selection: selection.current!,
      overview: overview.current!,
      overviewWindow: overviewWindow.current!,
      brush: brush.current!,
      overviewBrush: overviewBrush.current!,
    }
    const made = new Stage(model, view, elements, { palette: palettes[theme], reducedMotion, onRows: setRows })
    stage.current = made
    const detach = attachGestures(made, (record, x, y) => setHover(record === null ? null : { record, x, y }))
    made.start()
    return () => {
      detach()
      made.stop()
      stage.current = null
    }
  }, [model, view, theme, reducedMotion])

  const hovered = hover === null ? undefined : model.columns.rowOf(hover.record)
  return (
    <div className="af-timeline">
      <div className="af-overview-line" aria-hidden>
        <span className="af-gutter">all</span>
        <div className="af-overview">
          <canvas ref={overview} />
          <div ref={overviewWindow} className="af-overview-window" />
          <div ref={overviewBrush} className="af-brush" hidden />
        </div>
      </div>
      <div className="af-axis-line" aria-hidden>
        <span ref={span} className="af-gutter" />
        <div ref={axis} className="af-axis" />
      </div>
      <div
        ref={scroller}
        className="af-lanes"
        role="application"
        aria-label="Timeline. J and K step through refreshes, N and P through problems; the table view holds the same."
        tabIndex={0}
      >
        <div className="af-lanes-all" style={{ minHeight: rows.height }}>
          <LaneLabels rows={rows} />
          <div className="af-stage">
            <canvas ref={canvas} aria-hidden />
            <div ref={selection} className="af-selection" hidden />
            <div ref={brush} className="af-brush" hidden />
          </div>
        </div>
        {rows.rows.every(({ kind }) => kind === 'page') && (
          <p className="af-empty">Waiting for the first session. Sign in, or make a call on an expired token.</p>
        )}
      </div>
      {hover !== null && hovered !== undefined && (
        <Suspense fallback={null}>
          <Tooltip at={hover} row={hovered} />
        </Suspense>
      )}
    </div>
  )
}
