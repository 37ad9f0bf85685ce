import { forgottenUntil, type Row, sift } from './limits.ts'

/** One version and one object store for ever, keyed by the record's id: an end record takes the place of its start record. */
const databaseName = 'authflight-black-box'
const storeName = 'records'

/** What several pages of one origin keep together. Each method throws or rejects where the browser does. */
export interface Database {
  /** `last`: the page goes. Nothing is read then, for nobody would be there when it has been. */
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
  const begin = (mode: IDBTransactionMode) => {
    const transaction = database.transaction(storeName, mode)
    return { transaction, store: transaction.objectStore(storeName) }
  }
  return {
    write(rows, now, last) {
      const { transaction, store } = begin('readwrite')
      for (const row of rows) store.put(row)
      // Without it a transaction of a page that goes is undone.
      if (last) transaction.commit()
      else trim(store, now)
      return settled(transaction)
    },
    async readAll() {
      const { transaction, store } = begin('readonly')
      const request = store.getAll()
      await settled(transaction)
      return request.result as Row[]
    },
    clear(now) {
      const { transaction, store } = begin('readwrite')
      store.clear()
      store.put(forgottenUntil(now))
      return settled(transaction)
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

function settled(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}
