/** Which time is where: `from` at the left edge, `to` at the right one, epoch milliseconds over CSS pixels. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly width: number
}

const shortest = 0.5
const longest = 30 * 24 * 3_600_000

export function toX(scale: Scale, time: number): number {
  return ((time - scale.from) / (scale.to - scale.from)) * scale.width
}

export function toTime(scale: Scale, x: number): number {
  return scale.from + (x / scale.width) * (scale.to - scale.from)
}

/** Milliseconds a pixel. */
export function perPixel(scale: Scale): number {
  return (scale.to - scale.from) / scale.width
}

/** Above 1 shows less time, below 1 more; what is at `x` stays there. */
export function zoomAt(scale: Scale, factor: number, x: number): Scale {
  const anchor = toTime(scale, x)
  const length = clampLength((scale.to - scale.from) / factor)
  const share = x / scale.width
  return { ...scale, from: anchor - share * length, to: anchor + (1 - share) * length }
}

export function panBy(scale: Scale, pixels: number): Scale {
  const by = pixels * perPixel(scale)
  return { ...scale, from: scale.from + by, to: scale.to + by }
}

/** Shows the whole span with a little room at both ends. */
export function fitTo(scale: Scale, from: number, to: number, room = 0.06): Scale {
  const length = clampLength(Math.max(to - from, 1) * (1 + 2 * room))
  const middle = (from + to) / 2
  return { ...scale, from: middle - length / 2, to: middle + length / 2 }
}

export interface Tick {
  readonly time: number
  readonly x: number
}

export interface Ticks {
  /** Milliseconds from one to the next. */
  readonly step: number
  readonly ticks: readonly Tick[]
}

const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 36e5, 72e5, 216e5, 432e5,
  864e5,
]

/** Round times at least `apart` pixels from each other. */
export function ticksOf(scale: Scale, apart: number): Ticks {
  const least = perPixel(scale) * apart
  const step = steps.find((candidate) => candidate >= least) ?? Math.ceil(least / 864e5) * 864e5
  const ticks: Tick[] = []
  const first = Math.ceil(scale.from / step) * step
  for (let time = first; time <= scale.to && ticks.length < 200; time += step) ticks.push({ time, x: toX(scale, time) })
  return { step, ticks }
}

function clampLength(length: number): number {
  return Math.min(longest, Math.max(shortest, length))
}
