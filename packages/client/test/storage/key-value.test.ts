import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { keyValueStore, type KeyValueStorage, type Store } from '../../src/index.ts'
import { createDeferred } from '../support/deferred.ts'
import { createAsyncStorage } from '../support/fake-storages.ts'

const keys = ['slot', 'claim', 'tombstone']
const read = (store: Store): Promise<unknown> =>
  store.transact({ keys, prefixes: [''] }, (view) => Object.fromEntries(view.list('')))
const before = { slot: { n: 1 }, claim: { n: 1 } }
const after = { slot: { n: 2 }, tombstone: { n: 2 } }
const begin = (store: Store) =>
  store.transact({ keys }, (view) => {
    view.put('slot', { n: 1 })
    view.put('claim', { n: 1 })
  })
const change = (store: Store) =>
  store.transact({ keys }, (view) => {
    view.put('slot', { n: 2 })
    view.delete('claim')
    view.put('tombstone', { n: 2 })
  })

/** A storage whose writes after so many are refused, or lost with the process that made them. */
function breakAfter(entries: Map<string, string>, writes: number, fate: 'refused' | 'lost'): KeyValueStorage {
  const whole = createAsyncStorage(entries)
  let made = 0
  const write = (act: () => Promise<void>): Promise<void> => {
    made += 1
    if (made <= writes) return act()
    return fate === 'refused' ? Promise.reject(new Error('full')) : new Promise(() => {})
  }
  return {
    getItem: whole.getItem,
    setItem: (key, value) => write(() => whole.setItem(key, value)),
    removeItem: (key) => write(() => whole.removeItem(key)),
  }
}

/** What is stored, as an app finds it that starts anew. */
const restart = (entries: Map<string, string>): Store => keyValueStore(createAsyncStorage(new Map(entries)))

test('says that it excludes its own realm only, and that others may change it unheard', () => {
  expect(keyValueStore(createAsyncStorage())).toMatchObject({
    type: 'key-value',
    atomic: 'realm',
    persistent: true,
    notifies: false,
  })
})

test('a crash after any of its writes leaves the old state or the new one, and the next change finds its way', async () => {
  const found: unknown[] = []
  for (let writes = 0; writes < 12; writes += 1) {
    const storage = createAsyncStorage()
    await begin(keyValueStore(storage))
    void change(keyValueStore(breakAfter(storage.entries, writes, 'lost')))
    for (let turns = 0; turns < 200; turns += 1) await Promise.resolve()

    found.push(await read(restart(storage.entries)))
    const again = restart(storage.entries)
    await change(again)
    expect(await read(again)).toEqual(after)
  }
  expect(found[0]).toEqual(before)
  expect(found.at(-1)).toEqual(after)
  for (const state of found) expect([before, after]).toContainEqual(state)
})

test('a write that is refused leaves the old state until the index is written, and the new one from then on', async () => {
  for (let writes = 0; writes < 12; writes += 1) {
    const storage = createAsyncStorage()
    await begin(keyValueStore(storage))
    const committed = await change(keyValueStore(breakAfter(storage.entries, writes, 'refused'))).then(
      () => true,
      () => false,
    )
    expect(await read(keyValueStore(storage))).toEqual(committed ? after : before)
  }
})

test('what was cut off before its removal is removed by the next change', async () => {
  const storage = createAsyncStorage()
  const text = () => [...storage.entries.values()].join()
  await keyValueStore(storage).transact({ keys: [] }, (view) => view.put('slot', { token: 'canary' }))
  const cut = keyValueStore(breakAfter(storage.entries, 1, 'refused'))
  await cut.transact({ keys: ['slot'] }, (view) => view.delete('slot'))
  expect(text()).toContain('canary')
  await keyValueStore(storage).transact({ keys: [] }, (view) => view.put('other', {}))
  expect(text()).not.toContain('canary')
})

test('a deletion takes with it what a crash left half-written in the same place', async () => {
  const storage = createAsyncStorage()
  void keyValueStore(breakAfter(storage.entries, 1, 'lost')).transact({ keys: [] }, (view) =>
    view.put('slot', { token: 'canary' }),
  )
  for (let turns = 0; turns < 50; turns += 1) await Promise.resolve()
  expect([...storage.entries.keys()]).toEqual(['authflight:slot.0'])
  await keyValueStore(storage).transact({ keys: ['slot'] }, (view) => view.delete('slot'))
  expect([...storage.entries.keys()]).toEqual(['authflight:index'])
})

test('a transaction that only reads writes nothing', async () => {
  const storage = createAsyncStorage()
  await read(keyValueStore(storage))
  expect(storage.entries.size).toBe(0)
})

test('goes on after a storage that threw, at once or later', async () => {
  const storage = createAsyncStorage()
  const faults = [() => Promise.reject(new Error('later')), () => raise('at once')]
  const store = keyValueStore({ ...storage, getItem: (key) => (faults.shift() ?? (() => storage.getItem(key)))() })
  await expect(read(store)).rejects.toThrow('later')
  await expect(read(store)).rejects.toThrow('at once')
  await begin(store)
  expect(await read(store)).toEqual(before)
})

describe('a storage that falls silent', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  /** A storage with the old state, that does what it is told, but keeps the answer to one of its calls until that is let go. */
  async function createSilence(silent: number) {
    const storage = createAsyncStorage()
    await begin(keyValueStore(storage))
    const held = createDeferred()
    let calls = 0
    const call = async <R>(act: () => Promise<R>): Promise<R> => {
      calls += 1
      const isSilent = calls === silent
      const answer = await act()
      if (isSilent) await held.promise
      return answer
    }
    const store = keyValueStore({
      getItem: (key) => call(() => storage.getItem(key)),
      setItem: (key, value) => call(() => storage.setItem(key, value)),
      removeItem: (key) => call(() => storage.removeItem(key)),
    })
    return { store, storage, answer: held.resolve }
  }

  test('is waited for ten seconds by who comes next, and decides nothing when it answers at last', async () => {
    const { store, answer } = await createSilence(1)
    const decide = vi.fn()
    const late = store.transact({ keys }, decide)
    const found = vi.fn()
    const next = read(store).then(found)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(found).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await next
    expect(found).toHaveBeenCalledWith(before)

    answer()
    await expect(late).rejects.toMatchObject({
      code: 'storage_error',
      message: 'The storage answered too late: others went on. Try again.',
    })
    expect(decide).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('in any of its calls leaves what others have written since', async () => {
    // Three reads, three writes, three removals.
    for (let silent = 1; silent <= 9; silent += 1) {
      const { store, storage, answer } = await createSilence(silent)
      const late = change(store).catch(() => {})
      const next = store.transact({ keys: ['slot'] }, (view) => view.put('slot', { n: 3 }))
      await vi.advanceTimersByTimeAsync(10_000)
      await next
      const between = await read(keyValueStore(storage))
      answer()
      await late
      // What had become of the change by then is what has become of it.
      expect(await read(keyValueStore(storage))).toEqual(between)
      expect([
        { ...before, slot: { n: 3 } },
        { ...after, slot: { n: 3 } },
      ]).toContainEqual(between)
    }
  })
})

test('fields of the index that a later version added survive', async () => {
  const storage = createAsyncStorage()
  await begin(keyValueStore(storage))
  const index = JSON.parse(storage.entries.get('authflight:index') ?? '') as object
  storage.entries.set('authflight:index', JSON.stringify({ ...index, later: 'kept' }))
  await change(keyValueStore(storage))
  expect(JSON.parse(storage.entries.get('authflight:index') ?? '')).toMatchObject({ v: 1, later: 'kept' })
  expect(await read(keyValueStore(storage))).toEqual(after)
})

test('a damaged record is no record, and its neighbours are', async () => {
  const storage = createAsyncStorage()
  await begin(keyValueStore(storage))
  storage.entries.set('authflight:slot.0', '{"n":')
  expect(await read(keyValueStore(storage))).toEqual({ claim: { n: 1 } })
})

function raise(message: string): never {
  throw new Error(message)
}
