import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/providers/answers.ts'
import { createDecide, scopeOf, whereIs } from '../../src/refresh/decision.ts'
import { AuthError } from '../../src/base/errors.ts'
import type { Minted } from '../../src/slot/minted.ts'
import type { Parts } from '../../src/slot/parts.ts'
import type { ReuseProfile } from '../../src/providers/provider.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { createView, within } from '../../src/storage/store.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { realmAt } from '../support/realm.ts'
import { claimWith, mintedWith } from '../support/slots.ts'

const key = 'slot:app:1'
const at = 'claim:d1'
const minted = (more: Partial<Minted> = {}): Minted =>
  mintedWith({ accessToken: 'access-2', refreshToken: 'refresh-2', digest: 'd2', ...more })
const slot: SlotRecord = {
  ...firstRevision(realmAt(0), minted({ accessToken: 'access-1', refreshToken: 'refresh-1', digest: 'd1' })),
  begun: 100,
}
const claim = claimWith('mine')
const error = new AuthError('server_error', 'It failed.')
const rotated = (more: Partial<Minted> = {}): Verdict<Minted> => ({ kind: 'rotated', tokens: minted(more) })
const suspect: Verdict<Minted> = { kind: 'suspect', reason: 'revoked', error, errorType: 'invalid_grant' }
const failed = (kind: 'unspent' | 'unknown'): Verdict<Minted> => ({
  kind,
  error,
  errorType: 'server_error',
  retryAfter: 7,
})

/** What a verdict does to a store that holds a slot, the claim of this flight, and what a test puts there. */
function decide(
  verdict: Verdict<Minted>,
  records: Record<string, unknown> = {},
  { reuse = 'unknown', isAbandoned = false, isEndless = false, key: own = key, slot: began = slot }: Options = {},
) {
  const parts = { name: 'app', provider: { reuse }, place: memoryStore() } as unknown as Parts
  const watch = { isAbandoned: () => isAbandoned, isEndless: () => isEndless, forget() {}, pause: async () => {} }
  const approach = { flight: {} as never, key: own, slot: began, at, claimId: 'mine' }
  const found = new Map(Object.entries({ [key]: slot, [at]: claim, ...records }).filter(([, value]) => value !== null))
  const { view } = createView(found)
  const decision = createDecide(parts, watch)(view, approach, verdict, 1_000)
  return { decision, view, stored: view.get(key), claimed: view.get(at), approach }
}
interface Options {
  readonly reuse?: ReuseProfile
  readonly isAbandoned?: boolean
  readonly isEndless?: boolean
  readonly key?: string
  readonly slot?: SlotRecord
}

describe('new tokens', () => {
  test('go into the slot, and the claim goes with the same step', () => {
    const { decision, stored, claimed } = decide(rotated())
    expect(decision).toMatchObject({ kind: 'rotated', replaced: null, slot: { revision: 2 } })
    expect(stored).toMatchObject({
      revision: 2,
      tokens: { access: 'access-2', refresh: 'refresh-2', expiresAt: 61_000 },
      past: ['d1'],
    })
    expect(claimed).toBeUndefined()
  })

  test('renew where the refresh token has stayed', () => {
    expect(decide(rotated({ refreshToken: null, digest: null })).decision.kind).toBe('renewed')
    expect(decide(rotated({ refreshToken: 'refresh-1', digest: 'd1' })).decision.kind).toBe('renewed')
  })

  test('keep what was told of the user while they were on the way, and fields of others', () => {
    const user = { id: 'ada', name: 'Ada Byron', claims: {} }
    const { stored } = decide(rotated(), { [key]: { ...slot, user, userRevision: 3, later: 1 } })
    expect(stored).toMatchObject({ revision: 2, user, userRevision: 3, later: 1 })
  })

  test('tell of the user where nobody has told anything since they were asked for', () => {
    const old = { id: 'ada', name: 'Ada Byron', claims: {} }
    const told = { ...old, name: 'Ada Lovelace' }
    const began = { ...slot, user: old, userRevision: 2 }
    const of = (userRevision: number) =>
      decide(rotated({ user: told, identity: 'i' }), { [key]: { ...began, userRevision } }, { slot: began }).stored
    expect(of(2)).toMatchObject({ user: told, identity: 'i' })
    expect(of(3)).toMatchObject({ user: old, userRevision: 3, identity: 'i' })
  })

  test('follow the revision they were asked for with, where the slot has lost some', () => {
    const began = { ...slot, revision: 5 }
    expect(decide(rotated(), {}, { slot: began }).stored).toMatchObject({ revision: 6 })
  })

  test('remember the token they were got with, also where the store has never held it', () => {
    // Revision 2 could not be written, and was refreshed from memory.
    const began = { ...slot, revision: 2, digest: 'd2', past: ['d1'], tokens: { ...slot.tokens, refresh: 'refresh-2' } }
    const { stored } = decide(rotated({ refreshToken: 'refresh-3', digest: 'd3' }), {}, { slot: began })
    expect(stored).toMatchObject({ revision: 3, digest: 'd3', past: ['d2', 'd1'] })
    const renewed = decide(rotated({ refreshToken: null, digest: null }), {}, { slot: began })
    expect(renewed.stored).toMatchObject({ revision: 3, digest: 'd2', past: ['d1'], tokens: { refresh: 'refresh-2' } })
  })

  test('keep what another tab was told of the user while the store held an older revision', () => {
    const user = { id: 'ada', name: 'Ada Byron', claims: {} }
    const began = { ...slot, revision: 2, digest: 'd2', past: ['d1'] }
    const { stored } = decide(rotated(), { [key]: { ...slot, user, userRevision: 1, later: 1 } }, { slot: began })
    expect(stored).toMatchObject({ revision: 3, user, userRevision: 1, later: 1 })
  })

  test('leave the claim of somebody else alone', () => {
    expect(decide(rotated(), { [at]: { ...claim, id: 'theirs' } }).claimed).toMatchObject({ id: 'theirs' })
  })
})

describe('whose session it is, where an answer is the first to tell', () => {
  const twin = (begun: number): SlotRecord => ({ ...slot, sessionId: 'twin', identity: 'i', begun })
  const learnt = rotated({ identity: 'i' })

  test('makes one session of two of the same account: the later sign-in stays', () => {
    const { decision, view } = decide(learnt, { 'slot:app:2': twin(50) })
    expect(decision).toMatchObject({ kind: 'rotated', replaced: { key: 'slot:app:2' } })
    expect(view.get('slot:app:2')).toBeUndefined()
    expect(view.get('tombstone:app:twin')).toMatchObject({ left: 'replaced' })
  })

  test('ends this one where the other is the later', () => {
    const { decision, stored, claimed, view } = decide(learnt, { 'slot:app:2': twin(150) })
    expect(decision).toEqual({ kind: 'discard', reason: 'replaced', left: 'replaced' })
    expect([stored, claimed]).toEqual([undefined, undefined])
    expect(view.get('slot:app:2')).toEqual(twin(150))
  })

  test('changes nothing for a session whose account was known', () => {
    const known = { ...slot, identity: 'i' }
    const { decision, view } = decide(learnt, { [key]: known, 'slot:app:2': twin(50) }, { slot: known })
    expect(decision).toMatchObject({ kind: 'rotated', replaced: null })
    expect(view.get('slot:app:2')).toEqual(twin(50))
  })

  test('waits in an attempt until that is finished', () => {
    const here = 'attempt:app:state'
    const { decision, view } = decide(learnt, { [here]: slot, 'slot:app:2': twin(50) }, { key: here })
    expect(decision).toMatchObject({ kind: 'rotated', replaced: null })
    expect(view.get('slot:app:2')).toEqual(twin(50))
  })

  test('is read in a scope that reaches all slots, and no further where there is nothing to learn', () => {
    const { approach } = decide(learnt)
    const reads = (verdict: Verdict<Minted>, began = slot) =>
      ['slot:app:1', at, 'tombstone:app:x', 'slot:app:2', 'shown:app'].map(
        within(scopeOf('app', { ...approach, slot: began }, verdict)),
      )
    const [guard, all] = [
      [true, true, true, false, false],
      [true, true, true, true, true],
    ]
    expect(reads(learnt)).toEqual(all)
    expect(reads(rotated())).toEqual(guard)
    expect(reads(suspect)).toEqual(guard)
    expect(reads(learnt, { ...slot, identity: 'i' })).toEqual(guard)
    // An attempt may have been finished meanwhile.
    const attempt = scopeOf('app', { ...approach, key: 'attempt:app:state' }, rotated())
    expect(['attempt:app:state', 'slot:app:2', 'shown:app'].map(within(attempt))).toEqual([true, true, true])
  })
})

describe('the guard comes first, whatever the verdict', () => {
  const moved = {
    ...slot,
    revision: 2,
    digest: 'd9',
    tokens: { ...slot.tokens, access: 'access-9', refresh: 'refresh-9' },
  }
  const verdicts = [rotated(), suspect, failed('unspent'), failed('unknown')].map(
    (verdict) => [verdict.kind, verdict] as const,
  )

  test.each(verdicts)('%s: a revision of another party is adopted, and the claim goes', (_kind, verdict) => {
    const { decision, stored, claimed } = decide(verdict, { [key]: moved })
    expect(decision).toEqual({ kind: 'adopt', slot: moved })
    expect([stored, claimed]).toEqual([moved, undefined])
  })

  // Another party had asked with the same token before, and the server let it stay; then it was asked with once more.
  const renewed = { ...slot, revision: 2, tokens: { ...slot.tokens, access: 'access-9' } }

  test('but a revision that holds the very token that was spent is gone on from', () => {
    const { decision, stored, claimed } = decide(rotated(), { [key]: renewed })
    expect(decision).toMatchObject({ kind: 'rotated', slot: { revision: 3 } })
    expect(stored).toMatchObject({ revision: 3, digest: 'd2', past: ['d1'], tokens: { access: 'access-2' } })
    expect(claimed).toBeUndefined()
  })

  test('it is adopted where the answer did not come, and it is remembered that its token may be spent', () => {
    const { decision, stored, claimed } = decide(failed('unknown'), { [key]: renewed })
    expect([decision, stored, claimed]).toEqual([{ kind: 'adopt', slot: renewed }, renewed, { ...claim, lost: true }])
    expect(decide(failed('unknown'), { [key]: renewed }, { reuse: 'idempotent' }).claimed).toBeUndefined()
    const before = { [at]: { ...claim, again: true } }
    expect(decide(failed('unknown'), { [key]: moved, ...before }).claimed).toBeUndefined()
  })

  test('it is not adopted where the answer did not come and its access token is dead too: there is a pause', () => {
    const dead = { ...renewed, tokens: { ...renewed.tokens, expiresAt: 1_000 } }
    const { decision, claimed } = decide(failed('unknown'), { [key]: dead })
    expect([decision.kind, claimed]).toEqual(['failed', { ...claim, lost: true }])
  })

  test('it is adopted where the token was not looked at, and what was known of it before stays', () => {
    const { decision, claimed } = decide(failed('unspent'), { [key]: renewed, [at]: { ...claim, again: true } })
    expect([decision, claimed]).toEqual([
      { kind: 'adopt', slot: renewed },
      { ...claim, again: true, lost: true },
    ])
    expect(decide(failed('unspent'), { [key]: moved, [at]: { ...claim, again: true } }).claimed).toBeUndefined()
  })

  test.each([
    rotated({ refreshToken: null, digest: null }),
    rotated({ refreshToken: 'refresh-1', digest: 'd1' }),
    suspect,
  ])('it is adopted where the token is as good as before, or that is not certain', (verdict) => {
    const { decision, claimed } = decide(verdict, { [key]: renewed })
    expect([decision, claimed]).toEqual([{ kind: 'adopt', slot: renewed }, undefined])
  })

  test.each(verdicts)('%s: a session that was signed out stays so, and the claim goes', (_kind, verdict) => {
    const tombstone = { v: 1, left: 'user' }
    const { decision, stored, claimed } = decide(verdict, {
      [key]: null,
      [`tombstone:app:${slot.sessionId}`]: tombstone,
    })
    expect(decision).toEqual({ kind: 'discard', reason: 'signed_out', left: 'user' })
    expect([stored, claimed]).toEqual([undefined, undefined])
  })
})

describe('an answer that the session is over', () => {
  test('ends it, with why, and every claim on its token', () => {
    const { decision, stored, claimed, view } = decide(suspect)
    expect(decision).toEqual({ kind: 'rejected', reason: 'revoked', error })
    expect([stored, claimed]).toEqual([undefined, undefined])
    expect(view.get(`tombstone:app:${slot.sessionId}`)).toMatchObject({ left: 'revoked', at: 1_000 })
  })

  test('waits for another party that presents the same token', () => {
    const theirs = { ...claim, id: 'theirs' }
    const { decision, stored, claimed } = decide(suspect, { [at]: theirs })
    expect(decision).toEqual({ kind: 'contested', by: theirs })
    expect([stored, claimed]).toEqual([slot, theirs])
  })

  test('does not wait for ever, and ends nothing then', () => {
    const theirs = { ...claim, id: 'theirs' }
    const { decision, stored, claimed } = decide(suspect, { [at]: theirs }, { isEndless: true })
    expect(decision).toMatchObject({ kind: 'failed', errorType: 'storage_error', retryAfter: null })
    expect([stored, claimed]).toEqual([slot, theirs])
  })

  test('does not wait for one that is gone, nor where nobody else presents it', () => {
    expect(decide(suspect, { [at]: { ...claim, id: 'theirs' } }, { isAbandoned: true }).decision.kind).toBe('rejected')
    expect(decide(suspect, { [at]: null }).decision.kind).toBe('rejected')
    expect(decide(suspect, { [at]: { ...claim, id: 'theirs' } }, { isAbandoned: true }).claimed).toBeUndefined()
  })
})

describe('an answer that says nothing about the session', () => {
  test('leaves it, and takes the claim back where the token was not consumed', () => {
    const { decision, stored, claimed } = decide(failed('unspent'))
    expect(decision).toEqual({ kind: 'failed', error, errorType: 'server_error', retryAfter: 7 })
    expect([stored, claimed]).toEqual([slot, undefined])
  })

  test.each(['unknown', 'idempotent'] as const)('keeps in mind what others may have spent before: %s', (reuse) => {
    const { claimed } = decide(failed('unspent'), { [at]: { ...claim, again: true } }, { reuse })
    expect(claimed).toEqual({ ...claim, again: true, lost: true })
  })

  test('marks the claim as lost where the token may be consumed', () => {
    const { decision, stored, claimed } = decide(failed('unknown'))
    expect(decision).toEqual({ kind: 'failed', error, errorType: 'server_error', retryAfter: 7 })
    expect([stored, claimed]).toEqual([slot, { ...claim, lost: true }])
  })

  test.each(['idempotent', 'branches'] as const)('takes it away at a server that answers again: %s', (reuse) => {
    expect(decide(failed('unknown'), {}, { reuse }).claimed).toBeUndefined()
  })

  test.each(['unspent', 'unknown'] as const)('does nothing to the claim of another party: %s', (kind) => {
    const theirs = { ...claim, id: 'theirs' }
    expect(decide(failed(kind), { [at]: theirs }).claimed).toEqual(theirs)
    expect(decide(failed(kind), { [at]: null }).claimed).toBeUndefined()
  })
})

test('an answer goes where its session is by now', () => {
  const attempt = { ...decide(rotated()).approach, key: 'attempt:app:state' }
  const { view } = createView(
    new Map([
      [key, slot],
      ['slot:app:2', { ...slot, sessionId: 'another' }],
    ]),
  )
  const owner = { name: 'app', place: memoryStore() }
  expect(whereIs(view, owner, attempt)).toEqual({ ...attempt, key })
  expect(whereIs(view, owner, { ...attempt, slot: { ...slot, sessionId: 'gone' } }).key).toBe('attempt:app:state')
})
