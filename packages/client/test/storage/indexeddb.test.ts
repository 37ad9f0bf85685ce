import { describeStore } from '@authflight/testing/conformance'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
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

describe('an open that hangs', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  /** A factory whose first answer is kept until a test lets it through. */
  function createHangingFactory() {
    const { factory, opened } = createFactory()
    const held: (() => void)[] = []
    opened.mockImplementationOnce((...of) => {
      const request = IDBFactory.prototype.open.apply(factory, of)
      return new Proxy(request, {
        set: (_, event: string, handler: () => void) =>
          Reflect.set(request, event, event === 'onsuccess' ? () => void held.push(handler) : handler),
        get: (_, name) => Reflect.get(request, name),
      })
    })
    return { factory, opened, answer: () => held.forEach((handle) => handle()) }
  }

  test('is given up after five seconds, and the next transaction opens again', async () => {
    const { factory, opened } = createHangingFactory()
    const store = indexedDbStore(factory)
    const settled = vi.fn()
    const first = put(store, 1).catch((error: unknown) => {
      settled()
      return error
    })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await first).toMatchObject({ code: 'timeout', message: 'IndexedDB does not open. Try again.' })

    await put(store, 2)
    expect(await get(store)).toEqual({ n: 2 })
    expect(opened).toHaveBeenCalledTimes(2)
  })

  test('closes what comes later, so that it blocks nobody who deletes the database', async () => {
    const { factory, answer } = createHangingFactory()
    const store = indexedDbStore(factory)
    const first = put(store, 1).catch(() => {})
    await vi.advanceTimersByTimeAsync(5_000)
    await first
    await put(store, 2)
    answer()
    expect(await get(store)).toEqual({ n: 2 })
    const deleted = new Promise<string>((resolve) => {
      const request = factory.deleteDatabase('authflight')
      request.addEventListener('success', () => resolve('deleted'))
      request.addEventListener('blocked', () => resolve('blocked'))
    })
    expect(await deleted).toBe('deleted')
  })

  test('leaves no timer behind once it has answered, well or not', async () => {
    const { factory, opened } = createFactory()
    opened.mockImplementationOnce(() => {
      throw new DOMException('blocked by policy', 'SecurityError')
    })
    const store = indexedDbStore(factory)
    await expect(put(store, 1)).rejects.toThrow('blocked by policy')
    expect(vi.getTimerCount()).toBe(0)
    await put(store, 1)
    expect(vi.getTimerCount()).toBe(0)
  })
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
