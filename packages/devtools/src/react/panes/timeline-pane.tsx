import { Suspense, useEffect, useRef, useState } from 'react'
import { attachGestures } from '../../timeline/gestures.ts'
import type { LaneRows } from '../../timeline/lane-rows.ts'
import { palettes } from '../../timeline/palette.ts'
import { Stage } from '../../timeline/stage.ts'
import { usePanel } from '../context.ts'
import { useMedia } from '../hooks/use-surroundings.ts'
import { LaneLabels } from './lane-labels.tsx'
import { late } from '../load-late.ts'
import type { Hover } from './tooltip.tsx'

const Tooltip = late((all) => all.Tooltip)

/** Hosts the stage: the elements it draws into, and the keys while it has focus. */
export function TimelinePane() {
  const { view, theme } = usePanel()
  const [rows, setRows] = useState<LaneRows>({ rows: [], height: 0 })
  const [hover, setHover] = useState<Hover | null>(null)
  const reducedMotion = useMedia('(prefers-reduced-motion: reduce)')
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
    const onHover = (record: string | null, x: number, y: number) => setHover(record === null ? null : { record, x, y })
    // What was under the pointer may have moved away.
    const onDraw = () => setHover((at) => at && (stage.recordAt(at.x, at.y) === at.record ? at : null))
    const options = { palette: palettes[theme], reducedMotion, onRows: setRows, onDraw }
    const stage = new Stage(view, elements, options)
    const detach = attachGestures(stage, onHover)
    stage.start()
    return () => {
      detach()
      stage.stop()
    }
  }, [view, theme, reducedMotion])

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
      {hover !== null && (
        <Suspense fallback={null}>
          <Tooltip at={hover} />
        </Suspense>
      )}
    </div>
  )
}
