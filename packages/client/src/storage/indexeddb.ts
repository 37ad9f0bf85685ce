import { systemClock } from '../realm/clock.ts'
import { AuthRetryableFetchError } from '../base/errors.ts'
import { createView, type Scope, type Store, type View } from './store.ts'

/** One database version and one object store for ever: two versions of this package share them. */
const databaseName = 'authflight'
const objectStore = 'records'

/** Milliseconds. In Safari an open may never be answered, and the next one at once. */
const openLimit = 5_000

/**
 * Sessions in IndexedDB, shared by all tabs of the origin. A transaction here excludes every other tab, which no lock over
 * `localStorage` does. A write counts at the transaction's `complete`. A connection that is lost is opened again, as is one that
 * did not open within five seconds.
 */
export function indexedDbStore(
  factory?: IDBFactory,
): Store & { readonly atomic: 'origin'; readonly persistent: true; readonly notifies: true } {
  let connection: Promise<IDBDatabase> | null = null

  function connect(): Promise<IDBDatabase> {
    const opening = (connection ??= open(factory, () => {
      if (connection === opening) connection = null
    }))
    return opening
  }

  async function transact<R>(scope: Scope, change: (view: View) => R): Promise<R> {
    const connecting = connect()
    const database = await connecting
    let transaction: IDBTransaction
    try {
      transaction = database.transaction(objectStore, 'readwrite')
    } catch {
      // The connection closed between two uses (the browser may do that at any time): once more with a new one.
      if (connection === connecting) connection = null
      transaction = (await connect()).transaction(objectStore, 'readwrite')
    }
    return run(transaction, scope, change)
  }

  return { type: 'indexeddb', atomic: 'origin', persistent: true, notifies: true, transact }
}

function open(factory: IDBFactory | undefined, lost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let isGivenUp = false
    const cancel = systemClock.after(
      openLimit,
      () => {
        isGivenUp = true
        fail(new AuthRetryableFetchError('timeout', 'IndexedDB does not open. Try again.'))
      },
      'background',
    )
    const fail = (error: unknown): void => {
      cancel()
      lost()
      reject(error)
    }
    let request: IDBOpenDBRequest
    try {
      // Looked up late: where a page may not use it, touching it is enough to throw.
      request = (factory ?? indexedDB).open(databaseName, 1)
    } catch (error) {
      // Deferred: `lost` compares with a promise that the caller has not stored yet.
      void Promise.resolve().then(() => fail(error))
      return
    }
    request.onupgradeneeded = () => request.result.createObjectStore(objectStore)
    request.onerror = () => fail(request.error)
    request.onsuccess = () => {
      const database = request.result
      cancel()
      // Another one has taken its place. Open, it would block who deletes the database.
      if (isGivenUp) return database.close()
      database.onclose = lost
      // Somebody deletes the database: holding on would block them, and the session is theirs to clear.
      database.onversionchange = () => {
        lost()
        database.close()
      }
      resolve(database)
    }
  })
}

/** Reads the scope, decides in the callback of the last read, writes: IndexedDB alone is waited for inside. */
function run<R>(transaction: IDBTransaction, scope: Scope, change: (view: View) => R): Promise<R> {
  return new Promise((resolve, reject) => {
    const store = transaction.objectStore(objectStore)
    const found = new Map<string, unknown>()
    let result: { readonly value: R } | null = null
    let fault: unknown = null
    let pending = 0

    const decide = (): void => {
      try {
        const { view, writes } = createView(found)
        const value = change(view)
        for (const [key, record] of writes) {
          if (record === null) store.delete(key)
          else store.put(record, key)
        }
        result = { value }
      } catch (error) {
        fault = error
        transaction.abort()
      }
    }
    const read = (query: string | IDBKeyRange): void => {
      pending += 1
      const request = store.openCursor(query)
      request.onsuccess = () => {
        const cursor = request.result
        if (cursor) {
          if (typeof cursor.key === 'string') found.set(cursor.key, cursor.value)
          cursor.continue()
          return
        }
        pending -= 1
        if (pending === 0) decide()
      }
    }

    transaction.oncomplete = () => (result ? resolve(result.value) : reject(fault))
    transaction.onabort = () => reject(fault ?? transaction.error)
    for (const key of scope.keys) read(key)
    for (const prefix of scope.prefixes ?? []) read(IDBKeyRange.bound(prefix, `${prefix}\uffff`))
    if (pending === 0) decide()
  })
}
