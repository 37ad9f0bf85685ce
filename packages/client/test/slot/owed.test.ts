import { describe, expect, test } from 'vitest'
import { deleted, isLeft, leave, newest, owe, servable, slotsIn } from '../../src/slot/owed.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { createView } from '../../src/storage/store.ts'
import { slotWith } from '../support/slots.ts'

const key = 'slot:app:1'
const stored = slotWith()
const next = { ...stored, revision: 2 }

describe('a revision that a store still has to take', () => {
  test('is what its slot holds, until it is there', () => {
    const place = memoryStore()
    const forget = owe(place, key, next)
    expect(newest(place, key, stored)).toBe(next)
    expect(newest(place, 'slot:app:2', stored)).toEqual(stored)
    expect(newest(memoryStore(), key, stored)).toEqual(stored)
    forget()
    expect(newest(place, key, stored)).toEqual(stored)
  })

  test('hides nothing newer, nothing of the same revision, and nobody else', () => {
    const place = memoryStore()
    owe(place, key, next)
    const newer = { ...stored, revision: 3 }
    const same = { ...next, scopes: ['openid'] }
    const other = slotWith({ sessionId: 'another' })
    for (const found of [newer, same, other]) expect(newest(place, key, found)).toEqual(found)
    expect(newest(place, key, undefined)).toBeNull()
  })

  test('that a later one has replaced is not forgotten with the earlier one', () => {
    const place = memoryStore()
    const forget = owe(place, key, next)
    const later = { ...stored, revision: 3 }
    owe(place, key, later)
    forget()
    expect(newest(place, key, stored)).toBe(later)
  })
})

test('the slots of a client are those under its name that can be read, by what is owed to them', () => {
  const place = memoryStore()
  const found = new Map<string, unknown>([
    [key, stored],
    ['slot:app:2', { half: 'written' }],
    ['slot:other:3', stored],
    ['tombstone:app:4', stored],
  ])
  const { view } = createView(found)
  expect(slotsIn(place, view, 'slot:app:')).toEqual([{ key, slot: stored }])
  owe(place, key, next)
  expect(slotsIn(place, view, 'slot:app:')).toEqual([{ key, slot: next }])
})

describe('a session that was signed out and is not deleted yet', () => {
  test('is served by nobody, nor is what is owed to it', () => {
    const place = memoryStore()
    expect(servable(place, key, stored)).toEqual(stored)
    leave(place, stored.sessionId)
    owe(place, key, next)
    expect(isLeft(place, stored)).toBe(true)
    expect(servable(place, key, stored)).toBeNull()
    expect(servable(place, key, undefined)).toBeNull()
    expect(isLeft(memoryStore(), stored)).toBe(false)
    expect(isLeft(place, { sessionId: 'another' })).toBe(false)
  })

  test('is known for a while after it is deleted: the last twenty', () => {
    const place = memoryStore()
    leave(place, 'first')
    deleted(place, 'first')
    for (let count = 0; count < 19; count += 1) deleted(place, `later-${count}`)
    expect(isLeft(place, { sessionId: 'first' })).toBe(true)
    deleted(place, 'one more')
    expect(isLeft(place, { sessionId: 'first' })).toBe(false)
    expect(isLeft(place, { sessionId: 'one more' })).toBe(true)
  })
})
