import { memoryStore, type Store } from '../../src/index.ts'
import type { SlotRecord } from '../../src/slot/slot.ts'
import type { Scope } from '../../src/storage/store.ts'
import { createDeferred } from './deferred.ts'

type Matches = (scope: Scope) => boolean
const all: Matches = () => true

/** The look that a flight takes right before its token leaves: is the claim still its own? */
export const isConfirmation: Matches = ({ keys }) => keys.length === 1 && keys.every((key) => key.startsWith('claim:'))

/** A transaction that reads or writes some key of this kind, such as `slot` or `attempt`. */
export const touches =
  (kind: string): Matches =>
  ({ keys, prefixes = [] }) =>
    [...keys, ...prefixes].some((key) => key.startsWith(`${kind}:`))

/** The one that makes a session of an attempt. */
export const isSettling: Matches = ({ keys }) =>
  keys.length === 2 && touches('shown')({ keys }) && touches('attempt')({ keys })

/** A store that keeps the transactions a test names: `before` they run, or `after` they have, before they answer. */
export function createGatedStore(inner: Store = memoryStore()) {
  let standing: { matches: Matches; side: 'before' | 'after'; pass: () => Promise<void> } | null = null
  const store: Store = {
    ...inner,
    async transact(scope, change) {
      const gate = standing?.matches(scope) ? standing : null
      if (gate?.side === 'before') await gate.pass()
      const result = await inner.transact(scope, change)
      if (gate?.side === 'after') await gate.pass()
      return result
    },
  }
  /** Keeps all that match from now on. `arrived`: the first stands at the gate. `release` opens it for good. */
  function hold(matches: Matches = all, side: 'before' | 'after' = 'before') {
    const [arrived, opened] = [createDeferred(), createDeferred()]
    const gate = {
      matches,
      side,
      pass(): Promise<void> {
        arrived.resolve()
        return opened.promise
      },
    }
    standing = gate
    return {
      arrived: arrived.promise,
      release(): void {
        if (standing === gate) standing = null
        opened.resolve()
      },
    }
  }
  /** Keeps the first that matches from now on; all others pass. */
  function holdOne(matches: Matches, side: 'before' | 'after' = 'before') {
    let isFirst = true
    return hold((scope) => {
      const isHeld = isFirst && matches(scope)
      if (isHeld) isFirst = false
      return isHeld
    }, side)
  }
  return { store, inner, hold, holdOne }
}

/** A store that fails, or not, as the test says. */
export function createFailingStore(inner: Store = memoryStore()) {
  let failing: Matches | null = null
  const store: Store = {
    ...inner,
    transact: (scope, change) =>
      failing?.(scope) ? Promise.reject(new Error('canary_store')) : inner.transact(scope, change),
  }
  return {
    store,
    inner,
    fail: (matches: Matches = all) => void (failing = matches),
    mend: () => void (failing = null),
  }
}

/** A store that does as a test says with what the transactions look at. */
export const meddle = (inner: Store, before: (scope: Scope, view: Parameters<Change>[0]) => void): Store => ({
  ...inner,
  transact: (scope, change) =>
    inner.transact(scope, (view) => {
      before(scope, view)
      return change(view)
    }),
})
type Change = Parameters<Store['transact']>[1]

export const keysOf = (store: Store, kind: string): Promise<string[]> =>
  store.transact({ keys: [], prefixes: [`${kind}:`] }, (view) => view.list(`${kind}:`).map(([key]) => key))

export const slotsOf = (store: Store): Promise<SlotRecord[]> =>
  store.transact({ keys: [], prefixes: ['slot:'] }, (view) => view.list('slot:').map(([, slot]) => slot as SlotRecord))

export const editSlots = (store: Store, edit: (slot: SlotRecord) => object): Promise<void> =>
  store.transact({ keys: [], prefixes: ['slot:'] }, (view) => {
    for (const [key, slot] of view.list('slot:')) view.put(key, edit(slot as SlotRecord))
  })

/** As "clear site data" does, or with records of one kind only, such as `slot`. */
export const wipe = (store: Store, kind?: string): Promise<void> => {
  const prefix = kind ? `${kind}:` : ''
  return store.transact({ keys: [], prefixes: [prefix] }, (view) => {
    for (const [key] of view.list(prefix)) view.delete(key)
  })
}

/** As if time had passed: the stored access tokens have died. */
export const letTokensDie = (store: Store): Promise<void> =>
  editSlots(store, (slot) => ({ ...slot, tokens: { ...slot.tokens, expiresAt: Date.now() - 1 } }))

/** As a backup does, or an app that hands its sessions over: the same records in another store. */
export async function copyRecords(from: Store, to: Store): Promise<void> {
  const records = await from.transact({ keys: [], prefixes: [''] }, (view) => view.list(''))
  await to.transact({ keys: [] }, (view) => {
    for (const [key, record] of records) view.put(key, record as object)
  })
}

export const textOf = (store: Store): Promise<string> =>
  store.transact({ keys: [], prefixes: [''] }, (view) => JSON.stringify(view.list('')))
