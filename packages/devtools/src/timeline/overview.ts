import type { RecordModel } from '../model/record-model.ts'
import { search } from '../model/track.ts'
import type { Palette } from './palette.ts'
import { type Scale, toTime, toX } from './scale.ts'

export interface OverviewColumn {
  readonly x: number
  /** Flights that started here, against the busiest column, 0 to 1. */
  readonly share: number
  /** How many of them went wrong, 0 to 1. */
  readonly wrong: number
}

const columnWidth = 4

/** The whole recording in columns of four pixels; costs columns, not spans. */
export function layOutOverview(model: RecordModel, scale: Scale): OverviewColumn[] {
  const { columns, flights, problems } = model
  const starts = (index: number) => columns.startedAt[flights.all[index]!.row]!
  const problemAt = (index: number) => columns.startedAt[problems[index]!]!
  const countBefore = (time: number) => search(0, flights.all.length, (index) => starts(index) >= time)
  const problemsBefore = (time: number) => search(0, problems.length, (index) => problemAt(index) >= time)
  const counts: { x: number; count: number; problems: number }[] = []
  for (let x = 0; x < scale.width; x += columnWidth) {
    const from = toTime(scale, x)
    const to = toTime(scale, x + columnWidth)
    const count = countBefore(to) - countBefore(from)
    const inColumn = problemsBefore(to) - problemsBefore(from)
    if (count > 0 || inColumn > 0) counts.push({ x, count, problems: inColumn })
  }
  const most = counts.reduce((max, { count }) => Math.max(max, count), 1)
  return counts.map(({ x, count, problems }) => {
    return { x, share: count / most, wrong: Math.min(1, problems / Math.max(1, count)) }
  })
}

/** What the overview spans: all there is, up to now; of a live recording at least `least` milliseconds. */
export function overviewScale(model: RecordModel, now: number, width: number, least = 20_000): Scale {
  const { from, size } = model.columns
  const start = size === 0 ? now - Math.max(least, 1_000) : Math.min(from, now - Math.max(least, 1))
  return { from: start - (now - start) * 0.01, to: now + (now - start) * 0.02, width }
}

export function paintOverview(
  context: CanvasRenderingContext2D,
  columns: readonly OverviewColumn[],
  size: { width: number; height: number; ratio: number },
  palette: Palette,
): void {
  const { width, height, ratio } = size
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  for (const { x, share, wrong } of columns) {
    const tall = 3 + share * (height - 11)
    context.fillStyle = palette.tones.wait.edge
    context.fillRect(x, height - tall - 1, columnWidth - 1, tall)
    if (wrong === 0) continue
    context.fillStyle = palette.tones.rejected.edge
    context.fillRect(x, height - wrong * tall - 1, columnWidth - 1, wrong * tall)
    // A problem also has a notch above its column: it is not told by colour alone.
    context.fillRect(x, 1, columnWidth - 1, 4)
  }
}

/** Where the view's window lies on the overview, in CSS pixels. */
export function windowOf(overview: Scale, view: Scale): { x: number; width: number } {
  const from = Math.max(0, Math.min(overview.width, toX(overview, view.from)))
  const to = Math.max(0, Math.min(overview.width, toX(overview, view.to)))
  return { x: from, width: Math.max(4, to - from) }
}
