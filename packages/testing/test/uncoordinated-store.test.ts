import { memoryStore, type Store } from '@authflight/client'
import { expect, test } from 'vitest'
import { uncoordinatedStore } from '../src/uncoordinated-store.ts'

const write = (store: Store, value: object) =>
  store.transact({ keys: ['slot:a:1'] }, (view) => view.put('slot:a:1', value))
const read = (store: Store) => store.transact({ keys: ['slot:a:1'] }, (view) => view.get('slot:a:1'))

test('a store without coordination begins with what is shared, and neither sees what comes later nor shows what it writes', async () => {
  const shared = memoryStore()
  await write(shared, { revision: 1 })
  const alone = uncoordinatedStore(shared)

  expect(await read(alone)).toEqual({ revision: 1 })
  await write(shared, { revision: 2 })
  expect(await read(alone)).toEqual({ revision: 1 })
  await write(alone, { revision: 3 })
  expect(await read(shared)).toEqual({ revision: 2 })
})
