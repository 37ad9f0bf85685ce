import type { Folds } from './folds.ts'

/** Which time is where: `from` at the left edge, `to` at the right one, epoch milliseconds over CSS pixels. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly width: number
  /** Idle time that takes less room; absent where time is drawn as it passed. */
  readonly folds?: Folds | null
}

const shortest = 0.5
const longest = 30 * 24 * 3_600_000

export function toX(scale: Scale, time: number): number {
  const { folds, from, to, width } = scale
  if (!folds) return ((time - from) / (to - from)) * width
  const start = folds.enter(from)
  return ((folds.enter(time) - start) / (folds.enter(to) - start)) * width
}

export function toTime(scale: Scale, x: number): number {
  const { folds, from, to, width } = scale
  if (!folds) return from + (x / width) * (to - from)
  const start = folds.enter(from)
  return folds.leave(start + (x / width) * (folds.enter(to) - start))
}

/** Milliseconds of what is drawn a pixel. */
export function perPixel(scale: Scale): number {
  return lengthOf(scale) / scale.width
}

/** Milliseconds in view, folded ones as what they take. */
export function lengthOf({ folds, from, to }: Scale): number {
  return folds ? folds.enter(to) - folds.enter(from) : to - from
}

/** The same scale from another place on, given in drawn milliseconds. */
function place(scale: Scale, start: number, length: number): Scale {
  const leave = (drawn: number) => scale.folds?.leave(drawn) ?? drawn
  return { ...scale, from: leave(start), to: leave(start + length) }
}

function enter({ folds }: Scale, time: number): number {
  return folds?.enter(time) ?? time
}

/** Above 1 shows less time, below 1 more; what is at `x` stays there. */
export function zoomAt(scale: Scale, factor: number, x: number): Scale {
  const anchor = enter(scale, toTime(scale, x))
  const length = clampLength(lengthOf(scale) / factor)
  return place(scale, anchor - (x / scale.width) * length, length)
}

export function panBy(scale: Scale, pixels: number): Scale {
  return place(scale, enter(scale, scale.from) + pixels * perPixel(scale), lengthOf(scale))
}

/** Shows the whole span with a little room at both ends. */
export function fitTo(scale: Scale, from: number, to: number, room = 0.06): Scale {
  const [start, end] = [enter(scale, from), enter(scale, to)]
  const length = clampLength(Math.max(end - start, 1) * (1 + 2 * room))
  return place(scale, (start + end) / 2 - length / 2, length)
}

/** The same length of time, ending there. */
export function endAt(scale: Scale, to: number): Scale {
  const length = lengthOf(scale)
  return place(scale, enter(scale, to) - length, length)
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

/** Round times at least `apart` pixels from each other; none inside of a fold. */
export function ticksOf(scale: Scale, apart: number): Ticks {
  const least = perPixel(scale) * apart
  const step = steps.find((candidate) => candidate >= least) ?? Math.ceil(least / 864e5) * 864e5
  const ticks: Tick[] = []
  const first = Math.ceil(scale.from / step) * step
  const folds = scale.folds?.within(scale.from, scale.to) ?? []
  for (let time = first; time <= scale.to && ticks.length < 200; time += step) {
    const fold = folds.find(({ from, to }) => time > from && time < to)
    if (fold !== undefined) time = Math.ceil(fold.to / step) * step
    const x = toX(scale, time)
    if (x - (ticks.at(-1)?.x ?? -Infinity) >= apart * 0.6) ticks.push({ time, x })
  }
  return { step, ticks }
}

function clampLength(length: number): number {
  return Math.min(longest, Math.max(shortest, length))
}
