import { expect, test } from 'vitest'
import { handBack } from '../../src/slot/handed-over.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { createView } from '../../src/storage/store.ts'
import { slotWith } from '../support/slots.ts'

const second = slotWith({ digest: 'second', past: ['first'] })
const third = slotWith({ digest: 'third', past: ['second'], tokens: { ...second.tokens, access: 'third' } })

/** What stands at two slots, the first of which is behind an attempt, once that has handed back what it has. */
function handedBack(records: Readonly<Record<string, object>>) {
  const other = slotWith({ digest: 'of another' })
  const found = { 'slot:app:1': second, 'slot:app:2': other, 'attempt:app:1': third, ...records }
  const { view, writes } = createView(new Map(Object.entries(found)))
  const sessions = [
    { key: 'slot:app:1', slot: { ...second, ...found['slot:app:1'] } },
    { key: 'slot:app:2', slot: other },
  ]
  handBack(view, { place: memoryStore(), name: 'app' }, sessions)
  return Object.fromEntries(writes)
}

test('a session is given what came of its token in an attempt, and no other is', () => {
  expect(handedBack({})).toEqual({
    'slot:app:1': { ...second, revision: 2, tokens: third.tokens, digest: 'third', past: ['second', 'first'] },
  })
})

test('a session that a newer version has written is left to that', () => {
  expect(handedBack({ 'slot:app:1': { ...second, v: 2 } })).toEqual({})
})

test.each([
  ['has not presented it', slotWith({ digest: 'second' })],
  ['has a token to refresh no more', { ...third, tokens: { ...third.tokens, refresh: null } }],
  ['is a marker alone', { v: 1, begun: 0 }],
])('nothing comes of an attempt that %s', (_what, attempt) => {
  expect(handedBack({ 'attempt:app:1': attempt })).toEqual({})
})
