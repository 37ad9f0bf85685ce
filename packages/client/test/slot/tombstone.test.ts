import { expect, test } from 'vitest'
import { createView, type View, within } from '../../src/storage/store.ts'
import { asForeign, bury, find, guardScope, leftWith, tombstoneKey } from '../../src/slot/tombstone.ts'
import { shortened } from '../../src/slot/slot.ts'
import { slotWith } from '../support/slots.ts'

const day = 24 * 60 * 60 * 1_000
const now = 100 * day
const slot = slotWith({ sessionId: 's', digest: 'd3', past: ['d2', 'd1'] })
const key = 'slot:app:1'
const open = (records: Record<string, unknown> = {}): View => createView(new Map(Object.entries(records))).view

test('a session that is buried leaves its slot, and a tombstone with the digests of its tokens and none of them', () => {
  const view = open({ [key]: slot })
  bury(view, key, 'app', slot, 'user', now)

  expect(view.get(key)).toBeUndefined()
  expect(view.get('tombstone:app:s')).toEqual({
    v: 1,
    sessionId: 's',
    left: 'user',
    at: now,
    digests: ['d3', 'd2', 'd1'],
  })
})

test('of a digest it keeps as much as its token is known again by', () => {
  const [digest, other] = ['0123456789abcdef'.repeat(4), '0123456789ac'.padEnd(64, 'f')]
  const view = open()
  bury(view, key, 'app', { ...slot, digest, past: [] }, 'user', now)
  expect(view.get('tombstone:app:s')).toMatchObject({ digests: ['0123456789ab'] })
  expect([digest, other].map((each) => leftWith(view, 'app', [shortened(each)]))).toEqual(['user', null])
})

test('one without a refresh token leaves the digests of those before', () => {
  const view = open()
  bury(view, key, 'app', { ...slot, digest: null }, 'expired', now)
  expect(view.get('tombstone:app:s')).toMatchObject({ left: 'expired', digests: ['d2', 'd1'] })
})

test('twenty tombstones stand: the oldest makes room, whatever order they are in', () => {
  const ages = [3, 17, 1, 19, 8, 2, 20, 5, 11, 4, 18, 6, 9, 7, 16, 10, 15, 12, 14, 13]
  const view = open(Object.fromEntries(ages.map((age) => [`tombstone:app:${age}`, { at: now - age }])))
  bury(view, key, 'app', slot, 'user', now)

  const standing = view.list('tombstone:').map(([at]) => at)
  expect(standing).toHaveLength(20)
  expect(standing).not.toContain('tombstone:app:20')
  expect(standing).toContain('tombstone:app:19')
})

test('a tombstone is forgotten after thirty days, not on the thirtieth, and one without a date at once', () => {
  const view = open({
    'tombstone:app:young': { at: now - 30 * day },
    'tombstone:app:old': { at: now - 30 * day - 1 },
    'tombstone:app:broken': null,
    'tombstone:other:old': { at: 0 },
  })
  bury(view, key, 'app', slot, 'user', now)
  expect(view.list('tombstone:').map(([at]) => at)).toEqual([
    'tombstone:app:young',
    'tombstone:other:old',
    'tombstone:app:s',
  ])
})

test('the guard finds who is in the slot, and what became of the session that its writer began with', () => {
  const other = { ...slot, sessionId: 't', revision: 4 }
  const tombstone = { left: 'user' }
  expect(find(open({ [key]: other, 'tombstone:app:s': tombstone }), key, 'app', 's')).toMatchObject({
    slot: { sessionId: 't', revision: 4 },
    left: 'user',
  })
  expect(find(open({ [key]: slot }), key, 'app', 's')).toMatchObject({ slot: { sessionId: 's' }, left: null })
  expect(find(open({ 'tombstone:app:s': tombstone }), key, 'app', 's')).toEqual({ slot: null, left: 'user' })
  expect(find(open({ 'tombstone:app:t': tombstone }), key, 'app', 's')).toEqual({ slot: null, left: null })
  expect(find(open({ 'tombstone:app:s': null }), key, 'app', 's')).toEqual({ slot: null, left: null })
})

test('what the guard looks at is in its scope', () => {
  const reads = within(guardScope(key, 'app', slot, 'claim:x'))
  expect([key, 'claim:x', 'tombstone:app:s', 'tombstone:app:t'].map(reads)).toEqual([true, true, true, true])
  expect(['slot:app:2', 'claim:y', 'tombstone:other:s'].map(reads)).toEqual([false, false, false])
})

test('a refresh token is known again by any tombstone that has its digest', () => {
  const view = open({
    'tombstone:app:broken': null,
    'tombstone:app:half': {},
    'tombstone:app:s': { left: 'user', digests: ['d2', 'd1'] },
    'tombstone:app:t': { left: 'replaced', digests: ['d9'] },
    'tombstone:other:u': { left: 'user', digests: ['d7'] },
  })
  expect(['d1', 'd9', 'd7', 'd0'].map((digest) => leftWith(view, 'app', [digest]))).toEqual([
    'user',
    'replaced',
    null,
    null,
  ])
})

test('what another party did has a reason of its own here', () => {
  expect([asForeign(null), asForeign('user'), asForeign('rejected')]).toEqual([
    'storage_cleared',
    'other_tab',
    'rejected',
  ])
})

test('the key of a tombstone names client and session', () => {
  expect(tombstoneKey('app', 's')).toBe('tombstone:app:s')
})
