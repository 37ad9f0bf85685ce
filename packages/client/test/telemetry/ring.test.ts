import { expect, test, vi } from 'vitest'
import { type AuthRecord, recorderHook, type RecordSource } from '../../src/index.ts'
import { createRing, realmRing } from '../../src/telemetry/ring.ts'

const createRecord = (id: string, endedAt?: number): AuthRecord => ({
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
  tab: 'tab',
})

/** A ring of its own and the source that readers get of it. */
function setUpRing(room: number) {
  const ring = createRing()
  ring.atLeast(room)
  let source: RecordSource | undefined
  recorderHook().subscribe((offered) => {
    if (offered.tab === ring.tab) source = offered
  })
  return { ring, source: source as RecordSource, ids: () => source?.snapshot().map(({ id }) => id) }
}

test('keeps the last records, oldest first, and no more than there is room for', () => {
  const { ring, ids } = setUpRing(3)
  for (let n = 1; n <= 1_000; n += 1) ring.add(createRecord(`${n}`))
  expect(ids()).toEqual(['998', '999', '1000'])
})

test('an end takes the place of its start', () => {
  const { ring, source, ids } = setUpRing(3)
  ring.add(createRecord('a'))
  ring.add(createRecord('b'))
  ring.add(createRecord('a', 2))
  expect(ids()).toEqual(['a', 'b'])
  expect(source.snapshot()[0]).toEqual(createRecord('a', 2))
})

test('never shrinks below what another client asked for', () => {
  const { ring, ids } = setUpRing(3)
  ring.atLeast(1)
  for (const id of ['a', 'b', 'c']) ring.add(createRecord(id))
  expect(ids()).toEqual(['a', 'b', 'c'])
})

test('tells each reader of every record, until it has had enough, though another one throws', () => {
  const { ring, source } = setUpRing(1)
  const reader = vi.fn()
  const stop = source.subscribe(() => {
    throw new Error('a panel')
  })
  const leave = source.subscribe(reader)
  ring.add(createRecord('a'))
  ring.add(createRecord('a', 2))
  leave()
  stop()
  ring.add(createRecord('b'))
  expect(reader.mock.calls.flat()).toEqual([createRecord('a'), createRecord('a', 2)])
})

test('a snapshot is a copy: what comes later does not change it', () => {
  const { ring, source } = setUpRing(5)
  ring.add(createRecord('a'))
  const before = source.snapshot()
  ring.add(createRecord('b'))
  expect(before.map(({ id }) => id)).toEqual(['a'])
})

test('all clients of a realm share one ring, made when the first one needs it', () => {
  expect(realmRing(10)).toBe(realmRing(20))
})
