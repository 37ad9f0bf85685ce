import { afterEach, expect, test } from 'vitest'
import { expireStoredSession } from '../src/browser.ts'

const deleteDatabase = () => settle(indexedDB.deleteDatabase('authflight'))
afterEach(deleteDatabase)

test('expires the sessions that are stored, keeps all else of them, and says how many', async () => {
  const live = {
    v: 1,
    revision: 7,
    unknown: 'kept',
    tokens: { access: 'a', refresh: 'r', expiresAt: Date.now() + 60_000 },
  }
  const unlimited = { ...live, tokens: { ...live.tokens, expiresAt: null } }
  const tombstone = { v: 1, sessionId: 's', at: 5 }
  await store({ 'slot:app:1': live, 'slot:app:2': unlimited, 'tombstone:app:3': tombstone, 'slot:app:4': { v: 9 } })

  const before = Date.now()
  expect(await expireStoredSession()).toBe(2)
  const stored = await readAll()
  const expired = { ...live, tokens: { ...live.tokens, expiresAt: expect.any(Number) } }
  expect(stored).toEqual({
    'slot:app:1': expired,
    'slot:app:2': expired,
    'tombstone:app:3': tombstone,
    'slot:app:4': { v: 9 },
  })
  const { expiresAt } = (stored['slot:app:1'] as typeof live).tokens
  expect(expiresAt).toBeGreaterThanOrEqual(before - 1000)
  expect(expiresAt).toBeLessThan(Date.now())
})

test('tells the tabs of each name once, after the change is stored', async () => {
  const session = { v: 1, tokens: { expiresAt: Date.now() + 60_000 } }
  await store({ 'slot:my-app:1': session, 'slot:my:app:2': session })
  const heard: unknown[] = []
  const channel = new BroadcastChannel('authflight:my-app')
  const allHeard = new Promise<void>((resolve) => {
    channel.addEventListener('message', ({ data }) => (data === 'the end' ? resolve() : heard.push(data)))
  })
  await expireStoredSession()
  const end = new BroadcastChannel('authflight:my-app')
  end.postMessage('the end')
  end.close()
  await allHeard
  channel.close()
  expect(heard).toEqual([{ v: 1, kind: 'changed' }])
})

test('creates nothing where nothing is stored', async () => {
  expect(await expireStoredSession()).toBe(0)
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('authflight')
})

test('leaves nothing open that would hold up the deletion of the database', async () => {
  await store({ 'slot:app:1': { v: 1, tokens: { expiresAt: null } } })
  await expireStoredSession()
  const blocked = new Promise((_, reject) => {
    const request = indexedDB.deleteDatabase('authflight')
    request.addEventListener('blocked', () => reject(new Error('blocked')))
    request.addEventListener('success', () => reject(new Error('deleted')))
  })
  await expect(blocked).rejects.toThrow('deleted')
})

async function store(records: Record<string, unknown>): Promise<void> {
  const request = indexedDB.open('authflight', 1)
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore('records'))
  const database = await settle(request)
  const target = database.transaction('records', 'readwrite').objectStore('records')
  await Promise.all(Object.entries(records).map(([key, value]) => settle(target.put(value, key))))
  database.close()
}

async function readAll(): Promise<Record<string, unknown>> {
  const database = await settle(indexedDB.open('authflight'))
  const source = database.transaction('records').objectStore('records')
  const [keys, values] = await Promise.all([settle(source.getAllKeys()), settle(source.getAll())])
  database.close()
  return Object.fromEntries(keys.map((key, index) => [key, values[index] as unknown]))
}

function settle<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('No reason given.')))
  })
}
