import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useRef } from 'react'
import { usePanel } from '../context.ts'

interface SplitProps {
  /** `columns` puts the side right of the main part, `rows` below it. */
  readonly direction: 'columns' | 'rows'
  readonly main: ReactNode
  /** `null` gives all the room to the main part. */
  readonly side: ReactNode
}

const shares = { least: 15, most: 70, step: 3 }

/** Two parts and a bar between them that is dragged, or moved with the arrow keys (the window splitter pattern of ARIA). */
export function Split({ direction, main, side }: SplitProps) {
  const { settings, change } = usePanel()
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const share = settings[direction]
  const resize = (wanted: number) => change({ [direction]: Math.min(shares.most, Math.max(shares.least, wanted)) })

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const { right, bottom, width, height } = box.current!.getBoundingClientRect()
    resize(100 * (direction === 'columns' ? (right - event.clientX) / width : (bottom - event.clientY) / height))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted: Record<string, number> = {
      [direction === 'columns' ? 'ArrowLeft' : 'ArrowUp']: share + shares.step,
      [direction === 'columns' ? 'ArrowRight' : 'ArrowDown']: share - shares.step,
      Home: shares.most,
      End: shares.least,
    }
    const next = wanted[event.key]
    if (next === undefined) return
    event.preventDefault()
    resize(next)
  }
  return (
    <div ref={box} className="af-split" data-direction={direction}>
      <div className="af-main">{main}</div>
      {side !== null && (
        <>
          <div
            className="af-separator"
            role="separator"
            tabIndex={0}
            aria-label="Size of the detail pane"
            aria-orientation={direction === 'columns' ? 'vertical' : 'horizontal'}
            aria-controls={id}
            aria-valuenow={Math.round(share)}
            aria-valuemin={shares.least}
            aria-valuemax={shares.most}
            onKeyDown={onKeyDown}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointerMove}
          />
          <div id={id} className="af-side" style={{ flexBasis: `${share}%` }}>
            {side}
          </div>
        </>
      )}
    </div>
  )
}
