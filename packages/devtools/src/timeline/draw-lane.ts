import type { Flight } from '../model/flights.ts'
import { formatCount, formatDuration } from '../model/format.ts'
import { generationChange } from '../model/generations.ts'
import { maxWaitLines } from '../model/lanes.ts'
import { errorType, number, text, tones } from '../model/names.ts'
import type { RecordModel } from '../model/record-model.ts'
import { openEnd } from '../model/span-columns.ts'
import { search, type Track } from '../model/track.ts'
import { nameOf, outcomeAt, reads } from '../model/words.ts'
import { type DrawItem } from './display-list.ts'
import type { Focus } from './focus.ts'
import { heights, type LaneRow, partsOf } from './lane-rows.ts'
import { type Scale, toTime, toX } from './scale.ts'

export interface Scene {
  readonly model: RecordModel
  readonly scale: Scale
  /** Epoch milliseconds: where open bars end for now. */
  readonly now: number
  readonly focus?: Focus
}

/** The pixel of a strip that stands for what is dimmed. */
export const dimPixel = 255

type Row<Kind> = Extract<LaneRow, { kind: Kind }>
const smallest = 3
/** Pixels of a bar and what is free after it, below which nothing can be read. */
const leastLabel = 24

/** Rows of a track's spans that are in view: index of the first, and one past the last. */
export function visibleRange({ model, scale }: Scene, track: Track): { first: number; last: number } {
  const first = track.firstEnding(model.columns, scale.from)
  return { first, last: Math.max(first, track.firstStarting(model.columns, scale.to)) }
}

/** Flights with what is inside of them, as shapes. */
export function drawLane(scene: Scene, line: Row<'lane'>): DrawItem[] {
  const items: DrawItem[] = []
  const parts = partsOf(line.lane)
  line.lane.flights.forEach((track, index) => {
    const y = line.y + parts.flights + index * heights.flight
    for (const row of eachVisible(scene, track)) {
      items.push(bar(scene, row, y, 'flight'))
      const flight = scene.model.flightOf(row.row)
      if (flight !== undefined) items.push(...drawFlight(scene, flight, y, line.y + parts.waits))
    }
  })
  line.lane.nested.forEach((track, index) => {
    const y = line.y + parts.nested + index * heights.nested
    for (const row of eachVisible(scene, track)) items.push(bar(scene, row, y, 'nested'))
  })
  return items
}

/** One byte a pixel for each track: every jump lands on the next pixel that has a span, so the cost is pixels, not spans. */
export function drawLaneStrips(scene: Scene, line: Row<'lane'>): DrawItem[] {
  const parts = partsOf(line.lane)
  const strips = (tracks: readonly Track[], top: number, height: number) =>
    tracks.map((track, index): DrawItem => {
      const y = line.y + top + index * height
      return { type: 'strip', x: 0, y, height: height - 3, pixels: fillStrip(scene, track), track }
    })
  return [
    ...strips(line.lane.flights, parts.flights, heights.flight),
    ...strips(line.lane.nested, parts.nested, heights.nested),
  ]
}

export function fillStrip(scene: Scene, track: Track): Uint8Array {
  const { model, scale, now, focus } = scene
  const { startedAt, endedAt, tone } = model.columns
  const width = Math.ceil(scale.width)
  const pixels = new Uint8Array(width)
  const { first, last } = visibleRange(scene, track)
  for (let index = first; index < last;) {
    const row = track.rows[index]!
    const from = Math.max(0, Math.floor(toX(scale, startedAt[row]!)))
    const to = Math.min(width, Math.max(from + 1, Math.ceil(toX(scale, Math.min(endedAt[row]!, now)))))
    pixels.fill(focus?.dimmed?.[row] === 1 ? dimPixel : tone[row]! + 1, from, to)
    index = track.firstEnding(model.columns, toTime(scale, to), index + 1)
  }
  for (const row of emphasised(scene, track)) pixels[Math.floor(toX(scale, startedAt[row]!))] = tone[row]! + 1
  return pixels
}

/** A problem narrower than a pixel is shown all the same, or where something is looked for, that. */
function emphasised({ model, scale, focus }: Scene, track: Track): number[] {
  const { columns } = model
  const problems = focus?.dimmed ? focus.meant : model.problems
  const first = search(0, problems.length, (index) => columns.startedAt[problems[index]!]! >= scale.from)
  const found: number[] = []
  for (let index = first; index < problems.length; index++) {
    const row = problems[index]!
    const start = columns.startedAt[row]!
    if (start >= scale.to) break
    const at = track.firstEnding(columns, start)
    if (track.rows[at] === row && at < track.size) found.push(row)
  }
  return found
}

/** Spans in view with the free pixels after each; of several in the same pixel only the first. */
function* eachVisible(scene: Scene, track: Track): Generator<{ row: number; room: number }> {
  const { model, scale } = scene
  const { first, last } = visibleRange(scene, track)
  for (let index = first; index < last;) {
    const row = track.rows[index]!
    const end = endX(scene, row)
    const next = track.firstEnding(model.columns, toTime(scale, end), index + 1)
    const nextX = next < last ? toX(scale, model.columns.startedAt[track.rows[next]!]!) : scale.width
    yield { row, room: Math.max(0, Math.min(nextX, scale.width) - end) }
    index = next
  }
}

function endX({ model, scale, now }: Scene, row: number): number {
  const start = toX(scale, model.columns.startedAt[row]!)
  return Math.max(start + smallest, toX(scale, Math.min(model.columns.endedAt[row]!, now)))
}

function bar(
  scene: Scene,
  { row, room }: { row: number; room: number },
  y: number,
  shape: 'flight' | 'nested' | 'wait',
): DrawItem {
  const { model, scale } = scene
  const record = model.columns.record(row)
  const tone = tones[model.columns.tone[row]!]!
  const x = toX(scale, model.columns.startedAt[row]!)
  const end = endX(scene, row)
  // What cannot be read is not worded: that costs more than to draw the bar.
  const label = shape === 'wait' || end - x + room < leastLabel ? '' : labelOf(scene, row)
  return {
    type: 'bar',
    x,
    y,
    width: end - x,
    height: heights[shape] - (shape === 'wait' ? 2 : 3),
    tone,
    shape,
    open: model.columns.endedAt[row] === openEnd,
    struck: tone === 'discarded',
    revision: shape === 'flight' ? (number(record.attributes, 'session.revision') ?? null) : null,
    dotted: tone === 'contention',
    label,
    room,
    gap: label === '' ? 0 : gapOf(scene, row, end),
    row,
  }
}

/** From where a bar ends to the line where its flight lets waiters go. */
function gapOf(scene: Scene, row: number, end: number): number {
  const flight = scene.model.flightOf(row)
  const hasFan = flight !== undefined && scene.model.flights.waiterCount(flight) > 0
  return hasFan ? Math.max(0, endX(scene, flight.row) - end) : 0
}

function labelOf({ model }: Scene, row: number): string {
  const record = model.columns.record(row)
  if (record.name === 'authflight.discard')
    return `discarded: ${reads(text(record.attributes, 'discard.reason') ?? 'unknown')}`
  if (record.name !== 'authflight.refresh') return nameOf(record)
  const flight = model.flightOf(row)
  if (flight === undefined) return 'refresh'
  const outcome = outcomeAt(model, row)
  const generation = generationChange(model, flight)
  // The generation stands where a label that is cut still has it: an old one is the bug.
  const name = [`#${flight.number}`, generation && `gen ${generation}`, outcome === 'open' ? 'refreshing' : outcome]
  const waiters = model.flights.waiterCount(flight)
  const parts = [
    name.filter(Boolean).join(' '),
    whatCameOfIt(model, flight),
    waiters === 0 ? null : `×${formatCount(waiters)}`,
  ]
  return parts.filter(Boolean).join(' · ')
}

function whatCameOfIt(model: RecordModel, flight: Flight): string | null {
  const { attributes } = model.columns.record(flight.row)
  const discard = flight.discards.at(-1)
  if (discard !== undefined) return reads(text(model.columns.record(discard).attributes, 'discard.reason') ?? 'unknown')
  const error = errorType(attributes)
  return error === undefined ? null : reads(error)
}

/** What hangs on a flight: its waiters, the line where they are let go, and a bolt where others wanted the same token. */
function drawFlight(scene: Scene, flight: Flight, y: number, waitsY: number): DrawItem[] {
  const { model, scale } = scene
  const items: DrawItem[] = []
  const x = toX(scale, model.columns.startedAt[flight.row]!)
  if (flight.contentions.length > 0 || model.flights.rivals(flight).length > 0)
    items.push({ type: 'bolt', x: x - 9, y: y + heights.flight / 2 - 1, row: flight.contentions[0] ?? flight.row })
  const waiters = model.flights.waiterCount(flight)
  if (waiters === 0) return items
  const end = endX(scene, flight.row)
  if (end - x < smallest * 2) return items
  const drawn = waiters > maxWaitLines ? [foldWaits(scene, flight, waiters, waitsY)] : drawWaits(scene, flight, waitsY)
  const bottom =
    waitsY + (waiters > maxWaitLines ? heights.wait * 2 - 4 : drawn.length * heights.wait - heights.wait / 2 - 1)
  return [
    ...items,
    ...drawn,
    { type: 'fan', x: end, y: y + heights.flight - 3, from: waitsY, to: bottom, row: flight.row },
  ]
}

function drawWaits(scene: Scene, flight: Flight, y: number): DrawItem[] {
  return flight.waits.map((row, line) => bar(scene, { row, room: 0 }, y + line * heights.wait, 'wait'))
}

/** More than four waiters: one bar from the first to join to the flight's end, with their number. */
function foldWaits(scene: Scene, flight: Flight, waiters: number, y: number): DrawItem {
  const { model, scale } = scene
  const starts = flight.waits.map((row) => model.columns.startedAt[row]!)
  const first = starts.reduce((a, b) => Math.min(a, b), Infinity)
  const from = Number.isFinite(first) ? first : model.columns.startedAt[flight.row]!
  const x = toX(scale, from)
  const width = Math.max(smallest, endX(scene, flight.row) - x)
  return {
    type: 'fold',
    x,
    y,
    width,
    height: heights.wait * 2 - 4,
    label: `×${formatCount(waiters)} waiters${longestWait(model, flight)}`,
    room: Math.max(0, scale.width - x - width),
    joins: starts.map((start) => toX(scale, start)),
    open: model.columns.endedAt[flight.row] === openEnd,
    row: flight.waits[0] ?? flight.row,
  }
}

function longestWait(model: RecordModel, flight: Flight): string {
  const longest = flight.waits.reduce((most, row) => {
    const length = model.columns.endedAt[row]! - model.columns.startedAt[row]!
    return Number.isFinite(length) ? Math.max(most, length) : most
  }, model.flights.longestAggregated(flight))
  return longest === 0 ? '' : ` · longest ${formatDuration(longest)}`
}
