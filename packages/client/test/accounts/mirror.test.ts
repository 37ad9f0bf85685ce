import { expect, onTestFinished, test, vi } from 'vitest'
import type { AuthError } from '../../src/base/errors.ts'
import { createMirror } from '../../src/accounts/mirror.ts'
import type { Failure } from '../../src/slot/parts.ts'
import type { SlotRecord } from '../../src/slot/slot.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { slotWith } from '../support/slots.ts'

const key = 'slot:app:1'
const user = { id: 'ada', claims: {} }
const slot = slotWith({
  revision: 3,
  userRevision: 3,
  user,
  tokens: { ...slotWith().tokens, expiresAt: Date.now() + 60_000 },
})

function open() {
  const heard: string[] = []
  /** Since when the timer may try, as it is told: undefined where a slot sets it. */
  const moved: unknown[] = []
  const telemetry = createTelemetry(systemRealm, 'client', null)
  const tell = (event: string): void => void heard.push(event)
  const mirror = createMirror(
    { realm: systemRealm, telemetry, tell, moved: (_, retryAt) => void moved.push(retryAt), seen() {} },
    key,
  )
  mirror.begin(slot)
  const follow = (next: SlotRecord, at = key): void =>
    mirror.follow({ kind: 'held', key: at, slot: next, source: 'foreign', flight: null })
  return { mirror, follow, heard, moved, by: telemetry.open('authflight.sign_out', { attributes: {} }) }
}

test.each<[string, Partial<SlotRecord>, string | null]>([
  ['a later revision', { revision: 4 }, 'TOKEN_REFRESHED'],
  ['an earlier one', { revision: 2 }, null],
  ['the same', {}, null],
  ['news of the user', { userRevision: 4, user: { ...user, name: 'Ada' } }, 'USER_UPDATED'],
  ['what was told of the user before', { userRevision: 2, user: { ...user, name: 'Ada' } }, null],
  ['another session', { sessionId: 'another', revision: 4 }, null],
])('a mirror that hears of %s', (_what, change, event) => {
  const { mirror, follow, heard } = open()
  const next = { ...slot, ...change }
  follow(next)
  expect(mirror.held?.slot).toBe(event ? next : slot)
  expect(heard).toEqual(event ? [event] : [])
})

test('a mirror that hears of a later revision that knows less of the user keeps what it knows of that', () => {
  const { mirror, follow, heard } = open()
  follow({ ...slot, revision: 4, userRevision: 2, user: null })
  expect(mirror.held?.slot).toEqual({ ...slot, revision: 4 })
  expect(heard).toEqual(['TOKEN_REFRESHED'])
})

test('a mirror that is told the same user again counts that, and shows nothing new', () => {
  const { mirror, follow, heard, moved } = open()
  const { session, snapshot, answer } = mirror
  moved.length = 0
  follow({ ...slot, userRevision: 5 })
  expect(mirror.held?.slot).toEqual({ ...slot, userRevision: 5 })
  expect(
    [mirror.session, mirror.snapshot, mirror.answer].every((now, at) => now === [session, snapshot, answer][at]),
  ).toBe(true)
  expect([heard, moved]).toEqual([[], []])
})

test('a mirror takes a corrected expiry without an event', () => {
  const { mirror, follow, heard } = open()
  const next = { ...slot, tokens: { ...slot.tokens, expiresAt: 1 } }
  follow(next)
  expect([mirror.held?.slot, heard]).toEqual([next, []])
})

test('a mirror tells the timer of a pause once, and again where the slot has set it meanwhile', () => {
  const { mirror, follow, moved } = open()
  const failure = { kind: 'failed', error: {} as AuthError, errorType: 'network', retryAt: 9 } satisfies Failure
  const fail = (): void => mirror.follow({ kind: 'failed', key, slot, failure })
  moved.length = 0
  fail()
  fail()
  expect(moved).toEqual([9])
  follow({ ...slot, userRevision: 4, user: { ...user, name: 'Ada' } })
  fail()
  expect(moved).toEqual([9, undefined, 9])
})

test('a mirror follows its own slot only', () => {
  const { mirror, follow, heard } = open()
  follow({ ...slot, revision: 4 }, 'slot:app:2')
  expect([mirror.held?.slot, heard]).toEqual([slot, []])
})

test('a failure makes the session stale where its access token is dead, and does nothing before', () => {
  const { mirror } = open()
  const failure = { kind: 'failed', error: {} as AuthError, errorType: 'network', retryAt: 9 } satisfies Failure
  mirror.follow({ kind: 'failed', key, slot, failure })
  expect(mirror.snapshot.status).toBe('signed-in')
  const dead = { ...slot, revision: 4, tokens: { ...slot.tokens, expiresAt: 1 } }
  mirror.follow({ kind: 'held', key, slot: dead, source: 'own', flight: null })
  mirror.follow({ kind: 'failed', key, slot: dead, failure })
  expect(mirror.snapshot).toMatchObject({ status: 'stale', retryAt: 9, session: { stale: true } })
})

test('a session that is looked at again is shown as it is by then, and its failure stays where it is still dead', () => {
  const time = vi.spyOn(systemRealm.clock, 'now')
  onTestFinished(() => time.mockRestore())
  const { mirror } = open()
  const { snapshot } = mirror
  mirror.review()
  expect(mirror.snapshot).toBe(snapshot)
  time.mockReturnValue(Date.now() + 120_000)
  mirror.fail({ error: {} as AuthError, retryAt: 9 })
  mirror.review()
  expect(mirror.snapshot.status).toBe('stale')
  time.mockReturnValue(Date.now())
  mirror.review()
  expect(mirror.snapshot).toEqual(snapshot)
})

test('a session that this client signs out itself ends by its user, also where somebody else is heard of first', () => {
  const { mirror, heard, by } = open()
  const over = mirror.leave(by)
  mirror.follow({ kind: 'ended', key, slot, reason: 'other_tab', source: 'foreign' })
  over()
  expect(mirror.snapshot).toEqual({ status: 'signed-out', reason: 'user' })
  expect([mirror.session, mirror.held, heard]).toEqual([null, null, ['SIGNED_OUT']])
})

test('a sign-out that is over blames nobody for the next end', () => {
  const { mirror, by } = open()
  mirror.leave(by)()
  mirror.follow({ kind: 'ended', key, slot, reason: 'other_tab', source: 'foreign' })
  expect(mirror.snapshot).toEqual({ status: 'signed-out', reason: 'other_tab' })
})

test('a user with a number that JSON refuses is followed like any other', () => {
  const { follow, heard } = open()
  const owning = (balance: bigint, userRevision: number): SlotRecord => ({
    ...slot,
    userRevision,
    user: { ...user, claims: { balance } },
  })
  follow(owning(1n, 4))
  follow(owning(1n, 5))
  expect(heard).toEqual(['USER_UPDATED'])
  follow(owning(2n, 6))
  expect(heard).toEqual(['USER_UPDATED', 'USER_UPDATED'])
})
