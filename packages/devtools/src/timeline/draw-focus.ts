import { formatDuration } from '../model/format.ts'
import type { DrawItem } from './display-list.ts'
import type { Focus } from './focus.ts'
import type { Scene } from './draw-lane.ts'
import { type Box, boxOf, itemOf } from './hit.ts'
import type { Viewport } from './layout.ts'
import { toX } from './scale.ts'

/** What lies over everything: folded time, marked times, the numbers of an incident's steps. */
export function drawFocus(
  scene: Scene,
  items: readonly DrawItem[],
  viewport: Viewport,
): { below: DrawItem[]; items: readonly DrawItem[]; above: DrawItem[] } {
  const focus = scene.focus
  const { scale } = scene
  const { top: y, bottom } = viewport
  const height = bottom - y
  const below = (scale.folds?.within(scale.from, scale.to) ?? []).map((fold): DrawItem => {
    const x = toX(scale, fold.from)
    return { type: 'gap', x, y, width: toX(scale, fold.to) - x, height, label: formatDuration(fold.to - fold.from) }
  })
  if (focus === undefined) return { below, items, above: [] }
  const markers = focus.markers.flatMap((at, index): DrawItem[] => {
    const x = toX(scale, at)
    return x < 0 || x > scale.width ? [] : [{ type: 'marker', x, y, height, label: String(index + 1) }]
  })
  const steps = drawSteps(scene, focus, items)
  return {
    below,
    items: steps.length === 0 ? items : items.map((item) => reserve(item, steps)),
    above: [...markers, ...steps],
  }
}

/** The number of each step where its record is drawn; those in one place side by side. */
function drawSteps({ model, scale }: Scene, { steps, current }: Focus, items: readonly DrawItem[]): DrawItem[] {
  const taken: { x: number; y: number }[] = []
  return steps.flatMap(({ record, at }, index): DrawItem[] => {
    const row = model.columns.rowOf(record)
    if (row === undefined) return []
    const box = boxOf(itemOf({ items, bars: 0, mode: 'shapes' }, row))
    if (box === null) return []
    const y = (box.top + box.bottom) / 2
    let x = besideOf(box, toX(scale, at))
    while (taken.some((other) => Math.abs(other.x - x) < stepWidth && Math.abs(other.y - y) < stepWidth)) x += stepWidth
    taken.push({ x, y })
    return [{ type: 'step', x, y, number: index + 1, current: index === current, row }]
  })
}

const stepWidth = 18

/** The words of a bar end before the number that stands on its end. */
function reserve(item: DrawItem, steps: readonly DrawItem[]): DrawItem {
  if (item.type !== 'bar') return item
  const right = item.x + item.width
  const isTaken = steps.some((step) => step.type === 'step' && step.row === item.row && step.x === right - 10)
  return isTaken ? { ...item, reserved: stepWidth } : item
}

/** A number stands before what is small or has its step at the beginning, else on the end, which has no words then. */
function besideOf({ left, right }: Box, x: number): number {
  const isAtEnd = right - left >= stepWidth * 2 && x > (left + right) / 2
  return isAtEnd ? right - 10 : left - 9
}
