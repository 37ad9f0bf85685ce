import type { AuthRecord } from '@authflight/client'
import { type Flight, Flights, ownerKeys } from './flights.ts'
import { type Lane, Labels, Lanes, waitLinesFor } from './lanes.ts'
import { isProblem, text } from './names.ts'
import { byStart, readRecord } from './record-shape.ts'
import { Sessions } from './sessions.ts'
import { openEnd, SpanColumns } from './span-columns.ts'
import { insertIntoTracks, search, type Track } from './track.ts'

export interface RecordModelOptions {
  /** Most spans held; above, the oldest eighth goes, flights as a whole. Default 131,072. */
  readonly limit?: number
}

/**
 * All the panel knows, built from records in any order: columns of spans, flights, sessions, lanes, problems. Outside of
 * React, with `subscribe` and `getVersion` for `useSyncExternalStore`. Reading never changes what is recorded.
 */
export class RecordModel {
  columns = new SpanColumns()
  flights = new Flights(this.columns)
  sessions = new Sessions()
  lanes = new Lanes()
  /** Rows of problems, sorted by time. */
  problems: number[] = []
  /** Rows of operations still open. */
  readonly open = new Set<number>()
  labels = new Labels()
  /** Realms read here directly; nobody else may speak for them. */
  readonly localTabs = new Set<string>()
  /** Values that were not records, and were dropped. */
  malformed = 0
  /** Spans that went to make room. */
  evicted = 0

  readonly #limit: number
  readonly #listeners = new Set<() => void>()
  readonly #missing = new Set<string>()
  #version = 0
  #outdated = false
  #clearedAt = 0

  constructor(options: RecordModelOptions = {}) {
    this.#limit = options.limit ?? 131_072
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
    this.addAll(earlier)
    const rows = this.#rowsByStart()
    this.labels = new Labels()
    for (const row of rows) this.labels.see(this.columns.record(row).tab, this.columns.record(row).client)
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

  /** A tab went away or fell silent: what it had open is shown as cut off there. */
  silence(tab: string, at: number): void {
    for (const row of this.open) {
      if (this.columns.record(row).tab !== tab) continue
      this.columns.close(row, at)
      this.open.delete(row)
    }
    this.#changed()
  }

  /** Brings the order up to date after records came late. Call before reading lanes; cheap when nothing did. */
  settle(): void {
    if (!this.#outdated) return
    this.#rebuild(this.#rowsByStart())
    this.#version++
  }

  flightOf(row: number): Flight | undefined {
    return this.flights.ownerOf(this.columns.record(row))
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
    const put = this.columns.put(record)
    if (put === null) return
    this.labels.see(record.tab, record.client)
    this.#place(put.row, put.added)
    if (this.columns.size > this.#limit) this.#evict()
  }

  #place(row: number, added: boolean): void {
    const record = this.columns.record(row)
    if (this.columns.endedAt[row] === openEnd) this.open.add(row)
    else this.open.delete(row)
    const knownBefore = text(record.attributes, 'session.id')
    const hadSession = knownBefore !== undefined && this.sessions.all.has(knownBefore)
    // Whose session it is came after the session was shown under an id of its own.
    if (this.sessions.learn(record) && hadSession) this.#outdated = true
    if (isProblem(record)) this.#addProblem(row)
    if (added) this.#placeNew(row, record)
    else if (record.name === 'authflight.refresh') this.#makeRoomForWaits(this.flightOf(row))
  }

  #placeNew(row: number, record: AuthRecord): void {
    switch (record.name) {
      case 'authflight.refresh':
        return this.#placeFlight(row, record)
      case 'authflight.token_request':
      case 'authflight.discard':
      case 'authflight.contention':
      case 'authflight.wait':
      case 'authflight.record.waits':
        return this.#placeInFlight(row, record)
      default:
        return this.#placeInstant(row, record)
    }
  }

  #placeFlight(row: number, record: AuthRecord): void {
    const flight = this.flights.add(row)
    this.sessions.of(this.#sessionOf(flight)).flights.push(flight)
    if (this.#missing.has(record.id) || this.#missing.has(flight.id)) this.#outdated = true
    insertIntoTracks(this.#laneOf(flight).flights, this.columns, row)
    this.#makeRoomForWaits(flight)
  }

  #placeInFlight(row: number, record: AuthRecord): void {
    const flight = this.flights.ownerOf(record)
    if (flight === undefined) {
      for (const key of ownerKeys(record)) this.#missing.add(key)
      // Two sign-ins may meet without any flight.
      if (record.name === 'authflight.contention') this.lanes.page.share(this.columns, row)
      return
    }
    this.flights.attach(flight, row)
    if (record.name === 'authflight.wait' || record.name === 'authflight.record.waits') this.#makeRoomForWaits(flight)
    else insertIntoTracks(this.#laneOf(flight).nested, this.columns, row)
  }

  #makeRoomForWaits(flight: Flight | undefined): void {
    if (flight === undefined) return
    const lines = waitLinesFor(this.flights.waiterCount(flight))
    if (lines === flight.waitLines) return
    const { flightsByWaitLines } = this.#laneOf(flight)
    flightsByWaitLines[flight.waitLines]!--
    flightsByWaitLines[lines]!++
    flight.waitLines = lines
  }

  #placeInstant(row: number, record: AuthRecord): void {
    const flight = this.flights.ownerOf(record)
    if (flight !== undefined) this.flights.attach(flight, row)
    this.#trackOf(record, flight).share(this.columns, row)
  }

  #trackOf(record: AuthRecord, flight: Flight | undefined): Track {
    const session = text(record.attributes, 'session.id') ?? (flight && this.#sessionOf(flight))
    if (session === undefined) return this.lanes.page
    const group = this.lanes.groupOf(this.sessions.of(session), this.labels)
    const stored = ['committed', 'store_change', 'claim'].some((name) => record.name === `authflight.record.${name}`)
    return stored ? group.storage : group.events
  }

  #sessionOf(flight: Flight): string {
    return text(this.columns.record(flight.row).attributes, 'session.id') ?? 'unknown'
  }

  #laneOf(flight: Flight): Lane {
    const group = this.lanes.groupOf(this.sessions.of(this.#sessionOf(flight)), this.labels)
    const { tab, client } = this.columns.record(flight.row)
    return this.lanes.laneOf(group, tab, client)
  }

  #addProblem(row: number): void {
    const { startedAt } = this.columns
    const at = search(0, this.problems.length, (index) => startedAt[this.problems[index]!]! > startedAt[row]!)
    if (this.problems[at - 1] !== row) this.problems.splice(at, 0, row)
  }

  /** Drops the oldest eighth, but no part of a flight without the rest, and what is open only when nothing else is left. */
  #evict(): void {
    const { startedAt, endedAt, size } = this.columns
    const cut = startedAt.slice(0, size).sort()[size >>> 3]!
    const rows = this.#rowsByStart()
    const kept = rows.filter((row) => endedAt[this.flightOf(row)?.row ?? row]! > cut)
    const held = kept.length < size ? kept : rows.slice(size >>> 3)
    const gone = this.flights.all.filter((flight) => endedAt[flight.row]! <= cut).length
    this.evicted += size - held.length
    this.#rebuild(held, this.flights.evicted + gone)
  }

  /** All rows, oldest first. */
  #rowsByStart(): number[] {
    const { columns } = this
    const rows = Array.from({ length: columns.size }, (_, row) => row)
    return rows.sort((a, b) => byStart(columns.record(a), columns.record(b)))
  }

  /** Builds everything anew from some rows of what is held, in their order. */
  #rebuild(rows: readonly number[], evictedFlights = this.flights.evicted): void {
    const held = this.columns
    this.columns = new SpanColumns()
    this.flights = new Flights(this.columns, evictedFlights)
    this.sessions = new Sessions()
    this.lanes = new Lanes()
    this.problems = []
    this.open.clear()
    this.#missing.clear()
    for (const from of rows) {
      const record = held.record(from)
      const end = held.endedAt[from]!
      const put = this.columns.put(record)
      if (put !== null && record.endedAt === undefined && end !== openEnd) this.columns.close(put.row, end)
      this.sessions.learn(record)
    }
    for (let row = 0; row < this.columns.size; row++) this.#place(row, true)
    this.#outdated = false
  }
}
