import type { AuthRecord } from '@authflight/client'
import { number, text } from './names.ts'
import type { SpanColumns } from './span-columns.ts'

/** One refresh with all that belongs to it, as rows of the columns. */
export interface Flight {
  readonly id: string
  readonly row: number
  /** Lines its waiters take in its lane. */
  waitLines: number
  /** #1 is the first that started; counts on when old ones are evicted. */
  number: number
  readonly requests: number[]
  readonly waits: number[]
  readonly discards: number[]
  readonly contentions: number[]
  readonly claims: number[]
  /** The row that tells which revision it committed, or -1. */
  commit: number
  /** The row that sums up the waits beyond the first 32, or -1. */
  aggregate: number
}

function flightIdOf(record: AuthRecord): string | undefined {
  return text(record.attributes, 'flight.id')
}

/** Flights under way at once start close to each other; more neighbours are not looked at. */
const reach = 16
const callerTriggers = ['expiry', 'forced', 'unauthorized', 'set_session']

/** All flights, sorted by start, found by flight id and by the id of their refresh record. */
export class Flights {
  readonly all: Flight[] = []
  readonly #byId = new Map<string, Flight>()
  readonly #byRecord = new Map<string, Flight>()
  readonly #columns: SpanColumns
  #evicted: number

  constructor(columns: SpanColumns, evicted = 0) {
    this.#columns = columns
    this.#evicted = evicted
  }

  get evicted(): number {
    return this.#evicted
  }

  add(row: number): Flight {
    const record = this.#columns.record(row)
    const id = flightIdOf(record) ?? record.id
    const parts = { requests: [], waits: [], discards: [], contentions: [], claims: [], commit: -1, aggregate: -1 }
    const flight: Flight = { id, row, number: 0, waitLines: 0, ...parts }
    let at = this.all.length
    while (at > 0 && this.#startOf(at - 1) > record.startedAt) at--
    this.all.splice(at, 0, flight)
    for (let index = at; index < this.all.length; index++) this.all[index]!.number = this.#evicted + index + 1
    this.#byId.set(id, flight)
    this.#byRecord.set(record.id, flight)
    return flight
  }

  /** The flight a record belongs to: by its flight id, else by the refresh it links to or is a child of. */
  ownerOf(record: AuthRecord): Flight | undefined {
    const related = relatedId(record)
    return (
      this.#byId.get(flightIdOf(record) ?? record.id) ??
      this.#byRecord.get(record.id) ??
      (related === undefined ? undefined : this.#byRecord.get(related))
    )
  }

  /** Sorts a record under its flight. */
  attach(flight: Flight, row: number): void {
    switch (this.#columns.record(row).name) {
      case 'authflight.token_request':
        return void flight.requests.push(row)
      case 'authflight.wait':
        return void flight.waits.push(row)
      case 'authflight.discard':
        return void flight.discards.push(row)
      case 'authflight.contention':
        return void flight.contentions.push(row)
      case 'authflight.record.claim':
        return void flight.claims.push(row)
      case 'authflight.record.committed':
        flight.commit = row
        return
      case 'authflight.record.waits':
        flight.aggregate = row
    }
  }

  /** Flights that wanted the same generation of the same session while this one was under way. */
  rivals(flight: Flight): Flight[] {
    const at = flight.number - this.#evicted - 1
    const near = this.all.slice(Math.max(0, at - reach), at + reach + 1)
    return near.filter((other) => other !== flight && this.#meet(flight, other))
  }

  #meet(a: Flight, b: Flight): boolean {
    const { startedAt, endedAt } = this.#columns
    if (startedAt[a.row]! >= endedAt[b.row]! || startedAt[b.row]! >= endedAt[a.row]!) return false
    const [one, two] = [a, b].map(({ row }) => this.#columns.record(row).attributes)
    const session = text(one!, 'session.id')
    const isSameSession = session !== undefined && session === text(two!, 'session.id')
    return isSameSession && number(one!, 'session.revision') === number(two!, 'session.revision')
  }

  /** Callers served besides the one who started it: the flight's own count, or what has been seen so far. */
  waiterCount(flight: Flight): number {
    const told = number(this.#columns.record(flight.row).attributes, 'refresh.waiter_count') ?? 0
    return Math.max(told, flight.waits.length + this.aggregated(flight))
  }

  /** Everybody served: the waiters, and the caller who started it, unless a timer or an event of the page did. */
  callerCount(flight: Flight): number {
    return this.waiterCount(flight) + (isByCaller(this.#columns.record(flight.row)) ? 1 : 0)
  }

  aggregated(flight: Flight): number {
    if (flight.aggregate < 0) return 0
    return number(this.#columns.record(flight.aggregate).attributes, 'wait.count') ?? 0
  }

  #startOf(index: number): number {
    return this.#columns.startedAt[this.all[index]!.row]!
  }
}

/** Somebody asked for this refresh; else a timer or an event of the page did, as it was due. */
export function isByCaller({ attributes }: AuthRecord): boolean {
  return callerTriggers.includes(text(attributes, 'refresh.trigger') ?? '')
}

/** The keys under which a record's flight may come to be known. */
export function ownerKeys(record: AuthRecord): string[] {
  return [flightIdOf(record), relatedId(record)].filter((key) => key !== undefined)
}

/** The refresh that a wait links to, or whose child this is. */
function relatedId(record: AuthRecord): string | undefined {
  return record.name === 'authflight.wait' ? record.links[0]?.id : record.parentId
}
