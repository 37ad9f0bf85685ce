import { type DisplayList, type DrawItem, shapeLimit } from './display-list.ts'
import { drawFocus } from './draw-focus.ts'
import { drawInstants, drawRibbon } from './draw-instants.ts'
import { drawLane, drawLaneStrips, type Scene, visibleRange } from './draw-lane.ts'
import type { LaneRow } from './lane-rows.ts'

/** The part of the picture between two heights, in CSS pixels from its top. */
export interface Viewport {
  readonly top: number
  readonly bottom: number
}

/** What is in view, as data. Costs pixels and lines in view, not spans. */
export function layOut(scene: Scene, rows: readonly LaneRow[], viewport: Viewport): DisplayList {
  const inView = rows.filter((row) => row.y + row.height >= viewport.top && row.y <= viewport.bottom)
  const bars = inView.reduce((sum, row) => sum + countBars(scene, row), 0)
  const mode = bars > shapeLimit ? 'strips' : 'shapes'
  const draw = (row: LaneRow): DrawItem[] => {
    if (row.kind === 'ribbon') return drawRibbon(scene, row)
    if (row.kind !== 'lane') return drawInstants(scene, row)
    return mode === 'strips' ? drawLaneStrips(scene, row) : drawLane(scene, row)
  }
  const { below, items, above } = drawFocus(scene, inView.flatMap(draw), viewport)
  return { items: [...below, ...items, ...above], bars, mode, dimmed: scene.focus?.dimmed ?? null }
}

function countBars(scene: Scene, row: LaneRow): number {
  if (row.kind !== 'lane') return 0
  return [...row.lane.flights, ...row.lane.nested].reduce((sum, track) => {
    const { first, last } = visibleRange(scene, track)
    return sum + last - first
  }, 0)
}
