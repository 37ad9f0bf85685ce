import type { Glyph, Tone } from '../model/names.ts'

/** Shapes drawn as paths: no font has to have them, and each reads without its colour. */
export function paintGlyph(
  context: CanvasRenderingContext2D,
  glyph: Glyph,
  x: number,
  y: number,
  colour: string,
  ground: string,
): void {
  paintAt(context, x, y, colour, 1.5, () => shapes[glyph](context, ground))
}

function paintAt(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  colour: string,
  width: number,
  paint: () => void,
): void {
  context.save()
  context.translate(x, y)
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = width
  context.lineJoin = 'round'
  context.lineCap = 'round'
  context.beginPath()
  paint()
  context.restore()
}

type Shape = (context: CanvasRenderingContext2D, ground: string) => void

const shapes: Readonly<Record<Glyph, Shape>> = {
  committed: (context) => {
    polygon(context, [-4.5, -3.5, 4.5, -3.5, 0, 4.5])
    context.fill()
  },
  stored: (context) => {
    polygon(context, [-4.5, -3.5, 4.5, -3.5, 0, 4.5])
    context.stroke()
  },
  removed: (context) => {
    cross(context, 3.5)
    context.stroke()
  },
  claim: (context) => {
    polygon(context, [0, -4, 4, 0, 0, 4, -4, 0])
    context.stroke()
  },
  event: (context) => {
    context.arc(0, 0, 3, 0, Math.PI * 2)
    context.fill()
  },
  timer: (context) => {
    context.arc(0, 0, 4.5, 0, Math.PI * 2)
    line(context, [0, -2.5, 0, 0, 2, 1])
    context.stroke()
  },
  page: (context) => {
    context.rect(-3.5, -3.5, 7, 7)
    context.stroke()
  },
  end: (context) => {
    context.arc(0, 0, 4.5, 0, Math.PI * 2)
    cross(context, 2)
    context.stroke()
  },
  contention: (context, ground) => {
    polygon(context, [1, -8, -5, 1, -1, 1, -2, 8, 5, -2, 0.5, -2])
    context.fill()
    context.strokeStyle = ground
    context.lineWidth = 1
    context.stroke()
  },
}

/** What became of a flight, in eight pixels. */
export function paintOutcome(
  context: CanvasRenderingContext2D,
  tone: Tone,
  x: number,
  y: number,
  colour: string,
): void {
  paintAt(context, x, y, colour, 1.75, () => {
    outcomes[tone]?.(context, '')
    context.stroke()
  })
}

const outcomes: Partial<Record<Tone, Shape>> = {
  good: (context) => line(context, [-3.5, 0.5, -1, 3, 4, -3]),
  adopted: (context) => {
    line(context, [4, 0, -3.5, 0])
    line(context, [-0.5, -3, -3.5, 0, -0.5, 3])
  },
  discarded: (context) => cross(context, 3),
  rejected: (context) => {
    context.arc(0, 0, 4.5, 0, Math.PI * 2)
    line(context, [-2.75, 0, 2.75, 0])
  },
  failed: (context) => {
    line(context, [0, -4, 0, 1])
    line(context, [0, 4, 0, 4.1])
  },
  open: (context) => {
    context.arc(0, 0, 3.5, 0, Math.PI * 1.5)
  },
}

function line(context: CanvasRenderingContext2D, points: readonly number[]): void {
  context.moveTo(points[0]!, points[1]!)
  for (let index = 2; index < points.length; index += 2) context.lineTo(points[index]!, points[index + 1]!)
}

function cross(context: CanvasRenderingContext2D, reach: number): void {
  line(context, [-reach, -reach, reach, reach])
  line(context, [reach, -reach, -reach, reach])
}

function polygon(context: CanvasRenderingContext2D, points: readonly number[]): void {
  line(context, points)
  context.closePath()
}
