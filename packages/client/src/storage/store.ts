/** What a transaction touches: named keys, and all keys that begin with a prefix. */
export interface Scope {
  readonly keys: readonly string[]
  readonly prefixes?: readonly string[]
}

/** The records of one transaction: read before it began to decide, written when it ends. Everything here is synchronous. */
export interface View {
  get(key: string): unknown
  /** The records whose key begins with a prefix of the scope. */
  list(prefix: string): readonly (readonly [key: string, value: unknown])[]
  put(key: string, value: object): void
  delete(key: string): void
}

/**
 * A place for records. One operation: read the scope, decide, write, as one transaction. `change` is synchronous, so nothing
 * but the store can be awaited inside a transaction, and a decision cannot be overtaken between its read and its write.
 */
export interface Store {
  readonly type: string
  /**
   * Whom a transaction excludes. `origin`: every tab and process on the same data, so promises 3, 4 and 10 hold among them.
   * `realm`: only callers in the same realm; two tabs on such a store can lose each other's updates.
   */
  readonly atomic: 'origin' | 'realm'
  /** Whether records outlive a reload of the page, or the process. */
  readonly persistent: boolean
  /**
   * Whether everybody who can change the records tells the others, so that what was read stays true until a notice comes.
   * Notices go by `BroadcastChannel`, within one origin: false where the records can be reached from outside of it.
   */
  readonly notifies: boolean
  /**
   * Resolves with what `change` returned once its writes are committed; rejects, with nothing written, when `change`
   * throws or the store fails.
   */
  transact<R>(scope: Scope, change: (view: View) => R): Promise<R>
}

/** Whether a transaction of this scope reads a key. */
export const within =
  ({ keys, prefixes = [] }: Scope) =>
  (key: string): boolean =>
    keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix))

/** A view over records already read, which keeps the writes apart until the transaction applies them. */
export function createView(found: ReadonlyMap<string, unknown>): {
  view: View
  writes: ReadonlyMap<string, object | null>
} {
  const writes = new Map<string, object | null>()
  const current = (key: string): unknown => (writes.has(key) ? (writes.get(key) ?? undefined) : found.get(key))
  return {
    writes,
    view: {
      get: current,
      list(prefix) {
        const keys = new Set([...found.keys(), ...writes.keys()].filter((key) => key.startsWith(prefix)))
        return [...keys].map((key) => [key, current(key)] as const).filter(([, value]) => value !== undefined)
      },
      put: (key, value) => void writes.set(key, value),
      delete: (key) => void writes.set(key, null),
    },
  }
}
