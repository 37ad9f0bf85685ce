import { search } from '../model/track.ts'
import type { RecordModel } from '../model/record-model.ts'

/** A stretch of time in which nothing happened, epoch milliseconds. It is drawn as if it had taken a second. */
export interface Fold {
  readonly from: number
  readonly to: number
}

/** Less idle time is shown as it is; milliseconds. */
const leastIdle = 5_000
/** Idle time that stays at both ends of a fold, so that what happened there has air; milliseconds. */
const air = 500
/** What a fold takes on screen, milliseconds. */
const foldedLength = 1_000

/** A clock that runs through folds fast: `enter` and `leave` translate between time and what is drawn of it. */
export class Folds {
  readonly list: readonly Fold[]
  /** Milliseconds saved by the folds before each, and by all. */
  readonly #saved: number[] = [0]

  /** `list` sorted and apart. */
  constructor(list: readonly Fold[]) {
    this.list = list
    for (const { from, to } of list) this.#saved.push(this.#saved.at(-1)! + (to - from) - foldedLength)
  }

  enter(time: number): number {
    const index = search(0, this.list.length, (at) => this.list[at]!.to > time)
    const fold = this.list[index]
    const inside =
      fold === undefined || time <= fold.from ? 0 : (time - fold.from) * (1 - foldedLength / (fold.to - fold.from))
    return time - this.#saved[index]! - inside
  }

  leave(drawn: number): number {
    const index = search(0, this.list.length, (at) => this.list[at]!.to - this.#saved[at + 1]! > drawn)
    const time = drawn + this.#saved[index]!
    const fold = this.list[index]
    if (fold === undefined || time <= fold.from) return time
    return fold.from + ((time - fold.from) * (fold.to - fold.from)) / foldedLength
  }

  /** The folds that reach into a span of time. */
  within(from: number, to: number): readonly Fold[] {
    return this.list.filter((fold) => fold.to > from && fold.from < to)
  }
}

/** Where nothing was under way and nothing happened for a while. The time after the last record is not idle: it goes on. */
export function findIdle(model: RecordModel, now: number): Folds {
  const { startedAt, endedAt, size } = model.columns
  const rows = Array.from({ length: size }, (_, row) => row).sort((a, b) => startedAt[a]! - startedAt[b]!)
  const folds: Fold[] = []
  let busyUntil = Infinity
  for (const row of rows) {
    if (startedAt[row]! - busyUntil > leastIdle) folds.push({ from: busyUntil + air, to: startedAt[row]! - air })
    const end = Math.min(endedAt[row]!, now)
    busyUntil = busyUntil === Infinity ? end : Math.max(busyUntil, end)
  }
  return new Folds(folds)
}
