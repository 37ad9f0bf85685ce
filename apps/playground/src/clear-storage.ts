import { clientName } from './client-name.ts'
import type { Outcome } from './outcome.ts'
import { count } from './time-words.ts'

/** Deletes this origin's databases, as "clear site data" does, and tells the tabs to look. */
export async function clearStorage(): Promise<Outcome> {
  const databases = (await indexedDB.databases()).flatMap(({ name }) => name ?? [])
  await Promise.all(databases.map(deleteDatabase))
  const tabs = new BroadcastChannel(`authflight:${clientName}`)
  tabs.postMessage({ v: 1, kind: 'changed' })
  tabs.close()
  return {
    tone: 'neutral',
    text: `${count(databases.length, 'database')} deleted. Whoever held a session finds it gone.`,
  }
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error ?? new Error('A database could not be deleted.'))
    // A tab that is just writing lets go when it has written.
    request.onblocked = () =>
      void setTimeout(reject, 5_000, new Error('Another tab holds a database open. Close it and try again.'))
  })
}
