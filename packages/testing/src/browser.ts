/**
 * Helpers for tests that run in a page beside the client, and for a developer's console. They know how the client keeps
 * its sessions in IndexedDB: database `authflight`, object store `records`, one record for each `slot:<namespace>:<id>`.
 */

/**
 * Makes every session stored in this origin look expired, as if the access tokens had run out a second ago, and tells the
 * tabs. The server knows nothing of it. Revisions stay, so a refresh under way still commits.
 *
 * @returns How many stored sessions were changed; 0 where nothing is stored. Nothing is created then.
 */
export async function expireStoredSession(): Promise<number> {
  const database = await openExisting('authflight')
  if (!database) return 0
  try {
    const keys = await expireSlots(database)
    for (const name of new Set(keys.map((key) => key.split(/[:@]/)[1] ?? ''))) tellTabs(name)
    return keys.length
  } finally {
    database.close()
  }
}

/** `null` where there is no such database: opening it must not make one, or the client would find it without its store. */
function openExisting(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name)
    let isNew = false
    request.onupgradeneeded = () => {
      isNew = true
      request.transaction?.abort()
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => (isNew ? resolve(null) : reject(asError(request.error)))
  })
}

/** Keys of the slots that were changed. */
function expireSlots(database: IDBDatabase): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction('records', 'readwrite')
    const changed: string[] = []
    const request = transaction.objectStore('records').openCursor(IDBKeyRange.bound('slot:', 'slot:\uffff'))
    request.onsuccess = () => {
      const cursor = request.result
      if (!cursor) return
      const record: unknown = cursor.value
      if (holdsTokens(record)) {
        cursor.update({ ...record, tokens: { ...record.tokens, expiresAt: Date.now() - 1000 } })
        changed.push(cursor.key as string)
      }
      cursor.continue()
    }
    transaction.oncomplete = () => resolve(changed)
    transaction.onabort = () => reject(asError(transaction.error))
  })
}

function holdsTokens(record: unknown): record is { readonly tokens: object } {
  return (
    typeof record === 'object' &&
    record !== null &&
    'tokens' in record &&
    typeof record.tokens === 'object' &&
    record.tokens !== null
  )
}

function tellTabs(name: string): void {
  const channel = new BroadcastChannel(`authflight:${name}`)
  channel.postMessage({ v: 1, kind: 'changed' })
  channel.close()
}

function asError(error: DOMException | null): Error {
  return error ?? new Error('IndexedDB aborted the transaction.')
}

export { uncoordinatedStore } from './uncoordinated-store.ts'
