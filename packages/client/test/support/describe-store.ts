import { describe, expect, test, vi } from 'vitest'
import type { Store, View } from '../../src/storage/store.ts'

/** What every store must keep. `create` gives an empty one. */
export function describeStore(name: string, create: () => Store | Promise<Store>): void {
  const read = (store: Store, ...keys: string[]) =>
    store.transact({ keys }, (view) => keys.map((key) => view.get(key) as unknown))
  const fill = (store: Store, records: Record<string, object>) =>
    store.transact({ keys: Object.keys(records) }, (view) => {
      for (const [key, value] of Object.entries(records)) view.put(key, value)
    })
  const keysOf = (view: View, prefix: string) =>
    view
      .list(prefix)
      .map(([key]) => key)
      .toSorted()

  describe(`${name}`, () => {
    test('gives back what the change gives, and finds nothing where nothing was put', async () => {
      const store = await create()
      expect(await store.transact({ keys: ['a'] }, (view) => [view.get('a'), 7])).toEqual([undefined, 7])
    })

    test('keeps what was put until it is deleted', async () => {
      const store = await create()
      const record = { v: 1, nested: { list: [1, null], text: 'ü' }, unknown: 'kept' }
      await fill(store, { a: record, b: { n: 1 } })
      expect(await read(store, 'a', 'b')).toEqual([record, { n: 1 }])
      await store.transact({ keys: ['a'] }, (view) => view.delete('a'))
      expect(await read(store, 'a', 'b')).toEqual([undefined, { n: 1 }])
    })

    test('shows a change its own writes at once', async () => {
      const store = await create()
      await fill(store, { 'k:old': { n: 0 }, 'k:gone': { n: 0 } })
      const seen = await store.transact({ keys: [], prefixes: ['k:'] }, (view) => {
        view.put('k:new', { n: 1 })
        view.put('k:old', { n: 2 })
        view.delete('k:gone')
        return { list: Object.fromEntries(view.list('k:')), old: view.get('k:old'), gone: view.get('k:gone') }
      })
      expect(seen).toEqual({ list: { 'k:new': { n: 1 }, 'k:old': { n: 2 } }, old: { n: 2 }, gone: undefined })
    })

    test('the last of several writes to one key counts', async () => {
      const store = await create()
      await store.transact({ keys: ['a', 'b'] }, (view) => {
        view.put('a', { n: 1 })
        view.delete('a')
        view.put('a', { n: 2 })
        view.put('b', { n: 3 })
        view.delete('b')
      })
      expect(await read(store, 'a', 'b')).toEqual([{ n: 2 }, undefined])
    })

    test('writes nothing where the change throws, and rejects with that very error', async () => {
      const store = await create()
      await fill(store, { a: { n: 1 } })
      const fault = new Error('changed my mind')
      const change = store.transact({ keys: ['a', 'b'] }, (view) => {
        view.put('a', { n: 2 })
        view.put('b', { n: 3 })
        throw fault
      })
      await expect(change).rejects.toBe(fault)
      expect(await read(store, 'a', 'b')).toEqual([{ n: 1 }, undefined])
    })

    test('goes on after a change that threw', async () => {
      const store = await create()
      const fail = (): never => {
        throw new Error('once')
      }
      await expect(store.transact({ keys: ['a'] }, fail)).rejects.toThrow('once')
      await fill(store, { a: { n: 1 } })
      expect(await read(store, 'a')).toEqual([{ n: 1 }])
    })

    test('calls the change once', async () => {
      const store = await create()
      const change = vi.fn(() => 1)
      await store.transact({ keys: ['a', 'b'], prefixes: ['k:', 'l:'] }, change)
      await store.transact({ keys: [] }, change)
      expect(change).toHaveBeenCalledTimes(2)
    })

    test('lists the keys of a prefix and no neighbours', async () => {
      const store = await create()
      const one = { n: 1 }
      await fill(store, {
        k: one,
        'k:': one,
        'k:1': one,
        'k:1:x': one,
        'k:\u{10ffff}': one,
        'k;': one,
        'K:1': one,
        l: one,
      })
      const seen = await store.transact({ keys: [], prefixes: ['k:'] }, (view) => ({
        all: keysOf(view, 'k:'),
        narrower: keysOf(view, 'k:1'),
      }))
      expect(seen).toEqual({ all: ['k:', 'k:1', 'k:1:x', 'k:\u{10ffff}'], narrower: ['k:1', 'k:1:x'] })
    })

    test('lists several prefixes beside named keys, each record once', async () => {
      const store = await create()
      const one = { n: 1 }
      await fill(store, { 'k:1': one, 'l:1': one, 'm:1': one })
      const seen = await store.transact({ keys: ['m:1', 'k:1'], prefixes: ['k:', 'l:'] }, (view) => keysOf(view, ''))
      expect(seen).toEqual(['k:1', 'l:1', 'm:1'])
    })

    test('reads nothing outside of the scope', async () => {
      const store = await create()
      await fill(store, { a: { n: 1 }, 'k:1': { n: 1 } })
      expect(await store.transact({ keys: ['b'] }, (view) => [view.get('a'), view.list('')])).toEqual([undefined, []])
    })

    test('loses none of a thousand increments made at once', async () => {
      const store = await create()
      const increment = () =>
        store.transact({ keys: ['count'] }, (view) => {
          const { n } = (view.get('count') as { n: number } | undefined) ?? { n: 0 }
          view.put('count', { n: n + 1 })
          return n
        })
      const before = await Promise.all(Array.from({ length: 1_000 }, increment))
      expect(new Set(before).size).toBe(1_000)
      expect(await read(store, 'count')).toEqual([{ n: 1_000 }])
    })

    test('of many who decide by what they read, one wins', async () => {
      const store = await create()
      const claim = (by: number) =>
        store.transact({ keys: [], prefixes: ['claim:'] }, (view) => {
          if (view.list('claim:').length > 0) return false
          view.put(`claim:${by}`, { by })
          return true
        })
      const won = await Promise.all(Array.from({ length: 50 }, (_, by) => claim(by)))
      expect(won.filter(Boolean)).toHaveLength(1)
    })
  })
}
