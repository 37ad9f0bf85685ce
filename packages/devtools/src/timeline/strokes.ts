/** Draws along the path that was begun. */
export function stroke(context: CanvasRenderingContext2D, colour: string, width = 1, dash: number[] = []): void {
  context.strokeStyle = colour
  context.lineWidth = width
  context.setLineDash(dash)
  context.stroke()
  context.setLineDash([])
}

/** ╱╱╱╱ over a box. */
export function hatch(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colour: string,
  apart: number,
): void {
  context.beginPath()
  for (let at = -height; at < width; at += apart) {
    context.moveTo(x + at, y + height)
    context.lineTo(x + at + height, y)
  }
  stroke(context, colour)
}
