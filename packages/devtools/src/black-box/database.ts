import { forgottenUntil, type Row, sift } from './limits.ts'

/** One version and one object store for ever, keyed by the record's id: an end record takes the place of its start record. */
const databaseName = 'authflight-black-box'
const storeName = 'records'

/** What several pages of one origin keep together. Each method rejects where the browser throws. */
export interface Database {
  /**
   * `last`: the page goes. Nothing is read then, for nobody would be there when it has been. The write before, where it has not ended, would be
   * undone with the page, and with it what waits for its end: it is undone here, and its rows are written with these.
   */
  write(rows: readonly Row[], now: number, last?: 'last'): Promise<void>
  readAll(): Promise<Row[]>
  /** Those who hold some of it still will not bring it back. */
  clear(now: number): Promise<void>
  close(): void
}

/** @param lost is called once when the browser has closed the connection, or somebody deletes the database */
export function openDatabase(factory: IDBFactory, lost: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    const request = factory.open(databaseName, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: 'id' })
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const { result } = request
      result.onclose = lost
      // Holding on would block whoever clears this site's data.
      result.onversionchange = () => {
        result.close()
        lost()
      }
      resolve(wrap(result))
    }
  })
}

function wrap(database: IDBDatabase): Database {
  const begin = (mode: IDBTransactionMode) => database.transaction(storeName, mode).objectStore(storeName)
  let before: { readonly transaction: IDBTransaction; readonly rows: readonly Row[] } | undefined
  /** Gives the rows of the write before, which is undone; none where it has ended, or is about to. */
  function takeBack(): readonly Row[] {
    try {
      before?.transaction.abort()
      return before?.rows ?? []
    } catch {
      return []
    }
  }
  return {
    async write(given, now, last) {
      const rows = last ? [...takeBack(), ...given] : given
      const store = begin('readwrite')
      const { transaction } = store
      // Who makes room only is let be: pages that go early would never.
      if (rows.length > 0) before = { transaction, rows }
      for (const row of rows) store.put(row)
      // Without it a transaction of a page that goes is undone.
      if (last) transaction.commit()
      else trim(store, now)
      await settled(store)
    },
    async readAll() {
      const store = begin('readonly')
      const request = store.getAll()
      await settled(store)
      return request.result as Row[]
    },
    async clear(now) {
      const store = begin('readwrite')
      store.clear()
      store.put(forgottenUntil(now))
      await settled(store)
    },
    close: () => database.close(),
  }
}

/** In the transaction that wrote: two tabs never both find room for what only one has room for. */
function trim(store: IDBObjectStore, now: number): void {
  const request = store.getAll()
  request.onsuccess = () => {
    for (const id of sift(request.result as Row[], now).surplus) store.delete(id)
  }
}

function settled({ transaction }: IDBObjectStore): Promise<unknown> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve
    // Without an error it was undone here, for one that writes the same.
    transaction.onabort = () => (transaction.error ? reject(transaction.error) : resolve(null))
  })
}
