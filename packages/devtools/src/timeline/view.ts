import type { RecordModel } from '../model/record-model.ts'
import { fitTo, panBy, type Scale, zoomAt } from './scale.ts'

const openingLength = 20_000
/** Of the width, how much lies right of now while following. */
const ahead = 0.12

/**
 * What is looked at: a span of time, whether it follows now, what is selected. Outside of React, like the model.
 */
export class TimelineView {
  scale: Scale = { from: 0, to: openingLength, width: 1 }
  live = true
  /** Id of the selected record. */
  selected: string | null = null

  readonly #model: RecordModel
  readonly #listeners = new Set<() => void>()
  #version = 0
  #opened = false

  constructor(model: RecordModel) {
    this.#model = model
  }

  /** Moves with now while live. Called once a frame; `true` when that moved anything. */
  follow(now: number): boolean {
    if (!this.#opened) this.#open(now)
    if (!this.live) return false
    const length = this.scale.to - this.scale.from
    const to = now + length * ahead
    if (to === this.scale.to) return false
    this.scale = { ...this.scale, from: to - length, to }
    return true
  }

  resize(width: number): void {
    if (width <= 0 || width === this.scale.width) return
    this.scale = { ...this.scale, width }
    this.#changed()
  }

  zoom(factor: number, x: number): void {
    this.#hold(zoomAt(this.scale, factor, x))
  }

  pan(pixels: number): void {
    this.#hold(panBy(this.scale, pixels))
  }

  /** Shows a span of time, with a little room beside it. */
  show(from: number, to: number, room?: number): void {
    this.#hold(fitTo(this.scale, from, to, room))
  }

  /** Shows everything recorded. */
  fit(now: number): void {
    const { from, to, size } = this.#model.columns
    if (size > 0) this.show(from, this.#model.open.size > 0 ? Math.max(to, now) : to)
  }

  setLive(live: boolean): void {
    this.live = live
    this.#changed()
  }

  select(record: string | null): void {
    if (record === this.selected) return
    this.selected = record
    this.#changed()
  }

  /** Selects a record and brings it into view; what is too small to see is enlarged. */
  reveal(record: string, now: number, enlarge = false): void {
    const row = this.#model.columns.rowOf(record)
    if (row === undefined) return
    const { startedAt, endedAt } = this.#model.columns
    const whole = this.#model.flightOf(row)?.row ?? row
    const from = Math.min(startedAt[whole]!, startedAt[row]!)
    const to = Math.max(Math.min(endedAt[whole]!, now), Math.min(endedAt[row]!, now))
    const { scale } = this
    const pixels = ((to - from) / (scale.to - scale.from)) * scale.width
    const isInView = from >= scale.from && to <= scale.to
    const isSmall = pixels < 12 && to > from
    if (enlarge || isSmall) this.show(from, to, 0.4)
    else if (!isInView) this.#hold({ ...scale, ...centred((from + to) / 2, scale.to - scale.from) })
    this.select(record)
    this.#changed()
  }

  /** Selects the problem after or before the selected one, or after or before now. */
  stepProblem(direction: 1 | -1, now: number): void {
    const rows = this.#model.problems
    this.#step(rows, direction, now)
  }

  /** Selects the flight after or before the selected record. */
  stepFlight(direction: 1 | -1, now: number): void {
    const rows = this.#model.flights.all.map((flight) => flight.row)
    this.#step(rows, direction, now)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  getVersion = (): number => this.#version

  #step(rows: readonly number[], direction: 1 | -1, now: number): void {
    const { columns } = this.#model
    const selected = this.selected === null ? undefined : columns.rowOf(this.selected)
    const at = selected === undefined ? -1 : rows.indexOf(selected)
    const time = selected === undefined ? Infinity * -direction : columns.startedAt[selected]!
    const next =
      at >= 0
        ? rows[at + direction]
        : direction > 0
          ? rows.find((row) => columns.startedAt[row]! > time)
          : rows.findLast((row) => columns.startedAt[row]! < time)
    if (next !== undefined) this.reveal(columns.record(next).id, now)
  }

  /** Opening late: goes back far enough to show what happened last, but not a whole day. */
  #open(now: number): void {
    this.#opened = true
    const last = this.#model.flights.all.at(-1)
    const since = last === undefined ? 0 : now - this.#model.columns.startedAt[last.row]!
    const length = Math.min(Math.max(openingLength, since * 1.25), 600_000)
    this.scale = { ...this.scale, from: now - length, to: now }
  }

  #hold(scale: Scale): void {
    this.live = false
    this.scale = scale
    this.#changed()
  }

  #changed(): void {
    this.#version++
    for (const listener of this.#listeners) listener()
  }
}

function centred(middle: number, length: number): { from: number; to: number } {
  return { from: middle - length / 2, to: middle + length / 2 }
}
