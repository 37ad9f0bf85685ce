import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { RecordSource } from '../../src/index.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createRecorderHook } from '../../src/telemetry/hook.ts'
import type { Attributes } from '../../src/telemetry/attributes.ts'
import { createTelemetry, type Operation } from '../../src/telemetry/operation.ts'
import { createRing, type Draft, type Entry, realmRing } from '../../src/telemetry/ring.ts'
import { createRealm } from '../support/realm.ts'

const createRecord = (id: string, endedAt?: number): Draft => ({
  v: 1,
  id,
  traceId: 't',
  links: [],
  name: 'authflight.refresh',
  kind: 'internal',
  startedAt: 1,
  ...(endedAt === undefined ? {} : { endedAt }),
  status: 'unset',
  attributes: {},
  client: 'c',
})

/** A ring of its own and the source that readers get of it. */
function setUpRing(room: number) {
  const hook = createRecorderHook()
  const ring = createRing(createRealm({ recorderHook: () => hook }))
  ring.atLeast(room)
  let source: RecordSource | undefined
  hook.subscribe((offered) => {
    source = offered
  })
  const entries = new Map<unknown, Entry>()
  /** Adds a record, and tells the second time that it has ended. */
  function add(record: Draft): void {
    const entry = entries.get(record)
    if (entry) ring.ended(entry)
    else entries.set(record, ring.add(record, entries.get(record.parentId)))
    entries.set(record.id, entries.get(record) as Entry)
  }
  return { add, ring, source: source as RecordSource, ids: () => source?.snapshot().map(({ id }) => id) }
}

const end = (record: Draft): Draft => Object.assign(record, { endedAt: 2 })

test('keeps the last records, oldest first, and no more than there is room for', () => {
  const { add, ids } = setUpRing(3)
  for (let n = 1; n <= 1_000; n += 1) add(createRecord(`${n}`))
  expect(ids()).toEqual(['998', '999', '1000'])
})

test('an end takes the place of its start', () => {
  const { add, ring, source, ids } = setUpRing(3)
  const record = createRecord('a')
  add(record)
  add(createRecord('b'))
  add(end(record))
  expect(ids()).toEqual(['a', 'b'])
  expect(source.snapshot()[0]).toEqual({ ...createRecord('a', 2), tab: ring.tab })
})

test('shows a record as it is so far, and nobody who reads it can change it', () => {
  const { add, ring, source } = setUpRing(3)
  const record = createRecord('a')
  const heard = vi.fn()
  source.subscribe(heard)
  add(record)
  Object.assign(record.attributes, { 'authflight.wait.count': 2 })
  record.links.push({ traceId: 't', id: 'l' })
  const [shown] = source.snapshot()
  expect(shown?.attributes).toEqual({ 'authflight.wait.count': 2 })
  expect(shown?.links).toHaveLength(1)
  expect(heard.mock.lastCall).toEqual([{ ...createRecord('a'), tab: ring.tab }])
  for (const part of [shown, shown?.attributes, shown?.links, shown?.links[0]]) expect(Object.isFrozen(part)).toBe(true)
})

/** A record of a flight: the flight itself, what hangs below it, or what names it. */
const inFlight = (flight: string, id: string, more: Partial<Draft> = {}): Draft => ({
  ...createRecord(id, 2),
  ...more,
  attributes: { 'authflight.flight.id': flight, ...more.attributes },
})
const ended = (reason: 'user' | 'reuse' | 'expired' | 'rejected'): Draft => ({
  ...createRecord(`ended-${reason}`, 2),
  attributes: { 'authflight.session_end.reason': reason },
})

test('a flight goes as a whole: no request is left behind without its refresh', () => {
  const { add, ids } = setUpRing(6)
  const { endedAt: _, ...refresh } = inFlight('one', 'refresh-one')
  add(refresh)
  add({ ...createRecord('request-one', 2), parentId: 'refresh-one' })
  add(inFlight('one', 'wait-one'))
  add(createRecord('between', 2))
  add(inFlight('two', 'refresh-two'))
  add(end(refresh))
  add(inFlight('two', 'wait-two'))
  expect(ids()).toEqual(['refresh-one', 'request-one', 'wait-one', 'between', 'refresh-two', 'wait-two'])
  add(inFlight('two', 'wait-three'))
  expect(ids()).toEqual(['between', 'refresh-two', 'wait-two', 'wait-three'])
})

test('what hangs below an operation is kept with its flight, though it does not name it', () => {
  const { ring, ids } = setUpRing(5)
  const telemetry = createTelemetry(createRealm(), 'client', ring)
  const open = (attributes: Attributes, parent?: Operation) =>
    telemetry.open('authflight.refresh', { parent, attributes })
  const refresh = open({ 'authflight.flight.id': 'one' })
  const between = open({})
  const request = open({}, refresh)
  const below = open({}, request)
  expect(ids()).toEqual([refresh, between, request, below].map(({ link }) => link.id))
  const [next, last] = [open({}), open({})]
  expect(ids()).toEqual([between, next, last].map(({ link }) => link.id))
})

test('what comes below a record that has gone is kept by itself', () => {
  const { add, ids } = setUpRing(2)
  for (const id of ['above', 'b', 'c']) add(createRecord(id))
  add({ ...createRecord('below'), parentId: 'above' })
  expect(ids()).toEqual(['c', 'below'])
})

test('what shows why a session ended, and the flights that belong to it, go last', () => {
  const { add, ids } = setUpRing(6)
  add(ended('rejected'))
  add(inFlight('one', 'refresh-one', { attributes: { 'authflight.refresh.outcome': 'rejected' } }))
  add({ ...inFlight('two', 'refresh-two') })
  add(inFlight('two', 'discard-two', { attributes: { 'authflight.discard.reason': 'signed_out' } }))
  for (let n = 0; n < 100; n += 1) add(createRecord(`${n}`, 2))
  expect(ids()).toEqual(['ended-rejected', 'refresh-one', 'refresh-two', 'discard-two', '98', '99'])
})

test('of more endings than there is room for the last are kept', () => {
  const { add, ids } = setUpRing(2)
  for (const reason of ['user', 'reuse', 'expired'] as const) add(ended(reason))
  expect(ids()).toEqual(['ended-reuse', 'ended-expired'])
})

test('a ring full of endings has room for the flight that is under way', () => {
  const { add, ids } = setUpRing(8)
  for (let n = 0; n < 8; n += 1) add({ ...ended('user'), id: `ended-${n}` })
  const { endedAt: _, ...refresh } = inFlight('one', 'refresh')
  for (const record of [refresh, { ...createRecord('request', 2), parentId: 'refresh' }, inFlight('one', 'wait')]) {
    add(record)
  }
  expect(ids()).toEqual([3, 4, 5, 6, 7].map((n) => `ended-${n}`).concat('refresh', 'request', 'wait'))
})

test('an end that is told below its flight keeps the flight as long as itself', () => {
  const { add, ids } = setUpRing(4)
  const { endedAt: _, ...refresh } = inFlight('one', 'refresh')
  add(refresh)
  add({ ...ended('rejected'), parentId: 'refresh' })
  for (let n = 0; n < 20; n += 1) add(createRecord(`${n}`, 2))
  expect(ids()).toEqual(['refresh', 'ended-rejected', '18', '19'])
})

test('large records leave room for fewer, and the ring stays within a thousand bytes a record', () => {
  const { add, source } = setUpRing(20)
  const links = Array.from({ length: 32 }, () => ({ traceId: '1'.repeat(32), id: '2'.repeat(16) }))
  for (let n = 0; n < 50; n += 1) {
    add({ ...createRecord(`${n}`, 2), links })
    expect(JSON.stringify(source.snapshot()).length).toBeLessThan(20 * 1_000 * 1.1)
  }
  expect(source.snapshot().length).toBeGreaterThan(5)
  expect(source.snapshot().length).toBeLessThan(10)
})

test('a record that comes again when it ends counts as much as any other', () => {
  const { add, source } = setUpRing(20)
  const links = Array.from({ length: 32 }, () => ({ traceId: '1'.repeat(32), id: '2'.repeat(16) }))
  const open = Array.from({ length: 50 }, (_, n) => ({ ...createRecord(`${n}`), links }))
  open.forEach(add)
  for (const record of open) {
    add(end(record))
    expect(JSON.stringify(source.snapshot()).length).toBeLessThan(20 * 1_000 * 1.1)
  }
})

test('an operation that is long under way keeps nothing in memory of what has gone with it', () => {
  const { ring } = setUpRing(2)
  const refresh = ring.add(inFlight('one', 'refresh'))
  for (const id of ['wait', 'next', 'last']) ring.add(id === 'wait' ? inFlight('one', id) : createRecord(id, 2))
  expect(refresh.group.entries).toEqual([])
})

test('a flight larger than the whole ring leaves the ring as it should be', () => {
  const { add, source } = setUpRing(4)
  for (let n = 0; n < 50; n += 1) {
    add(inFlight('one', `${n}`))
    expect(source.snapshot().length).toBeLessThanOrEqual(4)
  }
})

test('never shrinks below what another client asked for', () => {
  const { add, ring, ids } = setUpRing(3)
  ring.atLeast(1)
  for (const id of ['a', 'b', 'c']) add(createRecord(id))
  expect(ids()).toEqual(['a', 'b', 'c'])
})

test('tells each reader of every record, until it has had enough, though another one throws', () => {
  const { add, ring, source } = setUpRing(1)
  const reader = vi.fn()
  const stop = source.subscribe(() => {
    throw new Error('a panel')
  })
  const leave = source.subscribe(reader)
  const record = createRecord('a')
  add(record)
  add(end(record))
  leave()
  stop()
  add(createRecord('b'))
  const told = [createRecord('a'), createRecord('a', 2)]
  expect(reader.mock.calls.flat()).toEqual(told.map((it) => ({ ...it, tab: ring.tab })))
})

test('a snapshot is a copy: what comes later does not change it', () => {
  const { add, source } = setUpRing(5)
  add(createRecord('a'))
  const before = source.snapshot()
  add(createRecord('b'))
  expect(before.map(({ id }) => id)).toEqual(['a'])
})

test('all clients of a realm share one ring, made when the first one needs it', () => {
  expect(realmRing(systemRealm, 10)).toBe(realmRing(systemRealm, 20))
})

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'begin' } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'note' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('grow' as const), by: fc.nat(3) }) },
)

test('holds what a plain list would that is cut to its room after each record, whatever comes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (initial, steps) => {
      const { add, ring, source } = setUpRing(initial)
      let room = initial
      let list: Draft[] = []
      const open: Draft[] = []
      steps.forEach((next, n) => {
        if (next.do === 'grow') return ring.atLeast((room += next.by))
        const [ended] = next.do === 'end' ? open.splice(next.which % Math.max(open.length, 1), 1) : []
        const record = next.do === 'begin' ? createRecord(`${n}`) : end(ended ?? createRecord(`${n}`))
        if (next.do === 'begin') open.push(record)
        list = (list.includes(record) ? list : [...list, record]).slice(-room)
        add(record)
        expect(source.snapshot()).toEqual(list.map((it) => ({ ...it, tab: ring.tab })))
      })
    }),
  )
})
