import { readFile } from 'node:fs/promises'
import { expect, expectTypeOf, test } from 'vitest'
import {
  cookieStore,
  indexedDbStore,
  keyValueStore,
  memoryStore,
  type Store,
  webStorageStore,
} from '../../src/index.ts'
import { FakeStorage } from '../support/fake-storages.ts'

const guaranteesOf = <S extends Store>({ atomic, persistent, notifies }: S): Pick<S, Guarantee> => ({
  atomic,
  persistent,
  notifies,
})
type Guarantee = 'atomic' | 'persistent' | 'notifies'

const storage = new FakeStorage()
const stores = {
  indexedDbStore: guaranteesOf(indexedDbStore()),
  memoryStore: guaranteesOf(memoryStore()),
  webStorageStore: guaranteesOf(webStorageStore(storage)),
  cookieStore: guaranteesOf(cookieStore()),
  keyValueStore: guaranteesOf(keyValueStore(storage)),
}

test('the type of each store says what the store says that it guarantees', () => {
  expectTypeOf(stores).toEqualTypeOf<{
    indexedDbStore: { readonly atomic: 'origin'; readonly persistent: true; readonly notifies: true }
    memoryStore: { readonly atomic: 'realm'; readonly persistent: false; readonly notifies: true }
    webStorageStore: { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: true }
    cookieStore: { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: false }
    keyValueStore: { readonly atomic: 'realm'; readonly persistent: true; readonly notifies: false }
  }>()
  expect(stores).toEqual({
    indexedDbStore: { atomic: 'origin', persistent: true, notifies: true },
    memoryStore: { atomic: 'realm', persistent: false, notifies: true },
    webStorageStore: { atomic: 'realm', persistent: true, notifies: true },
    cookieStore: { atomic: 'realm', persistent: true, notifies: false },
    keyValueStore: { atomic: 'realm', persistent: true, notifies: false },
  })
})

test('who needs one that all tabs of an origin share cannot be handed a weaker one', () => {
  const share = (store: Store & { readonly atomic: 'origin' }): string => store.type
  expect(share(indexedDbStore())).toBe('indexeddb')
  // @ts-expect-error: a reload forgets it, and tabs know nothing of each other.
  share(memoryStore())
  // @ts-expect-error: two tabs can present one refresh token at the same time.
  share(webStorageStore(storage))
  // @ts-expect-error: as above.
  share(cookieStore())
  // @ts-expect-error: as above.
  share(keyValueStore(storage))
})

test('the page about stores says the same of each', async () => {
  const page = await readFile(new URL('../../../../docs/stores.md', import.meta.url), 'utf8')
  for (const [name, { atomic, persistent, notifies }] of Object.entries(stores)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}(`)) ?? ''
    const said = row.split('|').map((cell) => /`(\w+)`/.exec(cell)?.[1])
    expect(said.slice(2, 5)).toEqual([atomic, `${persistent}`, `${notifies}`])
  }
})
