import { describeStore } from '@authflight/testing/conformance'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { indexedDbStore, type Store } from '../../src/index.ts'

beforeAll(() => void vi.stubGlobal('IDBKeyRange', IDBKeyRange))

describe('indexedDbStore on fake-indexeddb', () => {
  let database = new IDBFactory()
  describeStore(test, {
    create: () => indexedDbStore((database = new IDBFactory())),
    reopen: () => indexedDbStore(database),
  })
})

const put = (store: Store, n: number) => store.transact({ keys: ['a'] }, (view) => view.put('a', { n }))
const get = (store: Store) => store.transact({ keys: ['a'] }, (view) => view.get('a'))
const increment = (store: Store) =>
  store.transact({ keys: ['a'] }, (view) => {
    const { n } = (view.get('a') as { n: number } | undefined) ?? { n: 0 }
    view.put('a', { n: n + 1 })
  })

/** A factory whose connections a test can cut, as a browser may at any time. */
function createFactory() {
  const factory = new IDBFactory()
  const connections: IDBDatabase[] = []
  const opened = vi.spyOn(factory, 'open').mockImplementation((...of) => {
    const request = IDBFactory.prototype.open.apply(factory, of)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
  return { factory, connections, opened }
}

test('says that it excludes every tab of the origin', () => {
  expect(indexedDbStore(new IDBFactory())).toMatchObject({
    type: 'indexeddb',
    atomic: 'origin',
    persistent: true,
    notifies: true,
  })
})

test('two stores on one database, as two tabs have them, lose none of a thousand increments', async () => {
  const factory = new IDBFactory()
  const tabs = [indexedDbStore(factory), indexedDbStore(factory)]
  await Promise.all(tabs.flatMap((tab) => Array.from({ length: 500 }, () => increment(tab))))
  expect(await get(indexedDbStore(factory))).toEqual({ n: 1_000 })
})

test('opens one connection for all who ask', async () => {
  const { factory, opened } = createFactory()
  const store = indexedDbStore(factory)
  await Promise.all([put(store, 1), put(store, 2), get(store)])
  expect(opened).toHaveBeenCalledOnce()
})

test('opens a connection that was closed under it again, once for all who ask', async () => {
  const { factory, connections, opened } = createFactory()
  const store = indexedDbStore(factory)
  await put(store, 1)
  connections[0]?.close()
  expect(await Promise.all([get(store), get(store), get(store)])).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }])
  expect(opened).toHaveBeenCalledTimes(2)
})

test('opens a connection that the browser reports lost again', async () => {
  const { factory, connections, opened } = createFactory()
  const store = indexedDbStore(factory)
  await put(store, 1)
  connections[0]?.onclose?.(new Event('close'))
  expect(await get(store)).toEqual({ n: 1 })
  expect(opened).toHaveBeenCalledTimes(2)
})

test('lets somebody delete the database under way, and begins a new one', async () => {
  const factory = new IDBFactory()
  const store = indexedDbStore(factory)
  await put(store, 1)
  const deleted = new Promise<string>((resolve) => {
    const request = factory.deleteDatabase('authflight')
    request.addEventListener('success', () => resolve('deleted'))
    request.addEventListener('blocked', () => resolve('blocked'))
  })
  const meanwhile = Promise.allSettled(Array.from({ length: 20 }, () => increment(store)))
  expect(await deleted).toBe('deleted')
  await meanwhile
  await put(store, 2)
  expect(await get(store)).toEqual({ n: 2 })
})

test('rejects where opening fails, and tries again when asked again', async () => {
  const { factory, opened } = createFactory()
  opened.mockImplementationOnce(() => {
    throw new DOMException('blocked by policy', 'SecurityError')
  })
  const store = indexedDbStore(factory)
  await expect(put(store, 1)).rejects.toThrow('blocked by policy')
  await put(store, 2)
  expect(await get(store)).toEqual({ n: 2 })
})

test('rejects where a newer version of the database stands', async () => {
  const factory = new IDBFactory()
  await new Promise((resolve) => factory.open('authflight', 9).addEventListener('success', resolve))
  await expect(put(indexedDbStore(factory), 1)).rejects.toMatchObject({ name: 'VersionError' })
})

test('rejects with nothing written where a record cannot be stored', async () => {
  const store = indexedDbStore(new IDBFactory())
  const change = store.transact({ keys: ['a', 'b'] }, (view) => {
    view.put('a', { n: 1 })
    view.put('b', { code: () => {} })
  })
  await expect(change).rejects.toMatchObject({ name: 'DataCloneError' })
  expect(await get(store)).toBeUndefined()
})
