import type { DisplayList, DrawItem } from './display-list.ts'
import { paintGlyph, paintOutcome } from './glyphs.ts'
import { paintGap, paintMarker, paintStep } from './focus-painter.ts'
import { placeLabel } from './labels.ts'
import { generationPaint, type Paint } from './palette.ts'
import { paintStrip } from './strip-painter.ts'
import { hatch, stroke } from './strokes.ts'
import type { Item, Surface } from './surface.ts'

/** Paints a display list; the only place that touches a canvas. */
export function paintTimeline(
  surface: Surface,
  list: DisplayList,
  lines: readonly { y: number; height: number }[],
): void {
  const { context, ratio, palette, width, height, top } = surface
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.fillStyle = palette.ground
  context.fillRect(0, 0, width, height)
  paintGround(surface, lines)
  context.translate(0, -top)
  context.font = surface.font
  context.textBaseline = 'middle'
  for (const item of list.items) if (item.type === 'strip') paintStrip(surface, item)
  for (const item of list.items) {
    if (item.type === 'strip') continue
    context.globalAlpha = 'row' in item && item.type !== 'step' && list.dimmed?.[item.row] === 1 ? dimmedAlpha : 1
    paintItem(surface, item)
  }
  context.globalAlpha = 1
}

const dimmedAlpha = 0.22

function paintGround(
  { context, palette, width, height, top, nowX, tickXs }: Surface,
  lines: readonly { y: number; height: number }[],
): void {
  const now = Math.round(nowX)
  if (now < width) {
    context.fillStyle = palette.future
    context.fillRect(Math.max(0, now), 0, width - Math.max(0, now), height)
  }
  context.fillStyle = palette.line
  context.globalAlpha = 0.5
  for (const x of tickXs) context.fillRect(Math.round(x), 0, 1, height)
  for (const line of lines) context.fillRect(0, Math.round(line.y + line.height - top) - 1, width, 1)
  context.globalAlpha = 1
  if (now < 0 || now > width) return
  context.fillStyle = palette.accent
  context.fillRect(now, 0, 1, height)
}

function paintItem(surface: Surface, item: DrawItem): void {
  switch (item.type) {
    case 'bar':
      return item.shape === 'wait' ? paintWait(surface, item) : paintBar(surface, item)
    case 'fold':
      return paintFold(surface, item)
    case 'fan':
      return paintFan(surface, item)
    case 'generation':
      return paintGeneration(surface, item)
    case 'mark':
      return paintMark(surface, item)
    case 'bolt':
      return paintGlyph(surface.context, 'contention', item.x, item.y, surface.palette.bolt, surface.palette.ground)
    case 'countdown':
      return paintCountdown(surface, item)
    case 'gap':
      return paintGap(surface, item)
    case 'marker':
      return paintMarker(surface, item)
    case 'step':
      return paintStep(surface, item)
  }
}

function paintBar(surface: Surface, item: Item<'bar'>): void {
  const { context, palette } = surface
  const colours = palette.tones[item.tone]
  const { x, y, width, height } = item
  context.beginPath()
  context.roundRect(x + 0.5, y + 0.5, Math.max(2, width - 1), height - 1, Math.min(3, width / 2))
  context.fillStyle = colours.fill
  if (!item.dotted) context.fill()
  stroke(context, colours.edge, 1, item.dotted ? [1.5, 2.5] : item.open ? [4, 3] : [])
  if (item.shape === 'flight') {
    // In the colour of the generation that it presented: an old colour under a ribbon of a new one is the bug.
    context.fillStyle = item.revision === null ? colours.edge : generationPaint(palette, item.revision).edge
    context.fillRect(x, y, Math.min(5, width), height)
  }
  const wordsEnd = paintBarLabel(surface, item, colours)
  if (!item.struck) return
  // A line through the part without words, so that they can still be read.
  context.fillStyle = colours.edge
  context.fillRect(wordsEnd, y + Math.floor(height / 2), Math.max(0, x + width - wordsEnd), 1.5)
}

/** Returns where the part of the bar without words begins. */
function paintBarLabel({ context, palette }: Surface, item: Item<'bar'>, colours: Paint): number {
  const lead = item.shape === 'flight' ? 13 : 0
  const placed = place(context, item.label, item, lead)
  if (placed === null) return item.x
  const middle = item.y + item.height / 2 + 0.5
  const ink = placed.inside ? colours.ink : palette.ink
  if (lead > 0) paintOutcome(context, item.tone, placed.x + 4, middle, placed.inside ? colours.ink : colours.edge)
  context.fillStyle = ink
  context.fillText(placed.text, placed.x + lead, middle)
  return placed.inside ? placed.x + lead + context.measureText(placed.text).width + 6 : item.x
}

function place(context: CanvasRenderingContext2D, label: string, bar: Parameters<typeof placeLabel>[1], lead: number) {
  return placeLabel(label, bar, lead, (text) => context.measureText(text).width)
}

/** ○──── from the join to the release. */
function paintWait({ context, palette }: Surface, item: Item<'bar'>): void {
  const { edge } = palette.tones[item.tone]
  const middle = item.y + item.height / 2
  context.beginPath()
  context.arc(item.x, middle, 2.5, 0, Math.PI * 2)
  context.moveTo(item.x + 2.5, middle)
  context.lineTo(item.x + item.width, middle)
  stroke(context, edge, 1.25, item.open ? [3, 2] : [])
}

function paintFold({ context, palette }: Surface, item: Item<'fold'>): void {
  const { x, y, width, height } = item
  const colours = palette.tones.wait
  context.beginPath()
  context.moveTo(x, y + height / 2)
  context.lineTo(Math.min(x + 6, x + width), y + 0.5)
  context.lineTo(x + width, y + 0.5)
  context.lineTo(x + width, y + height - 0.5)
  context.lineTo(Math.min(x + 6, x + width), y + height - 0.5)
  context.closePath()
  context.fillStyle = colours.fill
  context.fill()
  stroke(context, colours.edge, 1, item.open ? [3, 2] : [])
  context.fillStyle = colours.edge
  for (const join of item.joins) context.fillRect(join, y + height - 3, 1, 3)
  const placed = place(context, item.label, item, 0)
  if (placed === null) return
  context.fillStyle = placed.inside ? colours.ink : palette.ink
  context.fillText(placed.text, placed.x + (placed.inside ? 4 : 0), y + height / 2 + 0.5)
}

/** The line where a flight lets its waiters go. */
function paintFan({ context, palette }: Surface, item: Item<'fan'>): void {
  context.beginPath()
  context.moveTo(item.x, item.to)
  context.lineTo(item.x, item.y + 2)
  context.moveTo(item.x - 3, item.y + 5)
  context.lineTo(item.x, item.y + 1)
  context.lineTo(item.x + 3, item.y + 5)
  stroke(context, palette.tones.wait.edge, 1.5)
}

/** Pixels of a generation from which on its corners can be seen to be round. */
const roundable = 6

function paintGeneration({ context, palette }: Surface, item: Item<'generation'>): void {
  const { x, y, width, height } = item
  const colours = generationPaint(palette, item.revision)
  if (width < roundable) {
    context.fillStyle = item.expired ? palette.tones.rejected.edge : colours.edge
    context.fillRect(x, y, width, height)
    return
  }
  context.save()
  context.beginPath()
  context.roundRect(x, y, width, height, 3)
  context.clip()
  context.fillStyle = item.expired ? palette.ground : colours.fill
  context.fillRect(x, y, width, height)
  if (item.expired) {
    context.globalAlpha = 0.45
    hatch(context, item, palette.tones.rejected.edge, 6)
    context.globalAlpha = 1
  }
  context.fillStyle = item.expired ? palette.tones.rejected.edge : colours.edge
  context.fillRect(x, y + height - 2, width, 2)
  context.restore()
  const placed = place(context, item.label, { x, width, room: 0 }, 0)
  if (placed === null) return
  if (item.expired) {
    context.fillStyle = palette.ground
    context.fillRect(placed.x - 3, y + 2, context.measureText(placed.text).width + 6, height - 5)
  }
  context.fillStyle = item.expired ? palette.tones.rejected.ink : colours.ink
  context.fillText(placed.text, placed.x, y + height / 2)
}

function paintMark({ context, palette }: Surface, item: Item<'mark'>): void {
  const colours = palette.tones[item.tone]
  paintGlyph(context, item.glyph, item.x, item.y, colours.edge, palette.ground)
  if (item.label === '') return
  context.fillStyle = item.glyph === 'end' ? palette.ink : palette.muted
  context.fillText(item.label, item.x + 8, item.y + 0.5)
}

function paintCountdown({ context, palette }: Surface, item: Item<'countdown'>): void {
  const width = context.measureText(item.label).width + 26
  const x = item.offEdge ? item.x - width - 4 : item.x
  context.beginPath()
  context.roundRect(x + 0.5, item.y - 9.5, width, 19, 9.5)
  context.fillStyle = palette.ground
  context.fill()
  stroke(context, palette.muted)
  paintGlyph(context, 'timer', x + 11, item.y, palette.muted, palette.ground)
  context.fillStyle = palette.ink
  context.fillText(item.label, x + 20, item.y + 0.5)
}
