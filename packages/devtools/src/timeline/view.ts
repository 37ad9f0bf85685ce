import type { RecordModel } from '../model/record-model.ts'
import { recordTime } from '../model/relay.ts'
import type { Folds } from './folds.ts'
import type { Grouping } from './lane-rows.ts'
import type { RowTest } from '../model/filter.ts'
import type { Verdict } from '../verdicts/verdict.ts'
import { endAt, fitTo, lengthOf, panBy, type Scale, toX, zoomAt } from './scale.ts'

const openingLength = 20_000
/** Of the width, how much lies right of now while following. */
const ahead = 0.12
/** Milliseconds at each side of an instant that is shown. */
const besideInstant = 2_000

/**
 * What is looked at: a span of time, whether it follows now, what is selected. Outside of React, like the model.
 */
export class TimelineView {
  /** What it is a view of. */
  readonly model: RecordModel
  scale: Scale = { from: 0, to: openingLength, width: 1 }
  live = true
  /** Id of the selected record. */
  selected: string | null = null
  /** Id of the record whose line is to be scrolled to; who has done that sets it back. */
  sought: string | null = null
  /** What is looked for; the rest is dimmed. */
  filter: RowTest | null = null
  /** The incident that is shown step by step; the rest is dimmed. */
  race: Verdict | null = null
  /** Index of the step that is looked at. */
  step = 0
  /** Whether idle time is folded. */
  folding = false
  grouping: Grouping = 'account'
  /** Times that the reader marked, epoch milliseconds, sorted. */
  markers: readonly number[] = []

  readonly #listeners = new Set<() => void>()
  #version = 0
  #opened = false
  /** It shows a recording that is over. */
  readonly isStill: boolean

  /** `still`: a recording that is over. It is shown whole, and its last record is its now. */
  constructor(model: RecordModel, kind: 'live' | 'still' = 'live') {
    this.model = model
    this.live = kind === 'live'
    this.isStill = kind === 'still'
  }

  /** Epoch milliseconds, on the clock that stamps records. */
  now(): number {
    return this.isStill ? Math.max(this.model.columns.to, 0) : recordTime()
  }

  /** Moves with now while live. Called once a frame; `true` when that moved anything. */
  follow(now: number): boolean {
    if (!this.#opened) this.#open(now)
    if (!this.live) return false
    const to = now + lengthOf(this.scale) * ahead
    if (to === this.scale.to) return false
    this.scale = endAt(this.scale, to)
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
  fit(now = this.now()): void {
    const { from, to, size } = this.model.columns
    if (size > 0) this.show(from, this.model.open.size > 0 ? Math.max(to, now) : to)
  }

  /** What is over is not followed. */
  setLive(live: boolean): void {
    this.live = live && !this.isStill
    this.#changed()
  }

  /** Selects a record, and has its line scrolled to. */
  select(record: string | null): void {
    this.sought = record
    this.point(record)
  }

  /** Selects what is pointed at: it is in sight, and stays below the pointer. */
  point(record: string | null): void {
    if (record === this.selected) return
    this.selected = record
    this.#changed()
  }

  setFilter(filter: RowTest | null): void {
    this.filter = filter
    this.#changed()
  }

  setFolding(folding: boolean): void {
    this.folding = folding
    if (!folding) this.scale = { ...this.scale, folds: null }
    this.#changed()
  }

  setGrouping(grouping: Grouping): void {
    this.grouping = grouping
    this.#changed()
  }

  /** Takes what idle time is folded now; what is at the right edge stays there. */
  fold(folds: Folds): void {
    const { to } = this.scale
    const length = lengthOf(this.scale)
    const folded = { ...this.scale, folds }
    this.scale = { ...folded, from: folds.leave(folds.enter(to) - length) }
  }

  /** Marks a time, now or the middle of what is shown, or takes the mark away that is near. */
  toggleMarker(time = this.live ? this.now() : (this.scale.from + this.scale.to) / 2): void {
    const near = (lengthOf(this.scale) / this.scale.width) * 8
    const others = this.markers.filter((marker) => Math.abs(marker - time) > near)
    this.markers = others.length < this.markers.length ? others : [...this.markers, time].sort((a, b) => a - b)
    this.#changed()
  }

  /** Shows an incident from its cause to its effect and goes to its first step; `null` goes back to everything. */
  showRace(race: Verdict | null): void {
    this.race = race
    this.step = 0
    if (race !== null && race.steps.length > 0) {
      const { startedAt, endedAt } = this.model.columns
      const rows = race.steps.map(({ record }) => this.model.columns.rowOf(record)).filter((row) => row !== undefined)
      const times = race.steps.map(({ at }) => at)
      const from = Math.min(...times, ...rows.map((row) => startedAt[row]!))
      const to = Math.max(...times, ...rows.map((row) => endedAt[row]!).filter(Number.isFinite))
      this.#showAround(from, to, 0.15)
      this.select(race.steps[0]!.record)
    }
    this.#changed()
  }

  /** Takes what is known by now of the incident that is shown, from among all; the step that is looked at stays. */
  followRace(verdicts: readonly Verdict[]): void {
    const { race, step } = this
    // The record that tells most of it may be another one by now.
    const known =
      verdicts.find(({ record }) => record === race?.record) ??
      verdicts.find(({ steps }) => steps.some(({ record }) => record === race?.record))
    if (race === null || known === undefined) return
    const looked = race.steps[step]
    const at = known.steps.findIndex(({ record, text }) => record === looked?.record && text === looked.text)
    this.race = known
    this.step = at < 0 ? Math.min(step, known.steps.length - 1) : at
    this.#changed()
  }

  /** Goes to the step before or after, along cause and effect. */
  stepRace(direction: 1 | -1): void {
    const steps = this.race?.steps ?? []
    const next = this.step + direction
    if (next < 0 || next >= steps.length) return
    this.step = next
    this.select(steps[next]!.record)
    this.#changed()
  }

  /** Selects a record and brings it into view; what is too small to see is enlarged. */
  reveal(record: string, enlarge = false): void {
    const now = this.now()
    const row = this.model.columns.rowOf(record)
    if (row === undefined) return
    const { startedAt, endedAt } = this.model.columns
    const whole = this.model.flightOf(row)?.row ?? row
    const from = Math.min(startedAt[whole]!, startedAt[row]!)
    const to = Math.max(Math.min(endedAt[whole]!, now), Math.min(endedAt[row]!, now))
    const { scale } = this
    const pixels = toX(scale, to) - toX(scale, from)
    const isInView = from >= scale.from && to <= scale.to
    const isSmall = pixels < 12 && to > from
    if (enlarge || isSmall) this.#showAround(from, to, 0.4)
    else if (!isInView) this.#hold(panBy(scale, toX(scale, (from + to) / 2) - scale.width / 2))
    this.select(record)
    this.#changed()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  getVersion = (): number => this.#version

  /** Opening late: goes back far enough to show what happened last, but not a whole day. */
  #open(now: number): void {
    this.#opened = true
    if (this.isStill) return this.fit(now)
    const last = this.model.flights.all.at(-1)
    const since = last === undefined ? 0 : now - this.model.columns.startedAt[last.row]!
    const length = Math.min(Math.max(openingLength, since * 1.25), 600_000)
    this.scale = { ...this.scale, from: now - length, to: now }
  }

  /** Of an instant also what was before and after it. */
  #showAround(from: number, to: number, room: number): void {
    const beside = to - from < 1 ? besideInstant : 0
    this.show(from - beside, to + beside, room)
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
