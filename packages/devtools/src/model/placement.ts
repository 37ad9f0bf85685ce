import type { AuthRecord } from '@authflight/client'
import { findClockTrouble } from './clock-trouble.ts'
import { type Flight, Flights, ownerKeys } from './flights.ts'
import { type Lane, type Labels, Lanes, waitLinesFor } from './lanes.ts'
import { isProblem, text } from './names.ts'
import { Sessions } from './sessions.ts'
import { openEnd, SpanColumns } from './span-columns.ts'
import { insertIntoTracks, search, type Track } from './track.ts'

/** Refreshes that are looked at again when a clock has jumped. */
const reach = 8

/** Records in their places: columns of spans, flights, sessions, lanes, problems. Nothing leaves; to make room a successor is built. */
export class Placement {
  readonly columns = new SpanColumns()
  readonly flights: Flights
  readonly sessions = new Sessions()
  readonly lanes = new Lanes()
  readonly problems: number[] = []
  readonly open = new Set<number>()
  /** Something came late: had it come in order, it would have another place. */
  isOutdated = false
  readonly #missing = new Set<string>()
  readonly #labels: Labels

  constructor(labels: Labels, evictedFlights = 0) {
    this.#labels = labels
    this.flights = new Flights(this.columns, evictedFlights)
  }

  /** `false` where there is nothing to take. */
  take(record: AuthRecord): boolean {
    const put = this.columns.put(record)
    if (put === null) return false
    this.#labels.see(record)
    this.#place(put.row, put.added)
    return true
  }

  /** Takes rows of another, in their order, a row a step. Whose sessions they are is known before the first has its place. */
  *copy(from: SpanColumns, rows: Iterable<number>): Generator<void> {
    for (const row of rows) {
      const record = from.record(row)
      const end = from.endedAt[row]!
      const put = this.columns.put(record)
      if (put !== null && record.endedAt === undefined && end !== openEnd) this.columns.close(put.row, end)
      this.sessions.learn(record)
      yield
    }
    for (let row = 0; row < this.columns.size; row++) {
      this.#place(row, true)
      yield
    }
    // They stand in the order that was asked for.
    this.isOutdated = false
  }

  /** Cuts off what a tab has open. */
  silence(tab: string, at: number): void {
    for (const row of this.open) {
      if (this.columns.record(row).tab !== tab) continue
      this.columns.close(row, at)
      this.open.delete(row)
    }
  }

  flightOf(row: number): Flight | undefined {
    return this.flights.ownerOf(this.columns.record(row))
  }

  #place(row: number, added: boolean): void {
    const record = this.columns.record(row)
    if (this.columns.endedAt[row] === openEnd) this.open.add(row)
    else this.open.delete(row)
    const knownBefore = text(record.attributes, 'session.id')
    const hadSession = knownBefore !== undefined && this.sessions.all.has(knownBefore)
    // Whose session it is came after the session was shown under an id of its own.
    if (this.sessions.learn(record) && hadSession) this.isOutdated = true
    this.#noteProblem(row, record)
    if (added) this.#placeNew(row, record)
    else if (record.name === 'authflight.refresh') this.#makeRoomForWaits(this.flightOf(row))
    if (record.name === 'authflight.record.clock_jump') this.#lookAgain()
  }

  #placeNew(row: number, record: AuthRecord): void {
    switch (record.name) {
      case 'authflight.refresh':
        return this.#placeFlight(row, record)
      case 'authflight.token_request':
      case 'authflight.discard':
      case 'authflight.contention':
      case 'authflight.storage':
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
    if (this.#missing.has(record.id) || this.#missing.has(flight.id)) this.isOutdated = true
    insertIntoTracks(this.#laneOf(flight).flights, this.columns, row)
    this.#makeRoomForWaits(flight)
  }

  #placeInFlight(row: number, record: AuthRecord): void {
    const flight = this.flights.ownerOf(record)
    if (flight === undefined) {
      for (const key of ownerKeys(record)) this.#missing.add(key)
      // Two sign-ins may meet without any flight, and a sign-out waits for its store too.
      if (['authflight.contention', 'authflight.storage'].includes(record.name))
        this.lanes.page.share(this.columns, row)
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
    const group = this.lanes.groupOf(this.sessions.of(session), this.#labels)
    const stored = ['committed', 'store_change', 'claim'].some((name) => record.name === `authflight.record.${name}`)
    return stored ? group.storage : group.events
  }

  #sessionOf(flight: Flight): string {
    return text(this.columns.record(flight.row).attributes, 'session.id') ?? 'unknown'
  }

  #laneOf(flight: Flight): Lane {
    const group = this.lanes.groupOf(this.sessions.of(this.#sessionOf(flight)), this.#labels)
    const { tab, client } = this.columns.record(flight.row)
    return this.lanes.laneOf(group, tab, client)
  }

  /** A jump that was noticed during a refresh may come after its end, where both come at once. */
  #lookAgain(): void {
    for (const { row } of this.flights.all.slice(-reach))
      if (findClockTrouble(this, this.columns.record(row)) !== null) this.#addProblem(row)
  }

  #noteProblem(row: number, record: AuthRecord): void {
    if (record.name === 'authflight.session_end') {
      // A refresh that was refused and the end that came of it are one.
      const cause = this.flightOf(row)
      if (cause !== undefined && isProblem(this.columns.record(cause.row))) return
    }
    const isBad = isProblem(record)
    if (isBad && record.name === 'authflight.refresh') this.#forgetEndsBy(record)
    if (isBad || findClockTrouble(this, record) !== null) this.#addProblem(row)
  }

  /** They were told before it had ended. */
  #forgetEndsBy({ id, startedAt }: AuthRecord): void {
    const { problems, columns } = this
    const isOf = ({ name, parentId }: AuthRecord) => name === 'authflight.session_end' && parentId === id
    for (let at = problems.length - 1; at >= 0 && columns.startedAt[problems[at]!]! >= startedAt; at--)
      if (isOf(columns.record(problems[at]!))) problems.splice(at, 1)
  }

  #addProblem(row: number): void {
    const { startedAt } = this.columns
    const at = search(0, this.problems.length, (index) => startedAt[this.problems[index]!]! > startedAt[row]!)
    if (this.problems[at - 1] !== row) this.problems.splice(at, 0, row)
  }
}
