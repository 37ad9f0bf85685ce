import type { Dated, History, Stored } from '../history.ts'

/** Something that holds of every history, whatever was decided in it. */
export interface Invariant {
  /** The promise that it is of, 1 to 12. */
  readonly promise: number
  /** What holds, in one sentence. */
  readonly name: string
  /** One sentence for each place where it does not hold. */
  readonly broken: (history: History) => Iterable<string>
}

export type Of<K extends Dated['kind']> = Extract<Dated, { kind: K }>

/** The facts of one kind. */
export function only<K extends Dated['kind']>({ facts }: Pick<History, 'facts'>, kind: K): Of<K>[] {
  return facts.filter((fact): fact is Of<K> => fact.kind === kind)
}

/** Where in a history something was done to a tab, or to all: positions in its facts. */
export function deedsOf({ facts }: Pick<History, 'facts'>, ...deeds: readonly string[]) {
  return facts.flatMap((fact, at) => (fact.kind === 'deed' && deeds.includes(fact.deed) ? [{ at, fact }] : []))
}

/** What sets the wall clock apart from the time that has passed. */
export const movesClock: readonly string[] = ['clock jumped', 'slept']

const recordLife = 30 * 24 * 3_600_000

/** Tombstones and claims are forgotten when they are 30 days old: a clock that jumps further makes them look it. */
export const isLongJump = ({ deed, ms = 0 }: Pick<Of<'deed'>, 'deed' | 'ms'>): boolean =>
  deed === 'clock jumped' && Math.abs(ms) > recordLife

/** Where a record was deleted that such a jump had made look old; a position in the facts, -1 for nowhere. */
export function agedAway({ facts }: Pick<History, 'facts'>, isMeant: (record: Stored) => boolean): number {
  const jumped = facts.findIndex((it) => it.kind === 'deed' && isLongJump(it))
  if (jumped < 0) return -1
  return facts.findIndex(
    (it, at) =>
      at > jumped && it.kind === 'wrote' && it.writes.some(({ before, after }) => before && !after && isMeant(before)),
  )
}

/** Milliseconds between two times in which a tab was not frozen: its handlers have no more than that, and nor have its timers. */
export function awake(history: Pick<History, 'facts'>, tab: string, from: number, to: number): number {
  let sum = 0
  let since: number | null = from
  for (const { fact } of deedsOf(history, 'frozen', 'pagehide', 'resumed', 'restored')) {
    if (fact.tab !== tab || fact.at > to) continue
    const isBack = fact.deed === 'resumed' || fact.deed === 'restored'
    if (!isBack && since !== null) {
      sum += Math.max(fact.at - since, 0)
      since = null
    } else if (isBack) since ??= Math.max(fact.at, from)
  }
  return sum + (since === null ? 0 : to - since)
}
