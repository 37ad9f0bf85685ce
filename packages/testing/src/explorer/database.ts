import type { Scope, Store, View } from '@authflight/client'
import { currentCall } from './call.ts'
import type { Choices } from './choices.ts'
import type { Fact, Stored, Write } from './history.ts'
import type { StoreKind } from './setting.ts'
import { canary } from './leaks.ts'
import type { Tab } from './tab.ts'

/**
 * The records of one origin, as IndexedDB keeps them: a transaction waits for its turn, decides and writes at once, and its caller
 * hears of that later. It may fail before it decides or after, the disk may be full, and what was not flushed is lost when the
 * whole browser crashes.
 */
export interface Database {
  /** The store of one tab. */
  storeOf(tab: Tab): Store
  /** How all transactions go from now on. */
  health: 'well' | 'failing' | 'full'
  clear(): void
  /** Until now nothing is lost any more. */
  flush(): void
  /** Everything since the last flush is undone. True where that changed something. */
  loseUnflushed(): boolean
  readonly stored: readonly Stored[]
  /**
   * Whether the access token that is stored beside this refresh token is of no use to a tab that presents it: dead by its clock or
   * refused, now or when it took the right to present. True where the token is in no slot.
   */
  hasNothingToLose(tab: Tab, refreshToken: string): boolean
}

/** As much of a slot as is asked for here. */
interface Held {
  readonly digest: string | null
  readonly tokens: { readonly access: string; readonly refresh: string | null; readonly expiresAt: number | null }
}

export interface DatabaseParts {
  readonly choices: Choices
  readonly kind: StoreKind
  readonly tell: (fact: Fact) => void
  /** Reads a record by printable ids. */
  readonly read: (key: string, value: unknown) => Stored
  /** The printable id of a token. */
  readonly idOf: (secret: string) => string
}

export function createDatabase({ choices, kind, tell, read, idOf }: DatabaseParts): Database {
  let records = new Map<string, object>()
  let flushed = new Map<string, object>()
  let room = 0

  const sizeOf = (all: ReadonlyMap<string, object>): number => {
    let size = 0
    for (const [key, value] of all) size += key.length + JSON.stringify(value).length
    return size
  }

  /** The claims that a tab has written when the access token of their session was dead to it, by tab and key. */
  const claimedDead = new Set<string>()

  const isDead = ({ realm, refused }: Tab, { tokens }: Held): boolean =>
    (tokens.expiresAt !== null && realm.clock.now() >= tokens.expiresAt) || refused.has(idOf(tokens.access))

  function noteClaim(tab: Tab, key: string): void {
    const held = [...records.values()].find((value) => `claim:${(value as Held).digest}` === key) as Held | undefined
    if (held && isDead(tab, held)) claimedDead.add(`${tab.name} ${key}`)
    else claimedDead.delete(`${tab.name} ${key}`)
  }

  /** Gives the writes; nothing is written yet. */
  function decide<R>(scope: Scope, change: (view: View) => R): { result: R; writes: Map<string, object | null> } {
    const { keys, prefixes = [] } = scope
    const isRead = (key: string): boolean => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix))
    const writes = new Map<string, object | null>()
    const get = (key: string): unknown => {
      const written = writes.get(key)
      return written === undefined ? (isRead(key) ? records.get(key) : undefined) : (written ?? undefined)
    }
    const view: View = {
      get,
      list: (prefix) =>
        [...new Set([...records.keys(), ...writes.keys()])]
          .filter((key) => key.startsWith(prefix))
          .map((key) => [key, get(key)] as const)
          .filter(([, value]) => value !== undefined),
      put: (key, value) => void writes.set(key, Object.freeze(value)),
      delete: (key) => void writes.set(key, null),
    }
    return { result: change(view), writes }
  }

  function apply(tab: Tab, writes: ReadonlyMap<string, object | null>): void {
    if (writes.size === 0) return
    const next = new Map(records)
    for (const [key, value] of writes) {
      if (value === null) next.delete(key)
      else next.set(key, value)
    }
    if (database.health === 'full' && sizeOf(next) > room)
      throw new DOMException(`${canary} full`, 'QuotaExceededError')
    const changes: Write[] = []
    for (const [key, value] of writes) {
      const before = records.get(key)
      if (before === undefined && value === null) continue
      if (value && key.startsWith('claim:')) noteClaim(tab, key)
      changes.push({ before: before ? read(key, before) : null, after: value ? read(key, value) : null })
    }
    records = next
    if (changes.length > 0) tell({ kind: 'wrote', tab: tab.name, writes: changes })
  }

  function storeOf(tab: Tab): Store {
    const [turns, news] = [{}, {}]
    return {
      type: kind === 'memory' ? 'memory' : 'indexeddb',
      atomic: kind === 'memory' ? 'realm' : 'origin',
      persistent: kind !== 'memory',
      notifies: kind !== 'remote',
      transact: (scope, change) =>
        new Promise((resolve, reject) => {
          const call = currentCall()
          const later = (describe: string, settle: () => void): void =>
            choices.add({
              kind: 'commit',
              tab: tab.name,
              lane: news,
              isHeld: () => tab.isFrozen,
              describe: () => describe,
              faults: [],
              take: settle,
              call,
            })
          const fail = (how: string, error: unknown): void => {
            tell({ kind: 'aborted', tab: tab.name, how })
            later('hears of an abort', () => reject(error as Error))
          }
          choices.add({
            kind: 'transaction',
            tab: tab.name,
            lane: turns,
            // The decision is the page's own code.
            isHeld: () => tab.isFrozen,
            describe: () => `transaction on ${[...scope.keys, ...(scope.prefixes ?? [])].map(kindOf).join(' ')}`,
            faults: ['before', 'after'],
            take(fault) {
              const broken = new DOMException(`${canary} broken`, 'UnknownError')
              if (fault === 'before' || database.health === 'failing') return fail('before it decided', broken)
              try {
                const { result, writes } = decide(scope, change)
                if (fault === 'after')
                  return fail('after it decided', new DOMException(`${canary} aborted`, 'AbortError'))
                apply(tab, writes)
                later('hears of a commit', () => resolve(result))
              } catch (error) {
                fail('by its own', error)
              }
            },
            call,
          })
        }),
    }
  }

  let health: Database['health'] = 'well'
  const database: Database = {
    storeOf,
    get health() {
      return health
    },
    set health(next) {
      health = next
      room = sizeOf(records)
    },
    clear: () => void (records = new Map()),
    flush: () => void (flushed = records),
    loseUnflushed() {
      const isLoss = flushed !== records
      records = flushed
      return isLoss
    },
    get stored() {
      return [...records].map(([key, value]) => read(key, value))
    },
    hasNothingToLose(tab, refreshToken) {
      const held = [...records.values()].find((value) => (value as Held).tokens?.refresh === refreshToken) as Held
      return !held || isDead(tab, held) || claimedDead.has(`${tab.name} claim:${held.digest}`)
    },
  }
  return database
}

const kindOf = (key: string): string => key.slice(0, key.indexOf(':'))
