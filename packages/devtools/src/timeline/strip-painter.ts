import { tones } from '../model/names.ts'
import { dimPixel } from './draw-lane.ts'
import type { Item, Surface } from './surface.ts'

/** One image a track: a hundred thousand spans cost as much as an empty line. */
export function paintStrip({ context, palette, ratio, top }: Surface, item: Item<'strip'>): void {
  const width = Math.max(1, Math.round(item.pixels.length * ratio))
  const height = Math.max(1, Math.round(item.height * ratio))
  const image = imageFor(context, width, height)
  const row = new Uint32Array(image.data.buffer, 0, width)
  const colours = tones.map((tone) => packColour(context, palette.tones[tone].edge))
  const dim = packColour(context, palette.line)
  for (let x = 0; x < width; x++) {
    const tone = item.pixels[Math.floor(x / ratio)] ?? 0
    row[x] = tone === 0 ? 0 : tone === dimPixel ? dim : colours[tone - 1]!
  }
  const all = new Uint32Array(image.data.buffer)
  for (let line = 1; line < height; line++) all.copyWithin(line * width, 0, width)
  // putImageData replaces pixels, also by transparent ones: only the part with spans is put.
  const from = Math.floor(item.pixels.findIndex((tone) => tone > 0) * ratio)
  const to = Math.ceil((item.pixels.findLastIndex((tone) => tone > 0) + 1) * ratio)
  if (to > 0) context.putImageData(image, 0, Math.round((item.y - top) * ratio), from, 0, to - from, height)
}

let last: ImageData | null = null

/** One image serves all strips of a size; the parts without spans are never put. */
function imageFor(context: CanvasRenderingContext2D, width: number, height: number): ImageData {
  if (last?.width !== width || last.height !== height) last = context.createImageData(width, height)
  return last
}

const packed = new Map<string, number>()

/** A colour as the four bytes ImageData wants, read back from the canvas so that any CSS colour will do. */
function packColour(context: CanvasRenderingContext2D, colour: string): number {
  const known = packed.get(colour)
  if (known !== undefined) return known
  context.fillStyle = colour
  const hex = context.fillStyle
  const value = /^#[0-9a-f]{6}$/.test(hex) ? Number.parseInt(hex.slice(1), 16) : 0x808080
  const bytes = (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0
  packed.set(colour, bytes)
  return bytes
}
