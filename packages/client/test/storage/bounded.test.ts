import { describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/realm/clock.ts'
import { memoryStore } from '../../src/index.ts'
import { boundedStore } from '../../src/storage/bounded.ts'
import type { Store } from '../../src/storage/store.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { startSdk } from '../support/observe.ts'
import { createGatedStore } from '../support/stores.ts'

const telemetry = createTelemetry(systemRealm, 'client', null)

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
  const store = boundedStore(new ClassyStore(), telemetry, systemClock, 1_000)
  expect(store).toMatchObject({ type: 'classy', atomic: 'realm', persistent: true, notifies: true })
  await store.transact({ keys: ['a'] }, (view) => view.put('a', { v: 1 }))
  expect(await store.transact({ keys: ['a'] }, (view) => view.get('a'))).toEqual({ v: 1 })
})

test('what was given up decides nothing when the store comes to it at last', async () => {
  const { store, inner, hold } = createGatedStore()
  const change = vi.fn()
  const standing = hold()
  const done = boundedStore(store, telemetry, systemClock, 20).transact({ keys: ['a'] }, change)
  await expect(done).rejects.toThrow('The store did not answer.')
  standing.release()
  await inner.transact({ keys: ['a'] }, () => {})
  await new Promise((resolve) => setImmediate(resolve))
  expect(change).not.toHaveBeenCalled()
})

describe('what a transaction is done for has it below its own span', () => {
  function setUp(store: Store, limit = 1_000) {
    const { spans } = startSdk()
    const traced = createTelemetry(systemRealm, 'client', null)
    const by = traced.open('authflight.sign_out', { attributes: {} })
    return { store: boundedStore(store, traced, systemClock, limit), by, told: () => spans('authflight.storage') }
  }
  const typed = (type: string): Store => ({ ...memoryStore(), type })
  const nothing = { keys: [] }

  test.each([
    ['indexeddb', 'indexeddb'],
    ['key-value', 'key-value'],
    ['ada@example.test', '_OTHER'],
  ])('a store of the type %s is told as %s', async (type, told) => {
    const { store, by, told: spans } = setUp(typed(type))
    await store.transact(nothing, () => {}, by)
    expect(spans()).toMatchObject([
      {
        parentId: by.link.id,
        status: 'unset',
        attributes: {
          'authflight.storage.operation': 'transact',
          'authflight.storage.type': told,
          'authflight.storage.result': 'done',
        },
      },
    ])
  })

  test.each(['memory', 'web-storage', 'cookie'])(
    'a store of the type %s answers at once, and is not told',
    async (type) => {
      const { store, by, told } = setUp(typed(type))
      await store.transact(nothing, () => {}, by)
      expect(told()).toEqual([])
    },
  )

  test('one that is done for nobody is not told', async () => {
    const { store, told } = setUp(typed('indexeddb'))
    await store.transact(nothing, () => {})
    expect(told()).toEqual([])
  })

  test('a store that fails has failed', async () => {
    const { store, by, told } = setUp({
      ...typed('indexeddb'),
      transact: () => Promise.reject(new Error('canary')),
    })
    await expect(store.transact(nothing, () => {}, by)).rejects.toThrow('canary')
    expect(told()).toMatchObject([{ attributes: { 'authflight.storage.result': 'failed' } }])
    expect(JSON.stringify(told())).not.toContain('canary')
  })

  test('a store that does not answer has failed when it is given up', async () => {
    const { store, by, told } = setUp({ ...typed('indexeddb'), transact: () => new Promise(() => {}) }, 20)
    await expect(store.transact(nothing, () => {}, by)).rejects.toThrow('The store did not answer.')
    expect(told()).toMatchObject([{ attributes: { 'authflight.storage.result': 'failed' } }])
  })
})
