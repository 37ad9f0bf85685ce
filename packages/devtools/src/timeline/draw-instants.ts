import { formatDuration } from '../model/format.ts'
import { glyphs, tones } from '../model/names.ts'
import { search, type Track } from '../model/track.ts'
import type { Generation, SessionHistory } from '../model/sessions.ts'
import { instantLabel } from '../model/words.ts'
import type { DrawItem } from './display-list.ts'
import { type Scene, visibleRange } from './draw-lane.ts'
import { heights, type LaneRow } from './lane-rows.ts'
import { toTime, toX } from './scale.ts'

type Row<Kind> = Extract<LaneRow, { kind: Kind }>
/** About what a letter takes, and a capital more; labels are measured when painted, this only keeps them from running into each other. */
const letterWidth = 6.2
const capitalWidth = 8.4
/** What a countdown takes beside its words, in pixels. */
const countdownFrame = 30
/** Pixels. Generations that are narrower are not told apart. */
const leastWidth = 3

/** Marks of instants, labelled where there is room before the next. */
export function drawInstants(scene: Scene, line: Row<'storage' | 'events' | 'page'>): DrawItem[] {
  const { model, scale } = scene
  const { columns } = model
  const items: DrawItem[] = []
  const { first, last } = visibleRange(scene, line.track)
  for (let index = first; index < last;) {
    const x = toX(scale, columns.startedAt[line.track.rows[index]!]!)
    // Marks that would lie on each other are one, the weightiest; the table has them all.
    const next = line.track.firstEnding(columns, toTime(scale, x + 6), index + 1)
    const row = weightiest(scene, line.track, index, next)
    const record = columns.record(row)
    const nextX = next < last ? toX(scale, columns.startedAt[line.track.rows[next]!]!) : scale.width
    const room = nextX - x - 14
    const label = room < letterWidth ? '' : instantLabel(record, model.labels.tabLetter(record.tab))
    const short = shortLabel(label)
    const fitting = [label, short, short.replace(lastPart, '')].find((text) => widthOf(text) < room) ?? ''
    const y = line.y + line.height / 2
    items.push({
      type: 'mark',
      x,
      y,
      glyph: glyphs[columns.glyph[row]!]!,
      tone: tones[columns.tone[row]!]!,
      label: fitting,
      row,
    })
    index = next
  }
  return items
}

function widthOf(text: string): number {
  const capitals = text.match(/[A-Z_]/g)?.length ?? 0
  return capitals * capitalWidth + (text.length - capitals) * letterWidth
}

function weightiest({ model }: Scene, { rows }: Track, from: number, to: number): number {
  const { glyph } = model.columns
  let best = rows[from]!
  for (let index = from + 1; index < to; index++) if (glyph[rows[index]!]! < glyph[best]!) best = rows[index]!
  return best
}

/** ` · A`: the tab. */
const lastPart = / · \S+$/

/** `gen 8 · A` as `8 · A`, `session ended: expired · A` as `ended · A`; other words stay. */
function shortLabel(label: string): string {
  return label.replace(/^gen /, '').replace(/^session ended:.*?( · \S+)?$/, 'ended$1')
}

/** The token of each session over time: a colour a generation, hatched once expired, gone when the session ended. */
export function drawRibbon(scene: Scene, line: Row<'ribbon'>): DrawItem[] {
  return line.group.sessions.flatMap((session) => [
    ...drawGenerations(scene, line, session),
    ...drawCountdown(scene, line, session),
  ])
}

/** Those in view; of several that begin in the same few pixels the last, whose token is the one that goes on. */
function drawGenerations(scene: Scene, line: Row<'ribbon'>, session: SessionHistory): DrawItem[] {
  const { generations } = session
  const items: DrawItem[] = []
  const firstFrom = (time: number, low: number): number =>
    search(low, generations.length, (index) => generations[index]!.from >= time)
  for (let index = Math.max(0, firstFrom(scene.scale.from, 0) - 1); index < generations.length;) {
    const generation = generations[index]!
    if (generation.from > scene.scale.to) break
    const next = firstFrom(toTime(scene.scale, toX(scene.scale, generation.from) + leastWidth), index + 1)
    items.push(...drawGeneration(scene, line, session, generations[next - 1]!, next - 1))
    index = next
  }
  return items
}

function drawGeneration(
  scene: Scene,
  line: Row<'ribbon'>,
  session: SessionHistory,
  generation: Generation,
  index: number,
): DrawItem[] {
  const until = Math.min(session.generations[index + 1]?.from ?? Infinity, session.endedAt ?? Infinity)
  const seenUntil = Math.min(until, Math.max(scene.now, generation.from))
  const fresh = segment(scene, line, generation, generation.from, Math.min(until, generation.expiresAt), false)
  const expired = segment(scene, line, generation, generation.expiresAt, seenUntil, true)
  return [...fresh, ...expired]
}

function segment(
  scene: Scene,
  line: Row<'ribbon'>,
  generation: Generation,
  from: number,
  to: number,
  expired: boolean,
): DrawItem[] {
  const { scale } = scene
  if (!(to > from) || to < scale.from || from > scale.to) return []
  const x = Math.max(-4, toX(scale, from))
  const width = Math.max(1, Math.min(scale.width + 4, toX(scale, to)) - x)
  const label = expired ? 'expired' : `gen ${generation.revision}`
  const { revision, record: id } = generation
  return [{ type: 'generation', x, y: line.y + 6, width, height: heights.ribbon - 12, revision, expired, label, id }]
}

/** Where the next timer will fire; at the right edge when that is out of view. */
function drawCountdown({ model, scale, now }: Scene, line: Row<'ribbon'>, session: SessionHistory): DrawItem[] {
  const due = model.nextTimer(session, now)
  if (due === Infinity || scale.to < now - 1) return []
  const offEdge = due > scale.to
  const x = offEdge ? scale.width : toX(scale, due)
  const left = formatDuration(Math.ceil((due - now) / 1000) * 1000)
  const long = `refresh in ${left}`
  // At the edge it stands on what is still to come, not on the ribbon.
  const label = offEdge && scale.width - toX(scale, now) < widthOf(long) + countdownFrame ? left : long
  return [{ type: 'countdown', x, y: line.y + heights.ribbon / 2, label, offEdge }]
}
