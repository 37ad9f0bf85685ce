import { expect, test } from 'vitest'
import { type Store, webStorageStore } from '../../src/index.ts'
import { FakeStorage } from '../support/fake-storages.ts'

const read = (store: Store, ...keys: string[]) => store.transact({ keys }, (view) => keys.map((key) => view.get(key)))

test('says that it excludes its own realm only', () => {
  expect(webStorageStore(new FakeStorage())).toMatchObject({
    type: 'web-storage',
    atomic: 'realm',
    persistent: true,
    notifies: true,
  })
})

test('keeps one entry a record under its prefix, and leaves the entries of others alone', async () => {
  const storage = new FakeStorage()
  storage.setItem('theirs', 'untouched')
  const store = webStorageStore(storage)
  await store.transact({ keys: ['slot:x'] }, (view) => view.put('slot:x', { v: 1 }))
  expect(Object.fromEntries(storage.entries)).toEqual({ theirs: 'untouched', 'authflight:slot:x': '{"v":1}' })
  expect(await store.transact({ keys: ['theirs'], prefixes: [''] }, (view) => view.list(''))).toEqual([
    ['slot:x', { v: 1 }],
  ])
})

test('reads, decides and writes in one turn, so that nobody in this realm comes between', () => {
  const storage = new FakeStorage()
  void webStorageStore(storage).transact({ keys: ['a'] }, (view) => view.put('a', { n: 1 }))
  expect(storage.getItem('authflight:a')).toBe('{"n":1}')
})

test('a storage that is full in the middle of a transaction keeps all that was there, and says that it is full', async () => {
  const storage = new FakeStorage()
  const store = webStorageStore(storage)
  await store.transact({ keys: [] }, (view) => {
    view.put('a', { text: 'long enough to matter' })
    view.put('b', { n: 1 })
    view.put('c', { n: 1 })
  })
  const before = new Map(storage.entries)
  storage.room = storage.used
  const change = store.transact({ keys: ['a', 'b', 'c'] }, (view) => {
    view.put('a', { text: 'short' })
    view.delete('c')
    view.put('new', { n: 1 })
    view.put('b', { text: 'so long that there is no room for it any more' })
  })
  await expect(change).rejects.toMatchObject({ name: 'QuotaExceededError' })
  expect(storage.entries).toEqual(before)
})

test('what a transaction deletes makes room for what it puts: a claim holds the room of the commit that takes it away', async () => {
  const storage = new FakeStorage()
  const store = webStorageStore(storage)
  await store.transact({ keys: [] }, (view) => {
    view.put('slot', { n: 1 })
    view.put('claim', { room: ' '.repeat(30) })
  })
  storage.room = storage.used
  await store.transact({ keys: ['slot', 'claim'] }, (view) => {
    view.put('slot', { n: 'a longer token' })
    view.delete('claim')
  })
  expect(await read(store, 'slot', 'claim')).toEqual([{ n: 'a longer token' }, undefined])
})

test('whoever is cut off in the middle has deleted nothing yet', async () => {
  const storage = new FakeStorage()
  const store = webStorageStore(storage)
  await store.transact({ keys: [] }, (view) => view.put('slot', { n: 1 }))
  const seen: string[] = []
  const removeItem = storage.removeItem.bind(storage)
  storage.removeItem = (key) => {
    seen.push(...storage.entries.keys())
    removeItem(key)
  }
  await store.transact({ keys: ['slot'] }, (view) => {
    view.delete('slot')
    view.put('tombstone', { n: 1 })
  })
  expect(seen.toSorted()).toEqual(['authflight:slot', 'authflight:tombstone'])
})

test.each(['{"v":1,"tok', '', 'null', '7', '"text"'])('%j in the place of a record is no record', async (text) => {
  const storage = new FakeStorage()
  storage.setItem('authflight:a', text)
  expect(await read(webStorageStore(storage), 'a')).toEqual([undefined])
})

test.each([
  ['a key', () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])],
  ['a function', () => () => {}],
])('%s, which text cannot hold, is refused before anything is written, with what to do', async (_, make) => {
  const value = await make()
  const storage = new FakeStorage()
  const change = webStorageStore(storage).transact({ keys: [] }, (view) => {
    view.put('a', { n: 1 })
    view.put('b', { value })
  })
  await expect(change).rejects.toMatchObject({
    code: 'storage_error',
    message: 'This store keeps text only, and a key or function is none. Leave `storage` out for IndexedDB.',
  })
  expect(storage.entries.size).toBe(0)
})
