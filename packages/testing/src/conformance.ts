import type { Store, View } from '@authflight/client'

/** What `test` or `it` of Vitest, Jest, Mocha, `node:test` and others is. */
export type DeclareTest = (title: string, run: () => Promise<void>) => unknown

export interface StoreUnderTest {
  /** An empty store. */
  create(): Store | Promise<Store>
  /** One more store on the records of the last `create`, as another client has it. Leave it out where there is no such thing. */
  reopen?(): Store | Promise<Store>
}

/**
 * Declares the tests of what every store must keep. A store of your own that passes them can be an app's `storage`.
 *
 * @throws In the tests, an `Error` that says what was expected and what was found.
 */
export function describeStore(test: DeclareTest, { create, reopen }: StoreUnderTest): void {
  test('gives back what the change gives, and finds nothing where nothing was put', async () => {
    const store = await create()
    same(await store.transact({ keys: ['a'] }, (view) => [view.get('a') === undefined, 7]), [true, 7])
  })

  test('keeps what was put until it is deleted', async () => {
    const store = await create()
    const record = { v: 1, nested: { list: [1, null], text: 'ü; "q", 日本 \u{1f510}\n' }, unknown: 'kept' }
    await fill(store, { a: record, b: { n: 1 } })
    same(await read(store, 'a', 'b'), [record, { n: 1 }])
    await store.transact({ keys: ['a'] }, (view) => view.delete('a'))
    same(await read(store, 'a', 'b'), [undefined, { n: 1 }])
  })

  test('keeps a record of 10,000 characters, and a smaller one in its place', async () => {
    const store = await create()
    await fill(store, { a: { text: 'x'.repeat(10_000) } })
    same(await read(store, 'a'), [{ text: 'x'.repeat(10_000) }])
    await fill(store, { a: { text: 'y' } })
    same(await read(store, 'a'), [{ text: 'y' }])
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
    same(seen, { list: { 'k:new': { n: 1 }, 'k:old': { n: 2 } }, old: { n: 2 }, gone: undefined })
  })

  test('counts the last of several writes to one key', async () => {
    const store = await create()
    await store.transact({ keys: ['a', 'b'] }, (view) => {
      view.put('a', { n: 1 })
      view.delete('a')
      view.put('a', { n: 2 })
      view.put('b', { n: 3 })
      view.delete('b')
    })
    same(await read(store, 'a', 'b'), [{ n: 2 }, undefined])
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
    const thrown = await change.then(
      () => null,
      (error: unknown) => error,
    )
    if (thrown !== fault) throw new Error('Expected the error that the change threw.', { cause: thrown })
    same(await read(store, 'a', 'b'), [{ n: 1 }, undefined])
  })

  test('calls the change once', async () => {
    const store = await create()
    let calls = 0
    await store.transact({ keys: ['a', 'b'], prefixes: ['k:', 'l:'] }, () => (calls += 1))
    await store.transact({ keys: [] }, () => (calls += 1))
    same(calls, 2)
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
    same(seen, { all: ['k:', 'k:1', 'k:1:x', 'k:\u{10ffff}'], narrower: ['k:1', 'k:1:x'] })
  })

  test('lists several prefixes beside named keys, each record once', async () => {
    const store = await create()
    const one = { n: 1 }
    await fill(store, { 'k:1': one, 'l:1': one, 'm:1': one })
    const scope = { keys: ['m:1', 'k:1'], prefixes: ['k:', 'l:'] }
    same(await store.transact(scope, (view) => keysOf(view, '')), ['k:1', 'l:1', 'm:1'])
  })

  test('reads nothing outside of the scope', async () => {
    const store = await create()
    await fill(store, { a: { n: 1 }, 'k:1': { n: 1 } })
    const seen = await store.transact({ keys: ['b'] }, (view) => [view.get('a') === undefined, view.list('').length])
    same(seen, [true, 0])
  })

  test('loses none of 500 increments made at once', async () => {
    const store = await create()
    const before = await Promise.all(Array.from({ length: 500 }, () => increment(store)))
    same(new Set(before).size, 500)
    same(await read(store, 'count'), [{ n: 500 }])
  })

  test('lets one win of many who decide by what they read', async () => {
    const store = await create()
    const claim = (by: number) =>
      store.transact({ keys: [], prefixes: ['claim:'] }, (view) => {
        if (view.list('claim:').length > 0) return false
        view.put(`claim:${by}`, { by })
        return true
      })
    const won = await Promise.all(Array.from({ length: 50 }, (_, by) => claim(by)))
    same(won.filter(Boolean).length, 1)
  })

  test('says what it is and whom it excludes', async () => {
    const { type, atomic, persistent, notifies } = await create()
    same([typeof type, typeof persistent, typeof notifies], ['string', 'boolean', 'boolean'])
    same(['origin', 'realm'].includes(atomic), true)
  })

  if (!reopen) return

  test('finds in a second store what the first has committed', async () => {
    const first = await create()
    await fill(first, { a: { n: 1 }, 'k:1': { n: 2 }, gone: { n: 3 } })
    await first.transact({ keys: ['gone'] }, (view) => view.delete('gone'))
    const second = await reopen()
    same(await read(second, 'a', 'k:1', 'gone'), [{ n: 1 }, { n: 2 }, undefined])
    same(await second.transact({ keys: [], prefixes: ['k:'] }, (view) => keysOf(view, 'k:')), ['k:1'])
  })

  test('loses none of 500 increments that two stores on the same records make at once', async () => {
    const stores = [await create(), await reopen()]
    await Promise.all(stores.flatMap((store) => Array.from({ length: 250 }, () => increment(store))))
    same(await read(await reopen(), 'count'), [{ n: 500 }])
  })
}

const read = (store: Store, ...keys: string[]): Promise<unknown[]> =>
  store.transact({ keys }, (view) => keys.map((key) => view.get(key)))

const fill = (store: Store, records: Record<string, object>): Promise<void> =>
  store.transact({ keys: Object.keys(records) }, (view) => {
    for (const [key, value] of Object.entries(records)) view.put(key, value)
  })

const increment = (store: Store): Promise<number> =>
  store.transact({ keys: ['count'] }, (view) => {
    const { n } = (view.get('count') as { n: number } | undefined) ?? { n: 0 }
    view.put('count', { n: n + 1 })
    return n
  })

const keysOf = (view: View, prefix: string): string[] =>
  view
    .list(prefix)
    .map(([key]) => key)
    .toSorted()

/** Compares as JSON, with the keys of objects in order and what is undefined said so. */
function same(found: unknown, expected: unknown): void {
  const [one, other] = [found, expected].map((value) => JSON.stringify(value, inOrder))
  if (one !== other) throw new Error(`Expected ${other}, found ${one}.`)
}

const inOrder = (_: string, value: unknown): unknown => {
  if (value === undefined) return '(undefined)'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
