import type { AuthRecord } from '@authflight/client'
import { formatDuration } from '../model/format.ts'
import { text, tones } from '../model/names.ts'
import type { Track } from '../model/track.ts'
import type { Generation, SessionHistory } from '../model/sessions.ts'
import { instantLabel } from '../model/words.ts'
import type { DrawItem, Glyph } from './display-list.ts'
import { type Scene, visibleRange } from './draw-lane.ts'
import { heights, type LaneRow } from './lane-rows.ts'
import { toTime, toX } from './scale.ts'

type Row<Kind> = Extract<LaneRow, { kind: Kind }>
/** About what a letter takes; labels are measured when painted, this only keeps them from running into each other. */
const letterWidth = 6.2

/** Marks of instants, labelled where there is room before the next. */
export function drawInstants(scene: Scene, line: Row<'storage' | 'events' | 'page'>): DrawItem[] {
  const { model, scale } = scene
  const { columns } = model
  const items: DrawItem[] = []
  const { first, last } = visibleRange(scene, line.track)
  for (let index = first; index < last;) {
    const x = toX(scale, columns.startedAt[line.track.rows[index]!]!)
    // Marks within three pixels are one mark, the weightiest; the table has them all.
    const next = line.track.firstEnding(columns, toTime(scale, x + 3), index + 1)
    const row = weightiest(scene, line.track, index, next)
    const record = columns.record(row)
    const nextX = next < last ? toX(scale, columns.startedAt[line.track.rows[next]!]!) : scale.width
    const label = instantLabel(record, model.labels.tabLetter(record.tab))
    const fitting = [label, shortLabel(label)].find((text) => text.length * letterWidth + 14 < nextX - x) ?? ''
    const y = line.y + line.height / 2
    items.push({ type: 'mark', x, y, glyph: glyphOf(record), tone: tones[columns.tone[row]!]!, label: fitting, row })
    index = next
  }
  return items
}

const byWeight: readonly Glyph[] = [
  'end',
  'contention',
  'event',
  'committed',
  'removed',
  'stored',
  'page',
  'claim',
  'timer',
]

function weightiest({ model }: Scene, track: Track, from: number, to: number): number {
  // A hundred thousand instants in one place are not worth reading all.
  const rows = Array.from(track.rows.subarray(from, Math.min(to, from + 32)))
  const weight = (row: number) => byWeight.indexOf(glyphOf(model.columns.record(row)))
  return rows.reduce((best, row) => (weight(row) < weight(best) ? row : best))
}

/** `gen 8 · A` as `8 · A`, `session ended: expired` as `ended`; other words stay. */
function shortLabel(label: string): string {
  return label.replace(/^gen /, '').replace(/^session ended:.*/, 'ended')
}

function glyphOf(record: AuthRecord): Glyph {
  switch (record.name) {
    case 'authflight.record.committed':
      return 'committed'
    case 'authflight.record.store_change':
      return text(record.attributes, 'store.change') === 'ended' ? 'removed' : 'stored'
    case 'authflight.record.claim':
      return 'claim'
    case 'authflight.record.timer_armed':
    case 'authflight.record.timer_fired':
      return 'timer'
    case 'authflight.contention':
      return 'contention'
    case 'authflight.session_end':
      return 'end'
    case 'authflight.record.event':
      return text(record.attributes, 'event.name') === 'SIGNED_OUT' ? 'end' : 'event'
    default:
      return 'page'
  }
}

/** The token of each session over time: a colour a generation, hatched once expired, gone when the session ended. */
export function drawRibbon(scene: Scene, line: Row<'ribbon'>): DrawItem[] {
  return line.group.sessions.flatMap((session) => [
    ...session.generations.flatMap((generation, index) => drawGeneration(scene, line, session, generation, index)),
    ...drawCountdown(scene, line, session),
  ])
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
  const label = `refresh in ${formatDuration(Math.ceil((due - now) / 1000) * 1000)}`
  return [{ type: 'countdown', x, y: line.y + heights.ribbon / 2, label, offEdge }]
}
