import { describe, expect, test } from 'vitest'
import { leave } from '../../src/slot/owed.ts'
import { becomeOne, learningScope, learns } from '../../src/slot/same-account.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { createView, within } from '../../src/storage/store.ts'
import { slotWith } from '../support/slots.ts'

const learnt = { key: 'slot:app:1', slot: slotWith({ sessionId: 'learnt', identity: 'ada', begun: 100 }) }
const other = slotWith({ sessionId: 'twin' })
const twin = (begun: number, identity: string | null = 'ada') => ({ ...other, identity, begun })

function meet(records: Readonly<Record<string, unknown>>, from = learnt, place = memoryStore()) {
  const { view } = createView(new Map(Object.entries({ [learnt.key]: learnt.slot, ...records })))
  const goes = becomeOne(view, { name: 'app', place }, from, 1_000)
  return { goes, get: view.get }
}

describe('a slot that has learnt whose it is', () => {
  test('takes the place of an earlier sign-in of the same account, also where that is shown', () => {
    const { goes, get } = meet({ 'slot:app:2': twin(50), 'shown:app': { v: 1, slot: 'slot:app:2' } })
    expect(goes).toEqual({ key: 'slot:app:2', slot: twin(50) })
    expect(get('slot:app:2')).toBeUndefined()
    expect(get('tombstone:app:twin')).toMatchObject({ left: 'replaced', at: 1_000 })
    expect(get('shown:app')).toEqual({ v: 1, slot: learnt.key })
  })

  test('gives way to a later one', () => {
    const { goes, get } = meet({ 'slot:app:2': twin(150), 'shown:app': { v: 1, slot: 'slot:app:2' } })
    expect(goes).toBe(learnt)
    expect([get(learnt.key), get('slot:app:2')]).toEqual([undefined, twin(150)])
    expect(get('tombstone:app:learnt')).toMatchObject({ left: 'replaced' })
    expect(get('shown:app')).toEqual({ v: 1, slot: 'slot:app:2' })
  })

  test('stays where both began in the same moment', () => {
    expect(meet({ 'slot:app:2': twin(100) }).goes?.key).toBe('slot:app:2')
  })

  test('leaves alone who is somebody else, or not known, and whom another client holds', () => {
    const records = { 'slot:app:2': twin(50, 'grace'), 'slot:app:3': twin(50, null), 'slot:other:4': twin(50) }
    const { goes, get } = meet(records)
    expect(goes).toBeNull()
    for (const [key, slot] of Object.entries(records)) expect(get(key)).toEqual(slot)
    expect(get('shown:app')).toBeUndefined()
  })

  test('leaves alone one that is being signed out', () => {
    const place = memoryStore()
    leave(place, 'twin')
    expect(meet({ 'slot:app:2': twin(50) }, learnt, place).goes).toBeNull()
  })

  test('is the only one of those whose account is not known', () => {
    const unknown = { key: learnt.key, slot: slotWith({ identity: null }) }
    expect(meet({ 'slot:app:2': twin(50, null) }, unknown).goes).toBeNull()
  })
})

test('only who did not know it before learns whose it is', () => {
  const [known, unknown] = [slotWith({ identity: 'ada' }), slotWith()]
  expect([learns(unknown, 'ada'), learns(unknown, null), learns(known, 'ada')]).toEqual([true, false, false])
})

test('what has to be read for that is in its scope', () => {
  const reads = within(learningScope('app'))
  expect(['slot:app:2', 'tombstone:app:x', 'shown:app', 'slot:other:1'].map(reads)).toEqual([true, true, true, false])
})
