import { settleWithin, systemClock } from '../realm/clock.ts'
import { onePer } from '../base/one-per.ts'
import { storageError } from './fault.ts'
import { createView, type Scope, type Store, type View, within } from './store.ts'
import { decode, encode, ours } from './text-record.ts'

type Eventually<T> = T | PromiseLike<T>

/** What React Native's AsyncStorage, MMKV, Capacitor's Preferences and many others are, or can be made with three lines. */
export interface KeyValueStorage {
  getItem(key: string): Eventually<string | null | undefined>
  setItem(key: string, value: string): Eventually<unknown>
  removeItem(key: string): Eventually<unknown>
}

/** Each record has two places, used in turn: a change is written beside what stands, never over it. */
type Place = 0 | 1

/** Which records there are, and where. Writing it is the moment at which a transaction counts. */
interface Index {
  readonly v: 1
  readonly records: Readonly<Record<string, Place>>
  /** Places that the last transaction gave up, so that the next one finishes what a crash prevented. */
  readonly given: readonly string[]
}

/** Milliseconds until the next transaction need not wait any more. */
const turnLimit = 10_000

const indexAt = `${ours}index`
const placeOf = (key: string, place: Place): string => `${ours}${key}.${place}`

/**
 * Sessions in anything with `getItem`, `setItem` and `removeItem`, synchronous or not.
 *
 * ```
 *  new records, beside the old ones ── index ── old records removed
 *  a crash here: the old state stands    │    here: the new one
 * ```
 *
 * Weaker than IndexedDB: transactions over one and the same object take turns within this realm; two tabs or processes
 * on the same data can lose each other's updates and present a refresh token twice. One store for one storage: who is given the
 * same one shares what it does there.
 */
export const keyValueStore: (
  storage: KeyValueStorage,
) => Store & { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: false } = onePer((storage) => {
  let last: Promise<unknown> = Promise.resolve()
  let turns = 0

  /**
   * ```
   *  turn 1 ── reads ─────── silence ──────────── answered: it decides and writes nothing any more
   *  turn 2                     └── turnLimit ── reads ── writes
   * ```
   * What was handed to the storage before is not taken back: storages write in the order in which they are asked.
   */
  async function run<R>(scope: Scope, change: (view: View) => R): Promise<R> {
    const turn = (turns += 1)
    const check = (): void => {
      if (turn !== turns) throw storageError('The storage answered too late: others went on. Try again.')
    }
    const index = readIndex(await storage.getItem(indexAt))
    const isRead = within(scope)
    const read = Object.entries(index.records).filter(([key]) => isRead(key))
    const texts = await Promise.all(read.map(async ([key, place]) => storage.getItem(placeOf(key, place))))
    const found = new Map<string, unknown>(read.map(([key], at) => [key, decode(texts[at])]))
    check()
    const { view, writes } = createView(found)
    const result = change(view)
    if (writes.size > 0) await commit(index, writes, check)
    return result
  }

  async function commit(index: Index, writes: ReadonlyMap<string, object | null>, check: () => void): Promise<void> {
    const put = async (at: string, text: string): Promise<void> => {
      check()
      await storage.setItem(at, text)
    }
    const removeAll = async (places: readonly string[]): Promise<void> => {
      check()
      await Promise.all(places.map(async (at) => storage.removeItem(at)))
    }
    const records = new Map(Object.entries(index.records))
    const given: string[] = []
    const puts: (readonly [at: string, text: string])[] = []
    for (const [key, record] of writes) {
      const place = records.get(key)
      if (record) {
        const next = place === 0 ? 1 : 0
        puts.push([placeOf(key, next), encode(record)])
        records.set(key, next)
        if (place !== undefined) given.push(placeOf(key, place))
      } else {
        records.delete(key)
        given.push(placeOf(key, 0), placeOf(key, 1))
      }
    }
    await removeAll(index.given)
    for (const [at, text] of puts) await put(at, text)
    await put(indexAt, encode({ ...index, records: Object.fromEntries(records), given } satisfies Index))
    // Committed already: what cannot be removed now is removed by the next transaction.
    await removeAll(given).catch(() => {})
  }

  return {
    type: 'key-value',
    atomic: 'realm',
    persistent: true,
    notifies: false,
    transact: <R>(scope: Scope, change: (view: View) => R) =>
      new Promise<R>((resolve) => {
        last = last.then(() => {
          const turn = run(scope, change)
          resolve(turn)
          return settleWithin(turn, systemClock, turnLimit).catch(() => {})
        })
      }),
  }
})

function readIndex(text: string | null | undefined): Index {
  const index = decode(text) as Partial<Index> | undefined
  return { v: 1, ...index, records: index?.records ?? {}, given: index?.given ?? [] }
}
