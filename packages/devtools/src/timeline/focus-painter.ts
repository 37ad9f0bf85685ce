import { hatch, stroke } from './strokes.ts'
import type { Item, Surface } from './surface.ts'

/** ╱╱ 12 min ╱╱ */
export function paintGap({ context, palette }: Surface, item: Item<'gap'>): void {
  const { x, y, width, height, label } = item
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.fillStyle = palette.surface
  context.fillRect(x, y, width, height)
  hatch(context, item, palette.line, 8)
  context.restore()
  const wide = context.measureText(label).width
  if (wide + 4 > width) return
  context.fillStyle = palette.surface
  context.fillRect(x + (width - wide) / 2 - 4, y + 5, wide + 8, 18)
  context.fillStyle = palette.muted
  context.fillText(label, x + (width - wide) / 2, y + 14.5)
}

/** A dashed line with a flag that has its number. */
export function paintMarker({ context, palette }: Surface, { x, y, height, label }: Item<'marker'>): void {
  context.beginPath()
  context.moveTo(Math.round(x) + 0.5, y)
  context.lineTo(Math.round(x) + 0.5, y + height)
  stroke(context, palette.bolt, 1, [4, 3])
  const width = context.measureText(label).width + 8
  context.fillStyle = palette.bolt
  context.fillRect(x, y, width, 14)
  context.fillStyle = palette.ground
  context.fillText(label, x + 4, y + 7.5)
}

/** ① … the one that is looked at is filled. */
export function paintStep({ context, palette }: Surface, { x, y, number, current }: Item<'step'>): void {
  context.beginPath()
  context.arc(x, y, 8, 0, Math.PI * 2)
  context.fillStyle = current ? palette.accent : palette.ground
  context.fill()
  stroke(context, palette.accent, 1.75)
  const text = String(number)
  context.fillStyle = current ? palette.onAccent : palette.ink
  context.fillText(text, x - context.measureText(text).width / 2, y + 0.5)
}
