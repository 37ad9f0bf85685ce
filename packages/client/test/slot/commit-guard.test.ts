import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Found, rule, type Started } from '../../src/slot/commit-guard.ts'
import type { DiscardReason } from '../../src/base/errors.ts'
import type { SignedOutReason } from '../../src/base/session.ts'

const started: Started = { sessionId: 's1', revision: 7 }
const slot = (sessionId: string, revision: number, left: SignedOutReason | null = null): Found => ({
  slot: { sessionId, revision },
  left,
})
const empty = (left: SignedOutReason | null): Found => ({ slot: null, left })
const discard = (reason: DiscardReason, { left }: Found) => ({ kind: 'discard', reason, left })

test('1: a slot that nobody has touched takes the answer', () => {
  expect(rule(started, slot('s1', 7))).toEqual({ kind: 'commit', slot: slot('s1', 7).slot })
})

test('2: a revision that another tab has committed is adopted', () => {
  expect(rule(started, slot('s1', 8))).toEqual({ kind: 'adopt', slot: slot('s1', 8).slot })
})

test('3: a sign-out that committed first wins', () => {
  expect(rule(started, empty('user'))).toEqual(discard('signed_out', empty('user')))
})

test('4: a sign-out wins although somebody has signed in again since', () => {
  expect(rule(started, slot('s2', 1, 'user'))).toEqual(discard('signed_out', slot('s2', 1, 'user')))
})

test('5: a sign-in that took the place of the session wins', () => {
  expect(rule(started, slot('s2', 1, 'replaced'))).toEqual(discard('replaced', slot('s2', 1, 'replaced')))
})

test('5: a sign-in wins although the tombstone of the session it replaced was forgotten', () => {
  expect(rule(started, slot('s2', 1))).toEqual(discard('replaced', slot('s2', 1)))
})

test('5: a session that was replaced stays so when its successor has left the slot too', () => {
  expect(rule(started, empty('replaced'))).toEqual(discard('replaced', empty('replaced')))
})

test('6: a wiped store takes nothing back', () => {
  expect(rule(started, empty(null))).toEqual(discard('cleared', empty(null)))
})

test('a slot that lost revisions is written over, because nobody else holds what the writer holds', () => {
  expect(rule(started, slot('s1', 5))).toEqual({ kind: 'commit', slot: slot('s1', 5).slot })
})

test('the other session’s revision plays no part, however high', () => {
  expect(rule(started, slot('s2', 8))).toEqual(discard('replaced', slot('s2', 8)))
})

const id = fc.constantFrom('s1', 's2', 's3')
const revision = fc.nat(4)
const left = fc.option(
  fc.constantFrom<SignedOutReason>('user', 'other_tab', 'expired', 'rejected', 'revoked', 'replaced', 'unknown'),
)
const anyStarted: fc.Arbitrary<Started> = fc.record({ sessionId: id, revision })
const anyFound: fc.Arbitrary<Found> = fc.record({ slot: fc.option(anyStarted), left })
const always = (title: string, holds: (began: Started, found: Found) => boolean): void => {
  test(`always: ${title}`, () => {
    expect(fc.check(fc.property(anyStarted, anyFound, holds), { numRuns: 1_000 }).counterexample).toBeNull()
  })
}
const isSame = (began: Started, found: Found) => found.slot?.sessionId === began.sessionId

always(
  'no commit over another session, and none into an empty slot',
  (began, found) => rule(began, found).kind !== 'commit' || isSame(began, found),
)
always(
  'no commit over a later revision',
  (began, found) =>
    rule(began, found).kind !== 'commit' || (found.slot !== null && found.slot.revision <= began.revision),
)
always('only a later revision of the same session is adopted', (began, found) => {
  const later = isSame(began, found) && (found.slot?.revision ?? 0) > began.revision
  return (rule(began, found).kind === 'adopt') === later
})
always(
  'nothing is discarded while the session stands',
  (began, found) => (rule(began, found).kind === 'discard') === !isSame(began, found),
)
always('a discard says `signed_out` exactly where a tombstone tells of anything but a replacement', (began, found) => {
  const ruling = rule(began, found)
  if (ruling.kind !== 'discard') return true
  return (ruling.reason === 'signed_out') === (found.left !== null && found.left !== 'replaced')
})
