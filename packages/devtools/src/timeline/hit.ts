import type { DisplayList, DrawItem } from './display-list.ts'
import type { RecordModel } from '../model/record-model.ts'
import { type Scale, toTime } from './scale.ts'

/** The id of the record under a point, in CSS pixels from the picture's top left; `null` over nothing. */
export function hitTest(model: RecordModel, list: DisplayList, scale: Scale, x: number, y: number): string | null {
  for (let index = list.items.length - 1; index >= 0; index--) {
    const item = list.items[index]!
    const box = boxOf(item)
    if (box === null || x < box.left || x > box.right || y < box.top || y > box.bottom) continue
    if (item.type === 'generation') return item.id
    if (item.type === 'strip') {
      const at = item.track.firstEnding(model.columns, toTime(scale, x - 2))
      const row = item.track.rows[at]
      const isThere = at < item.track.size && model.columns.startedAt[row!]! <= toTime(scale, x + 2)
      if (isThere) return model.columns.record(row!).id
    } else if ('row' in item) return model.columns.record(item.row).id
  }
  return null
}

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Where an item is; a little more where it is too small to point at. `null` for what cannot be pointed at. */
export function boxOf(item: DrawItem | undefined): Box | null {
  switch (item?.type) {
    case 'bar':
    case 'fold':
    case 'generation':
      return grow({ left: item.x, right: item.x + item.width, top: item.y, bottom: item.y + item.height })
    case 'mark':
    case 'bolt':
      return { left: item.x - 8, right: item.x + 8, top: item.y - 10, bottom: item.y + 10 }
    case 'strip':
      return { left: item.x, right: item.x + item.pixels.length, top: item.y, bottom: item.y + item.height }
    default:
      return null
  }
}

/** The item that stands for a record, to be outlined. */
export function itemOf(list: DisplayList, row: number): DrawItem | undefined {
  return list.items.find((item) => 'row' in item && item.row === row && item.type !== 'bolt')
}

function grow(box: Box): Box {
  const missing = Math.max(0, 8 - (box.right - box.left)) / 2
  return { ...box, left: box.left - missing, right: box.right + missing }
}
