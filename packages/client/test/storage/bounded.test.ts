import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { memoryStore } from '../../src/index.ts'
import { boundedStore } from '../../src/storage/bounded.ts'
import type { Store } from '../../src/storage/store.ts'
import { createGatedStore } from '../support/stores.ts'

/** What it is stands on its class, not on the object. */
class ClassyStore implements Store {
  readonly #inner = memoryStore()
  get type(): string {
    return 'classy'
  }
  get atomic(): Store['atomic'] {
    return 'realm'
  }
  get persistent(): boolean {
    return true
  }
  get notifies(): boolean {
    return true
  }
  transact: Store['transact'] = (scope, change) => this.#inner.transact(scope, change)
}

test('a store that is an object of a class keeps what it says of itself', async () => {
  const store = boundedStore(new ClassyStore(), systemClock, 1_000)
  expect(store).toMatchObject({ type: 'classy', atomic: 'realm', persistent: true, notifies: true })
  await store.transact({ keys: ['a'] }, (view) => view.put('a', { v: 1 }))
  expect(await store.transact({ keys: ['a'] }, (view) => view.get('a'))).toEqual({ v: 1 })
})

test('what was given up decides nothing when the store comes to it at last', async () => {
  const { store, inner, hold } = createGatedStore()
  const change = vi.fn()
  const standing = hold()
  const done = boundedStore(store, systemClock, 20).transact({ keys: ['a'] }, change)
  await expect(done).rejects.toThrow('The store did not answer.')
  standing.release()
  await inner.transact({ keys: ['a'] }, () => {})
  await new Promise((resolve) => setImmediate(resolve))
  expect(change).not.toHaveBeenCalled()
})
