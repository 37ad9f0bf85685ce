import { type Answer, createAuthClient, memoryStore, recorderHook } from '@authflight/client'
import { createRecorderHook } from '@authflight/client/realm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findLeaks } from '../../../testing/src/leaks.ts'
import { forgetRecords, keepRecords, recallRecords } from '../../src/black-box/index.ts'
import { openDatabase } from '../../src/black-box/database.ts'
import { limits } from '../../src/black-box/limits.ts'
import { recordTime } from '../../src/model/relay.ts'
import { explain } from '../../src/report/index.ts'
import { discardBySignOut, flight, moveTo, record, sourceOf, storm } from '../fixtures.ts'
import { deleteBlackBox } from './delete-black-box.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  await deleteBlackBox()
})

const recent = (records: Parameters<typeof moveTo>[0], ago = 1_000) => moveTo(records, recordTime(), ago)

/** A page that keeps what its ring holds and is told. */
function openPage(records = recent(discardBySignOut()), factory?: IDBFactory) {
  const hook = createRecorderHook()
  const source = sourceOf(records)
  hook.register(source)
  const stop = keepRecords({ hook, ...(factory && { factory }) })
  undo.push(stop)
  return { hook, records, source, stop }
}

/** As `forgetRecords` does in another tab: nobody here is asked to write first. */
async function forgetElsewhere(): Promise<void> {
  const database = await openDatabase(indexedDB, () => {})
  await database.clear(recordTime())
  database.close()
}

/** Recorded after whatever was done before. */
const justNow = () => recent([record('authflight.record.network', 0, 0)], -1)[0]!

const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id).toSorted()
const recalledIds = async () => idsOf((await recallRecords()).records)
/** Another page writes until the test ends, or the way that this resolves with is gone. */
async function keepStoreBusy(): Promise<() => Promise<void>> {
  const opening = indexedDB.open('authflight-black-box')
  await new Promise((resolve) => opening.addEventListener('success', resolve))
  const { result: database } = opening
  const transaction = database.transaction('records', 'readwrite')
  const ended = new Promise((resolve) => transaction.addEventListener('complete', resolve))
  let isBusy = true
  const goOn = () => {
    if (isBusy) transaction.objectStore('records').get('nothing').onsuccess = goOn
  }
  goOn()
  const end = async () => {
    isBusy = false
    await ended
    database.close()
  }
  undo.push(end)
  return end
}

/** As a browser does when the page is left. */
const leave = () => dispatchEvent(new PageTransitionEvent('pagehide'))

describe('the black box', () => {
  it('tells the next page what this one recorded, and explains it', async () => {
    const { records, stop } = openPage()
    const before = explain(records)
    await recallRecords()
    stop()

    const recalled = await recallRecords()
    expect(idsOf(recalled.records)).toEqual(idsOf(records))
    expect(explain(recalled).sentence).toBe(before.sentence)
    expect(before.reason).toBe('signed_out_during_refresh')
  })

  it('has what was recorded just before somebody reads', async () => {
    const { source } = openPage([])
    await recallRecords()
    const [last] = recent([record('authflight.record.network', 0, 0, { attributes: { 'network.state': 'offline' } })])
    source.push(last!)
    expect(await recalledIds()).toEqual([last!.id])
  })

  it('holds the end of an operation in the place of its start', async () => {
    const [open, request] = recent(flight({ at: 0, lasting: null }))
    const { source } = openPage([open!, request!])
    await recallRecords()
    const ended = { ...open!, endedAt: open!.startedAt + 20 }
    source.push(ended)
    const { records } = await recallRecords()
    expect(records).toHaveLength(2)
    expect(records.find(({ id }) => id === open!.id)?.endedAt).toBe(ended.endedAt)
  })

  it('writes what is left when the page goes, without waiting for anything', async () => {
    const { source, stop } = openPage([])
    source.push(recent(storm())[0]!)
    await recallRecords()
    const idle = vi.spyOn(globalThis, 'requestIdleCallback').mockReturnValue(0)
    undo.push(() => idle.mockRestore())
    const [last] = recent([record('authflight.record.network', 0, 0, { attributes: { 'network.state': 'offline' } })])
    source.push(last!)
    leave()
    // Nothing is left to be written by who stops.
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    undo.push(() => put.mockRestore())
    stop()
    expect(put).not.toHaveBeenCalled()
    expect(await recalledIds()).toContain(last!.id)
  })

  // page    ── writes ─────────── goes   a browser undoes what a page that goes had not ended, and what waits for that
  // other   ── writes and writes ──────
  it('writes once more what was being written when the page goes, and what came since over that', async () => {
    const { source } = openPage([])
    await recallRecords()
    const end = await keepStoreBusy()
    const [open, request] = recent(flight({ at: 0, lasting: null }))
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit')
    for (const spy of [put, commit]) undo.push(() => spy.mockRestore())
    for (const each of [open!, request!]) source.push(each)
    await expect.poll(() => put.mock.calls.length).toBe(2)
    const ended = { ...open!, endedAt: open!.startedAt + 20 }
    source.push(ended)
    leave()

    const [first, , ...last] = (put.mock.contexts as IDBObjectStore[]).map(({ transaction }) => transaction)
    expect(put.mock.calls.slice(2).map(([row]) => row.record)).toEqual([open, request, ended])
    expect(new Set(last)).toEqual(new Set(commit.mock.contexts))
    // Whatever waits for its end would be undone with it.
    expect(() => first!.abort()).toThrow('finished')
    await end()
    expect((await recallRecords()).records.find(({ id }) => id === open!.id)?.endedAt).toBe(ended.endedAt)
  })

  it('goes on after a page that was hidden while it wrote', async () => {
    const { source } = openPage([])
    await recallRecords()
    const opened = vi.spyOn(IDBFactory.prototype, 'open')
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    for (const spy of [opened, put]) undo.push(() => spy.mockRestore())
    const end = await keepStoreBusy()
    opened.mockClear()
    source.push(recent(storm())[0]!)
    await expect.poll(() => put.mock.calls.length).toBe(1)
    leave()
    await end()
    const last = justNow()
    source.push(last)
    await expect.poll(() => put.mock.calls.length).toBe(3)
    expect(opened).not.toHaveBeenCalled()
    expect(await recalledIds()).toContain(last.id)
  })

  it('writes what a page has recorded that was never idle', async () => {
    const idle = vi.spyOn(globalThis, 'requestIdleCallback').mockReturnValue(0)
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    for (const spy of [idle, open, put]) undo.push(() => spy.mockRestore())
    const { records } = openPage()
    expect(open).toHaveBeenCalledTimes(1)
    await new Promise((resolve) => open.mock.results[0]!.value.addEventListener('success', resolve))
    expect(put).not.toHaveBeenCalled()

    leave()
    expect(put).toHaveBeenCalledTimes(records.length)
    expect(await recalledIds()).toEqual(idsOf(records))
  })

  it('stays in its limits where every page leaves before it was ever idle', async () => {
    const idle = vi.spyOn(globalThis, 'requestIdleCallback').mockReturnValue(0)
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    for (const spy of [idle, open]) undo.push(() => spy.mockRestore())
    const sizes: number[] = []
    for (let page = 0; page < 4; page += 1) {
      open.mockClear()
      const records = Array.from({ length: 300 }, (_, at) => record('authflight.record.network', at, at))
      const { stop } = openPage(recent(records))
      await new Promise((resolve) => open.mock.results[0]!.value.addEventListener('success', resolve))
      stop()
      sizes.push(await countStored())
    }
    expect(Math.max(...sizes)).toBeGreaterThan(limits.records)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.records + 300)
  })

  it('rests after a write that took long, a second at most', async () => {
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    const { put } = IDBObjectStore.prototype
    const slow = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, row) {
      // As where the machine has slept.
      now += 3_600_000
      return put.call(this, row)
    })
    const timers = vi.spyOn(globalThis, 'setTimeout')
    for (const spy of [clock, slow, timers]) undo.push(() => spy.mockRestore())
    const [first, second] = recent(storm())
    const { source, stop } = openPage([first!])
    // A page that is never idle writes after a second.
    await vi.waitUntil(() => slow.mock.calls.length > 0, { timeout: 20_000 })
    await recallRecords()
    timers.mockClear()
    source.push(second!)
    const isRest = (call: unknown[]) => call.length === 3
    await vi.waitUntil(() => timers.mock.calls.some(isRest), { timeout: 20_000 })
    expect(timers.mock.calls.find(isRest)![1]).toBe(1_000)

    // Who stops writes what is left.
    stop()
    expect(await recalledIds()).toEqual(idsOf([first!, second!]))
  })

  it('lets the connection go of who stops before it is open', async () => {
    const open = vi.spyOn(IDBFactory.prototype, 'open')
    const close = vi.spyOn(IDBDatabase.prototype, 'close')
    for (const spy of [open, close]) undo.push(() => spy.mockRestore())
    openPage().stop()
    await vi.waitUntil(() => close.mock.calls.length === 1)
    expect(close.mock.contexts[0]).toBe(open.mock.results[0]!.value.result)
  })

  it('keeps records of several tabs together, and 500 of all of them', async () => {
    const page = (from: number) =>
      recent(
        Array.from({ length: 400 }, (_, at) =>
          record('authflight.record.network', from + at, 0, {
            tab: `tab-${from}`,
            attributes: { 'network.state': 'online' },
          }),
        ),
      )
    openPage(page(0))
    openPage(page(1))
    const { records } = await recallRecords()
    expect(records).toHaveLength(limits.records)
    expect(new Set(records.map(({ tab }) => tab))).toEqual(new Set(['tab-0', 'tab-1']))
    expect(await countStored()).toBe(limits.records)
  })

  it('shows records of tabs whose clocks differ on one clock', async () => {
    const ahead = 300_000
    const { now } = performance
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ahead)
    undo.push(() => clock.mockRestore())
    const other = recent([record('authflight.record.network', 0, 0, { tab: 'other' })], 2_000)
    openPage(other)
    await recallRecords()
    clock.mockRestore()
    const { records: mine } = openPage(recent([record('authflight.record.network', 0, 0)]))

    const { records } = await recallRecords()
    expect(records.map(({ tab }) => tab)).toEqual(['other', 'tab-1'])
    expect(Math.round((other[0]!.startedAt - records[0]!.startedAt) / ahead)).toBe(1)
    expect(records[1]).toEqual(mine[0])
  })

  it('leaves records of this page where they are, though the wall clock was set', async () => {
    const records = recent(storm())
    undo.push(recorderHook().register(sourceOf(records)), keepRecords())
    await recallRecords()
    const { now } = Date
    const wall = vi.spyOn(Date, 'now').mockImplementation(() => now() + 300_000)
    undo.push(() => wall.mockRestore())
    const recalled = await recallRecords()
    expect(recalled.records[0]!.startedAt).toBe(records[0]!.startedAt)
  })

  it('is one for all who ask for it in a page, and stops with the last of them', async () => {
    const source = sourceOf([])
    undo.push(recorderHook().register(source))
    const [one, two] = [keepRecords(), keepRecords()]
    const put = vi.spyOn(IDBObjectStore.prototype, 'put')
    undo.push(() => put.mockRestore())
    const [first, second, third] = recent(storm())
    one()
    source.push(first!)
    expect(await recalledIds()).toContain(first!.id)
    expect(put).toHaveBeenCalledTimes(1)
    source.push(second!)
    two()
    source.push(third!)
    expect(await recalledIds()).not.toContain(third!.id)
  })

  it('forgets when it is told to, and keeps what comes after', async () => {
    const { source } = openPage()
    await recallRecords()
    await forgetRecords()
    expect(await recalledIds()).toEqual([])
    const after = justNow()
    source.push(after)
    expect(await recalledIds()).toEqual([after.id])
    expect(await countStored()).toBe(2)
  })

  it('is not told again by another tab what it was told to forget', async () => {
    const idle = vi.spyOn(globalThis, 'requestIdleCallback').mockReturnValue(0)
    undo.push(() => idle.mockRestore())
    const { records } = openPage()
    await forgetElsewhere()
    leave()
    expect(await countStored()).toBeGreaterThan(records.length)
    expect(await recalledIds()).toEqual([])
  })

  it('is not told again by a page that begins anew to keep what its ring holds', async () => {
    const { hook } = openPage()
    await forgetRecords()
    undo.push(keepRecords({ hook }))
    expect(await recalledIds()).toEqual([])
  })

  it('keeps a flight that ends after it was told to forget', async () => {
    const [open, request] = recent(flight({ at: 0, lasting: null }))
    const { source } = openPage([open!, request!])
    await forgetRecords()
    expect(await recalledIds()).toEqual([])
    source.push({ ...open!, endedAt: recordTime() + 1 })
    expect(await recalledIds()).toEqual([open!.id])
  })

  it('holds up nobody who clears site data, and does not bring back what the page still knows', async () => {
    const { hook, source } = openPage()
    await recallRecords()
    const [pending] = recent([record('authflight.record.network', 0, 0)])
    source.push(pending!)
    await deleteBlackBox()
    expect(await recalledIds()).toEqual([])

    undo.push(keepRecords({ hook }))
    expect(await recalledIds()).toEqual([])
    const after = justNow()
    source.push(after)
    expect(await recalledIds()).toEqual([after.id])
  })

  it('keeps and tells nothing that has not the shape of a record', async () => {
    const hook = createRecorderHook()
    const [real] = recent(storm())
    const forged = { ...real!, id: 'f'.repeat(16), secret: 'hunter2', attributes: { ...real!.attributes, nested: {} } }
    hook.register(sourceOf([null, 7, { v: 1, id: 'x' }, forged] as never))
    undo.push(keepRecords({ hook }))
    const { records } = await recallRecords()
    expect(idsOf(records)).toEqual([forged.id])
    expect(JSON.stringify(records)).not.toContain('hunter2')
  })
})

describe('a database that somebody else has written to', () => {
  it.each([
    ['an id only', { id: 'x' }],
    ['a record without attributes', { id: 'x', record: { v: 1, id: 'x', links: [] } }],
    ['a key that is no text', { id: 7, record: null }],
  ])('is read, written and rid of a row with %s', async (_, row) => {
    const { source } = openPage([])
    await recallRecords()
    await store((records) => records.put(row))
    expect(await recalledIds()).toEqual([])

    const [last] = recent([record('authflight.record.network', 0, 0, { attributes: { 'network.state': 'offline' } })])
    source.push(last!)
    expect(await recalledIds()).toEqual([last!.id])
    expect(await countStored()).toBe(1)
  })
})

/** A client whose server is a function, and everything that must not be told a canary. */
function createClient() {
  let turn = 1
  const answer = async (): Promise<Answer> => ({
    kind: 'tokens',
    tokens: {
      accessToken: `canary-access-${turn}`,
      refreshToken: `canary-refresh-${turn++}`,
      tokenType: 'bearer',
      expiresIn: 60,
      refreshExpiresIn: null,
      scopes: ['canary-scope'],
      user: { id: 'canary-subject', name: 'Canary', email: 'canary@example.test', claims: { canary: 'canary' } },
    },
  })
  const auth = createAuthClient({
    name: 'canary-name',
    storage: memoryStore(),
    autoRefresh: 'off',
    provider: {
      kind: 'test',
      authority: 'https://id.example.test/canary',
      clientId: 'canary-client',
      reuse: 'fatal',
      audience: 'canary-audience',
      terminal: { invalid_grant: 'rejected' },
      refresh: answer,
      signIn: answer,
      readCallback: () => null,
      exchange: answer,
      revoke: async () => true,
    },
  })
  undo.push(() => auth.dispose())
  return auth
}

const broken = {
  throws: {
    open: () => {
      throw new DOMException('Site data is blocked.', 'SecurityError')
    },
  },
  'never answers': { open: () => ({}) },
  'opens and cannot write': {
    open() {
      const transaction = () => {
        throw new DOMException('The disk is full.', 'QuotaExceededError')
      }
      const request = { result: { transaction, close() {} }, onsuccess: () => {} }
      queueMicrotask(() => request.onsuccess())
      return request
    },
  },
}

it('gives what there is, nothing, where the database never answers, and waits ten seconds for that', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  undo.push(() => vi.useRealTimers())
  const told = vi.fn()
  void recallRecords(broken['never answers'] as unknown as IDBFactory).then(told)
  await vi.advanceTimersByTimeAsync(9_999)
  expect(told).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(told).toHaveBeenCalledWith({ v: 1, records: [] })
})

describe('a session beside the black box', () => {
  it.each(Object.entries(broken))('goes on where its database %s', async (_, factory) => {
    const reported = vi.fn()
    addEventListener('error', reported)
    addEventListener('unhandledrejection', reported)
    undo.push(() => removeEventListener('error', reported))
    undo.push(() => removeEventListener('unhandledrejection', reported))
    undo.push(keepRecords({ hook: recorderHook(), factory: factory as unknown as IDBFactory }))
    const auth = createClient()

    expect((await auth.signIn()).error).toBeNull()
    const { data, error } = await auth.refreshSession()
    leave()
    expect(error).toBeNull()
    expect(data.session?.revision).toBe(2)
    expect((await auth.signOut()).error).toBeNull()
    await idle()
    expect(reported).not.toHaveBeenCalled()
  })

  it('leaves nothing secret in it', async () => {
    undo.push(keepRecords())
    const auth = createClient()
    await auth.signIn()
    await auth.refreshSession()
    await auth.signOut()

    const { records } = await recallRecords()
    expect(records.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['authflight.refresh', 'authflight.session_end']),
    )
    // As they are stored: who reads takes away what no record has.
    const rows = JSON.stringify(await store((stored) => stored.getAll()))
    const secrets = [
      'canary',
      ...[1, 2].flatMap((turn) => [`canary-access-${turn}`, `canary-refresh-${turn}`]),
      'canary-subject',
      'canary@example.test',
      'canary-scope',
      'canary-name',
      'canary-client',
      'canary-audience',
    ]
    const named = secrets.map((value, at) => ({ id: `secret ${at}`, value }))
    expect(await findLeaks(rows.toLowerCase(), named)).toEqual([])
    expect(await findLeaks(rows, named)).toEqual([])
  })
})

const idle = () => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_500 }))

const countStored = () => store((records) => records.count())

/** What the store of the black box answers to one request, past all that guards it. */
function store<T>(ask: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('authflight-black-box', 1)
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('records', 'readwrite')
      const request = ask(transaction.objectStore('records'))
      transaction.onabort = () => reject(transaction.error)
      transaction.oncomplete = () => {
        opening.result.close()
        resolve(request.result)
      }
    }
  })
}
