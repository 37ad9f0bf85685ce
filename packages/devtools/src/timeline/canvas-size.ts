export interface CanvasSize {
  /** CSS pixels. */
  readonly width: number
  readonly height: number
  /** Device pixels a CSS pixel. */
  readonly ratio: number
}

/** Gives a canvas as many pixels as it covers on the device. */
export function fitCanvas(canvas: HTMLCanvasElement): CanvasSize {
  const ratio = Math.max(1, devicePixelRatio)
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  const wide = Math.round(width * ratio)
  const high = Math.round(height * ratio)
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  return { width, height, ratio }
}

/** Tells when the page gets to a screen of another ratio: nothing else need change with it. Returns the way to stop. */
export function watchPixelRatio(onChange: () => void): () => void {
  const watching = new AbortController()
  // A query knows one ratio: of the next another one has to tell.
  const ask = () =>
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      'change',
      () => {
        ask()
        onChange()
      },
      { once: true, signal: watching.signal },
    )
  ask()
  return () => watching.abort()
}
