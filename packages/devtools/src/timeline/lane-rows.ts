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
  | (Place & { readonly kind: 'storage' | 'events'; readonly group: AccountGroup; readonly track: Track })
  | (Place & { readonly kind: 'page'; readonly group?: undefined; readonly track: Track })

/** Whose lanes stand together: those of an account, or those of a tab, its clients one after the other. */
export type Grouping = 'account' | 'tab'

export interface LaneRows {
  readonly rows: readonly LaneRow[]
  readonly height: number
}

/** The picture's lines: a group an account with its ribbon, clients, storage and events, or the clients by tab between them; the page last. */
export function arrangeRows(model: RecordModel, grouping: Grouping = 'account'): LaneRows {
  const { page } = model.lanes
  const groups = liveFirst(model.lanes.groups)
  const rows: LaneRow[] = []
  let y = 0
  const place = (key: string, height: number): Place => {
    const placed = { key, y, height }
    y += height
    return placed
  }
  const addRibbon = (group: AccountGroup) =>
    rows.push({ kind: 'ribbon', group, ...place(`${group.key} ribbon`, heights.ribbon) })
  const addLane = (group: AccountGroup, lane: Lane) =>
    rows.push({ kind: 'lane', group, lane, ...place(`${group.key} ${lane.tab} ${lane.client}`, laneHeight(lane)) })
  const addInstants = (group: AccountGroup) => {
    for (const kind of ['storage', 'events'] as const) {
      const track = group[kind]
      if (track.size > 0) rows.push({ kind, group, track, ...place(`${group.key} ${kind}`, heights.instants) })
    }
    y += heights.gap
  }
  if (grouping === 'account') {
    for (const group of groups) {
      addRibbon(group)
      for (const lane of group.lanes) addLane(group, lane)
      addInstants(group)
    }
  } else {
    groups.forEach(addRibbon)
    const lanes = groups.flatMap((group) => group.lanes.map((lane) => ({ group, lane })))
    const indexOf = ({ lane }: { lane: Lane }) => model.labels.tabIndex(lane.tab)
    lanes
      .sort((a, b) => indexOf(a) - indexOf(b))
      .forEach(({ group, lane }, at) => {
        if (lane.tab !== lanes[at - 1]?.lane.tab) y += heights.gap
        addLane(group, lane)
      })
    groups.forEach(addInstants)
  }
  if (page.size > 0) rows.push({ kind: 'page', track: page, ...place('page', heights.instants) })
  return { rows, height: y }
}

/** Who is signed in before who was, and of each the newest first: what the reader has before the eyes is not of an earlier visit. */
function liveFirst(groups: readonly AccountGroup[]): AccountGroup[] {
  const isLive = ({ sessions }: AccountGroup) => sessions.some(({ endedAt }) => endedAt === null)
  return groups.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)) || b.number - a.number)
}

/** Where the parts of a lane begin, below its top. */
export function partsOf(lane: Lane): { flights: number; nested: number; waits: number } {
  const nested = heights.lanePadding + lane.flights.length * heights.flight
  const waits = nested + lane.nested.length * heights.nested
  return { flights: heights.lanePadding, nested, waits }
}

/** Where a record is drawn, from the top; of a wait the lines of its lane's waits. `null` where no line has it. */
export function findPlace(
  model: RecordModel,
  { rows }: LaneRows,
  record: number,
): { readonly y: number; readonly height: number } | null {
  const flight = model.flightOf(record)
  for (const line of rows) {
    if (line.kind === 'ribbon') continue
    if (line.kind !== 'lane') {
      if (has(line.track, record)) return line
      continue
    }
    const { flights, nested } = line.lane
    const parts = partsOf(line.lane)
    const at = flights.findIndex((track) => has(track, record))
    if (at >= 0) return { y: line.y + parts.flights + at * heights.flight, height: heights.flight }
    const nestedAt = nested.findIndex((track) => has(track, record))
    if (nestedAt >= 0) return { y: line.y + parts.nested + nestedAt * heights.nested, height: heights.nested }
    const isWait = flight !== undefined && flights.some((track) => has(track, flight.row))
    if (isWait) return { y: line.y + parts.waits, height: waitLinesOf(line.lane) * heights.wait }
  }
  return null
}

function has({ rows, size }: Track, row: number): boolean {
  const at = rows.indexOf(row)
  return at >= 0 && at < size
}

function laneHeight(lane: Lane): number {
  return partsOf(lane).waits + waitLinesOf(lane) * heights.wait + heights.lanePadding
}
