import { type AccountGroup, type Lane, waitLinesOf } from '../model/lanes.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { Track } from '../model/track.ts'

/** Heights in CSS pixels. */
export const heights = { ribbon: 32, flight: 20, nested: 16, wait: 10, instants: 24, gap: 4, lanePadding: 6 } as const

interface Place {
  readonly key: string
  readonly y: number
  readonly height: number
}

/** One line of the picture, from top to bottom, with all it needs to be drawn. */
export type LaneRow =
  | (Place & { readonly kind: 'ribbon'; readonly group: AccountGroup })
  | (Place & { readonly kind: 'lane'; readonly group: AccountGroup; readonly lane: Lane })
  | (Place & { readonly kind: 'storage' | 'events' | 'page'; readonly track: Track })

export interface LaneRows {
  readonly rows: readonly LaneRow[]
  readonly height: number
}

/** The picture's lines: a group an account with its ribbon, clients, storage and events; the page last. */
export function arrangeRows(model: RecordModel): LaneRows {
  const rows: LaneRow[] = []
  let y = 0
  const place = (key: string, height: number): Place => {
    const placed = { key, y, height }
    y += height
    return placed
  }
  for (const group of model.lanes.groups) {
    rows.push({ kind: 'ribbon', group, ...place(`${group.key} ribbon`, heights.ribbon) })
    for (const lane of group.lanes) {
      rows.push({ kind: 'lane', group, lane, ...place(`${group.key} ${lane.tab} ${lane.client}`, laneHeight(lane)) })
    }
    if (group.storage.size > 0)
      rows.push({ kind: 'storage', track: group.storage, ...place(`${group.key} storage`, heights.instants) })
    if (group.events.size > 0)
      rows.push({ kind: 'events', track: group.events, ...place(`${group.key} events`, heights.instants) })
    y += heights.gap
  }
  if (model.lanes.page.size > 0)
    rows.push({ kind: 'page', track: model.lanes.page, ...place('page', heights.instants) })
  return { rows, height: y }
}

/** Where the parts of a lane begin, below its top. */
export function partsOf(lane: Lane): { flights: number; nested: number; waits: number } {
  const nested = heights.lanePadding + lane.flights.length * heights.flight
  const waits = nested + lane.nested.length * heights.nested
  return { flights: heights.lanePadding, nested, waits }
}

function laneHeight(lane: Lane): number {
  return partsOf(lane).waits + waitLinesOf(lane) * heights.wait + heights.lanePadding
}
