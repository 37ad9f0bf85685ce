import type { AuthRecord } from '@authflight/client'
import type { Flight, Flights } from './flights.ts'
import { Labels, type Lanes } from './lanes.ts'
import { Placement } from './placement.ts'
import { byStart, readRecord } from './record-shape.ts'
import type { SessionHistory, Sessions } from './sessions.ts'
import { openEnd, type SpanColumns } from './span-columns.ts'

export interface RecordModelOptions {
  /** Most spans held; shortly before, the oldest eighth goes, flights as a whole. Default 147,456. */
  readonly limit?: number
}

export const defaultLimit = 147_456
/** Of the limit, what is still free when room begins to be made. */
export const reserve = 1 / 8

/**
 * All the panel knows, built from records in any order: columns of spans, flights, sessions, lanes, problems. Outside of
 * React, with `subscribe` and `getVersion` for `useSyncExternalStore`. Reading never changes what is recorded.
 */
export class RecordModel {
  labels = new Labels()
  /** Realms read here directly; nobody else may speak for them. */
  readonly localTabs = new Set<string>()
  /** Values that were not records, and were dropped. */
  malformed = 0
  /** Spans that went to make room. */
  evicted = 0

  readonly #limit: number
  readonly #listeners = new Set<() => void>()
  /** Tabs that fell silent, and clients that were disposed of. */
  readonly #gone = new Set<string>()
  #version = 0
  #clearedAt = 0
  #held = new Placement(this.labels)
  /** Under way while room is made. */
  #eviction: Iterator<void> | null = null
  /** How many steps that takes yet, at most: two for each row. */
  #stepsLeft = 0
  /** What has come since that began. */
  #since: AuthRecord[] = []

  constructor(options: RecordModelOptions = {}) {
    this.#limit = options.limit ?? defaultLimit
  }

  get columns(): SpanColumns {
    return this.#held.columns
  }

  get flights(): Flights {
    return this.#held.flights
  }

  get sessions(): Sessions {
    return this.#held.sessions
  }

  get lanes(): Lanes {
    return this.#held.lanes
  }

  /** Rows of problems, sorted by time. */
  get problems(): readonly number[] {
    return this.#held.problems
  }

  /** Rows of operations still open. */
  get open(): ReadonlySet<number> {
    return this.#held.open
  }

  /** Takes anything; what is not a record is counted and dropped. `shift` in milliseconds brings its clock in line. */
  add(value: unknown, shift = 0): void {
    const record = readRecord(value, shift)
    if (record === null) this.malformed++
    else if ((record.endedAt ?? Infinity) >= this.#clearedAt) this.#take(record)
    this.#changed()
  }

  /** Takes many, oldest first, so that a flight is known before what belongs to it. */
  addAll(values: readonly unknown[], shift = 0): void {
    const records = values.map((value) => readRecord(value, shift)).filter((record) => record !== null)
    this.malformed += values.length - records.length
    for (const record of records.sort(byStart)) if ((record.endedAt ?? Infinity) >= this.#clearedAt) this.#take(record)
    this.#changed()
  }

  /**
   * Takes what was before all that is held, as from earlier visits of the page: names and numbers begin with it. Tabs that are known already
   * tell of themselves, on a clock that was brought in line. Gives what it has taken.
   */
  addEarlier(records: readonly AuthRecord[]): readonly AuthRecord[] {
    const earlier = records.filter(({ tab }) => !this.localTabs.has(tab) && !this.labels.knows(tab))
    if (earlier.length === 0) return earlier
    this.addAll(earlier)
    const rows = this.#rowsByStart()
    this.labels = new Labels()
    for (const row of rows) this.labels.see(this.columns.record(row))
    this.#rebuild(rows)
    this.#changed()
    return earlier
  }

  /** Forgets all that has ended; what ends later is taken again. */
  clear(now: number): void {
    this.#clearedAt = now
    this.#rebuild(this.#rowsByStart().filter((row) => this.columns.endedAt[row] === openEnd))
    this.#changed()
  }

  /** A tab went away or fell silent: what it had open is shown as cut off there, and its timers count no more until it speaks again. */
  silence(tab: string, at: number): void {
    this.#gone.add(tab)
    this.#held.silence(tab, at)
    // A successor may have taken as open what was.
    this.#eviction = null
    this.#changed()
  }

  /**
   * Brings the order up to date after records came late. Call before reading lanes; cheap when nothing did. If room is being made, that begins
   * anew: it costs less than this, and ends at the limit, however often that happens.
   */
  settle(): void {
    if (!this.#held.isOutdated) return
    this.#rebuild(this.#rowsByStart())
    this.#version++
  }

  /** When the next timer of a session is due after a time; `Infinity` where no tab that lives has armed one. */
  nextTimer(session: SessionHistory, after: number): number {
    let next = Infinity
    for (const { tab, client, dueAt } of session.timers.values())
      if (dueAt > after && dueAt < next && !this.#gone.has(tab) && !this.#gone.has(client)) next = dueAt
    return next
  }

  flightOf(row: number): Flight | undefined {
    return this.#held.flightOf(row)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  getVersion = (): number => this.#version

  #changed(): void {
    this.#version++
    for (const listener of this.#listeners) listener()
  }

  #take(record: AuthRecord): void {
    this.#gone.delete(record.tab)
    if (record.name === 'authflight.dispose') this.#gone.add(record.client)
    if (!this.#held.take(record)) return
    const { size } = this.columns
    if (this.#eviction === null && size > this.#limit * (1 - reserve)) {
      this.#eviction = this.#evict()
      this.#stepsLeft = 2 * size
    }
    if (this.#eviction === null) return
    this.#since.push(record)
    // So many that all have moved when the limit is reached. There what is left moves at once.
    const room = this.#limit - size
    const steps = room > 0 ? this.#stepsLeft / room : Infinity
    this.#stepsLeft -= steps
    for (let step = 0; step < steps && this.#eviction?.next().done === false; step++);
  }

  /**
   * Drops the oldest eighth, but no part of a flight without the rest, and what is open only when nothing else is left. What stays moves to a
   * successor row by row, and so in no frame all of it; until then all is shown.
   */
  *#evict(): Generator<void> {
    const { columns, flights } = this
    const { size } = columns
    const since = (this.#since = [] as AuthRecord[])
    // To sort all takes longer than a frame has; a few thousand tell when the eighth ends.
    const every = Math.ceil(size / 4_096)
    const sample = columns.startedAt.slice(0, size).filter((_, row) => row % every === 0)
    const cut = sample.sort()[sample.length >>> 3]!
    const isOld = (row: number) => columns.endedAt[this.flightOf(row)?.row ?? row]! <= cut
    const goes = columns.records.some((_, row) => isOld(row)) ? isOld : (row: number) => row < size >>> 3
    const gone = flights.all.filter(({ row }) => goes(row)).length
    const next = new Placement(this.labels, flights.evicted + gone)
    yield* next.copy(columns, rowsBut(goes, size))
    // An array that grows while it is walked.
    for (const record of since) {
      if (next.columns.records[next.columns.rowOf(record.id) ?? -1] !== record) next.take(record)
      yield
    }
    next.isOutdated ||= this.#held.isOutdated
    this.evicted += columns.size - next.columns.size
    this.#replace(next)
  }

  /** All rows, oldest first. */
  #rowsByStart(): number[] {
    const { columns } = this
    const rows = Array.from({ length: columns.size }, (_, row) => row)
    return rows.sort((a, b) => byStart(columns.record(a), columns.record(b)))
  }

  /** Builds everything anew from some rows of what is held, in their order. */
  #rebuild(rows: readonly number[]): void {
    const next = new Placement(this.labels, this.flights.evicted)
    const copying = next.copy(this.columns, rows)
    while (copying.next().done === false);
    this.#replace(next)
  }

  #replace(next: Placement): void {
    this.#held = next
    this.#eviction = null
    this.#since = []
  }
}

function* rowsBut(goes: (row: number) => boolean, size: number): Generator<number> {
  for (let row = 0; row < size; row++) if (!goes(row)) yield row
}
