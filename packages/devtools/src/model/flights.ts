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
  /** Rows that sum up the waits beyond the first 32: one each time all of those had ended. */
  readonly aggregates: number[]
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
  readonly #byGeneration = new Map<string, Flight[]>()
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
    const parts = { requests: [], waits: [], discards: [], contentions: [], claims: [], aggregates: [], commit: -1 }
    const flight: Flight = { id, row, number: 0, waitLines: 0, ...parts }
    let at = this.all.length
    while (at > 0 && this.#startOf(at - 1) > record.startedAt) at--
    this.all.splice(at, 0, flight)
    for (let index = at; index < this.all.length; index++) this.all[index]!.number = this.#evicted + index + 1
    this.#byId.set(id, flight)
    this.#byRecord.set(record.id, flight)
    const generation = this.#generationOf(flight)
    if (generation !== '') {
      const same = this.#byGeneration.get(generation)
      if (same === undefined) this.#byGeneration.set(generation, [flight])
      else same.push(flight)
    }
    return flight
  }

  /** The flight a record belongs to: by its flight id, else by the refresh it links to or is a child of. */
  ownerOf(record: AuthRecord): Flight | undefined {
    return (
      this.#byId.get(flightIdOf(record) ?? record.id) ??
      this.#byRecord.get(record.id) ??
      this.#byRecord.get(relatedId(record) ?? '')
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
        flight.aggregates.push(row)
    }
  }

  /**
   * Flights that wanted the same generation of the same session while this one was under way; and at whatever time, where one had rotated it and
   * the other was refused later.
   */
  rivals(flight: Flight): Flight[] {
    const { startedAt, endedAt } = this.#columns
    const generation = this.#generationOf(flight)
    const same = this.#byGeneration.get(generation) ?? []
    // As nearly always, and asked of each in view in each frame.
    if (same.length < 2) return []
    const at = flight.number - this.#evicted - 1
    const met = this.all
      .slice(Math.max(0, at - reach), at + reach + 1)
      .filter(
        (other) =>
          other !== flight &&
          startedAt[other.row]! < endedAt[flight.row]! &&
          startedAt[flight.row]! < endedAt[other.row]! &&
          this.#generationOf(other) === generation,
      )
    return [...new Set([...met, ...this.#clashes(flight, same)])].sort((a, b) => a.number - b.number)
  }

  #clashes(flight: Flight, same: readonly Flight[]): Flight[] {
    const { startedAt } = this.#columns
    const outcome = this.#outcomeOf(flight)
    const from = startedAt[flight.row]!
    if (outcome === 'rejected')
      return same.filter((other) => this.#outcomeOf(other) === 'rotated' && startedAt[other.row]! <= from)
    if (outcome !== 'rotated') return []
    return same.filter((other) => this.#outcomeOf(other) === 'rejected' && startedAt[other.row]! >= from)
  }

  #outcomeOf({ row }: Flight): string | undefined {
    return text(this.#columns.record(row).attributes, 'refresh.outcome')
  }

  /** The token that it presents; empty where that was not told. */
  #generationOf({ row }: Flight): string {
    const { attributes } = this.#columns.record(row)
    const [session, revision] = [text(attributes, 'session.id'), number(attributes, 'session.revision')]
    return session === undefined ? '' : `${session} ${revision}`
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
    return this.#aggregates(flight, 'wait.count').reduce((sum, count) => sum + count, 0)
  }

  /** The longest of the waits that were summed up, milliseconds. */
  longestAggregated(flight: Flight): number {
    return Math.max(0, ...this.#aggregates(flight, 'wait.max')) * 1_000
  }

  #aggregates({ aggregates }: Flight, key: string): number[] {
    return aggregates.map((row) => number(this.#columns.record(row).attributes, key) ?? 0)
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
