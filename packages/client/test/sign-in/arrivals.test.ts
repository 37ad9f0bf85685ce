import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Arrival, createArrivals } from '../../src/sign-in/arrivals.ts'
import type { Attempt } from '../../src/sign-in/attempts.ts'
import { deleted, leave } from '../../src/slot/owed.ts'
import type { Parts } from '../../src/slot/parts.ts'
import type { Held, SlotRecord } from '../../src/slot/slot.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import type { Store } from '../../src/storage/store.ts'
import { createRealm } from '../support/realm.ts'
import { claimWith, slotWith } from '../support/slots.ts'

const at = 'attempt:app:state'
const display = (account: string) => ({ session: `of-${account}`, account })
const tokensOf = (name: string) => ({ ...slotWith().tokens, access: `access-${name}`, refresh: `refresh-${name}` })
const session = (name: string, more: Partial<SlotRecord> = {}): SlotRecord => {
  const { identity = name } = more
  const user = identity === null ? null : { id: identity, claims: {} }
  return slotWith({ sessionId: name, display: display(name), tokens: tokensOf(name), identity, user, ...more })
}
const ada = session('ada')
const grace = session('grace')
/** Long enough for what is revoked here to be revoked. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
const held = (slot: SlotRecord): Held => ({ key: `slot:app:${slot.display.account}`, slot })

async function open(records: Readonly<Record<string, object>> = {}, store: Store = memoryStore()) {
  const [arrivals, closed, revoked]: [Arrival[], Attempt[], unknown[]] = [[], [], []]
  const attempt: Attempt = { at, sessionId: null, tokens: null, isLeft: false }
  const realm = createRealm({ random: () => 0 })
  const announce = vi.fn()
  const parts = {
    store,
    place: store,
    name: 'app',
    realm,
    clock: realm.clock,
    requestLimit: 1_000,
    tabs: { announce },
    provider: { revoke: async ({ refreshToken }: { refreshToken: string }) => Boolean(revoked.push(refreshToken)) },
  } as unknown as Parts
  await store.transact({ keys: [] }, (view) => {
    for (const [name, record] of Object.entries(records)) view.put(name, record)
  })
  const { settle, adopt } = createArrivals(
    parts,
    { close: (one) => void closed.push(one) },
    (arrival) => void arrivals.push(arrival),
  )
  const all = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(await store.transact({ keys: [], prefixes: [''] }, (view) => view.list('')))
  return { settle, adopt, attempt, arrivals, closed, revoked, announce, all }
}

describe('an attempt that has tokens', () => {
  test('becomes a session of its account, which is shown, and told once it is stored', async () => {
    const { settle, attempt, arrivals, closed, announce, all } = await open({ [at]: ada })
    const arrival = await settle(attempt, { key: at, slot: ada }, null, { beside: false })

    expect(arrival).toEqual({ ...held(ada), replaced: [] })
    expect(await all()).toEqual({ 'slot:app:ada': ada, 'shown:app': { v: 1, slot: 'slot:app:ada' } })
    expect([arrivals, closed]).toEqual([[arrival], [attempt]])
    expect(announce).toHaveBeenCalledOnce()
    expect(attempt).toMatchObject({ sessionId: 'ada', tokens: { refreshToken: 'refresh-ada' } })
  })

  test('brings the tokens that it was renewed with meanwhile', async () => {
    const renewed = { ...ada, revision: 2, tokens: tokensOf('renewed') }
    const { settle, attempt, all } = await open({ [at]: renewed })
    expect((await settle(attempt, { key: at, slot: ada }, null, { beside: false })).slot).toEqual(renewed)
    expect(await all()).toMatchObject({ 'slot:app:ada': renewed })
  })

  test('takes the place of the same account, under the id that has been given out, and leaves its grant alone', async () => {
    const again = session('again', { identity: 'ada' })
    const { settle, attempt, revoked, all } = await open({ [at]: again, 'slot:app:ada': ada })
    const arrival = await settle(attempt, { key: at, slot: again }, held(ada), { beside: false })
    expect(arrival).toMatchObject({ key: 'slot:app:ada', replaced: [held(ada)] })
    expect(await all()).toMatchObject({
      'slot:app:ada': { sessionId: 'again', display: { session: 'of-again', account: 'ada' } },
      'tombstone:app:ada': { left: 'replaced' },
    })
    await settled()
    expect(revoked).toEqual([])
  })

  test('takes the place of who is shown here, and of who is shown elsewhere, and the server need not keep them', async () => {
    const linus = session('linus')
    const records = { 'slot:app:grace': grace, 'slot:app:linus': linus, 'shown:app': { slot: 'slot:app:linus' } }
    const { settle, attempt, revoked, all } = await open({ [at]: ada, ...records })
    const { replaced } = await settle(attempt, { key: at, slot: ada }, held(grace), { beside: false })
    expect(replaced.map(({ key }) => key).toSorted()).toEqual(['slot:app:grace', 'slot:app:linus'])
    expect(Object.keys(await all()).toSorted()).toEqual([
      'shown:app',
      'slot:app:ada',
      'tombstone:app:grace',
      'tombstone:app:linus',
    ])
    await expect.poll(() => revoked.toSorted()).toEqual(['refresh-grace', 'refresh-linus'])
  })

  test.each<[whose: string, before: Partial<SlotRecord>]>([
    ['the same person’s, with other scopes', { identity: 'more', user: ada.user }],
    ['nobody knows whose', { identity: null }],
  ])('leaves a grant alone that may be its own: %s', async (_, before) => {
    const records = { 'slot:app:before': session('before', before), 'slot:app:linus': session('linus') }
    const { settle, attempt, revoked } = await open({ [at]: ada, ...records, 'shown:app': { slot: 'slot:app:linus' } })
    const { replaced } = await settle(attempt, { key: at, slot: ada }, held(records['slot:app:before']), {
      beside: false,
    })
    expect(replaced).toHaveLength(2)
    await settled()
    expect(revoked).toEqual(['refresh-linus'])
  })

  test.each<[whose: string, isLeaving: boolean, sent: string[]]>([
    ['may be that of another session, which stays', false, ['refresh-linus']],
    ['is only that of another session that is being signed out', true, ['refresh-linus', 'refresh-before']],
  ])('replaces one whose grant %s', async (_, isLeaving, sent) => {
    const store = memoryStore()
    if (isLeaving) leave(store, 'grace')
    const before = session('before', { identity: 'more', user: grace.user })
    const records = { 'slot:app:before': before, 'slot:app:grace': grace, 'slot:app:linus': session('linus') }
    const shown = { 'shown:app': { slot: 'slot:app:linus' } }
    const { settle, attempt, revoked } = await open({ [at]: ada, ...records, ...shown }, store)
    await settle(attempt, { key: at, slot: ada }, held(before), { beside: false })
    await settled()
    expect(revoked.toSorted()).toEqual(sent.toSorted())
  })

  test('beside others leaves them where they are', async () => {
    const { settle, attempt, all } = await open({
      [at]: ada,
      'slot:app:grace': grace,
      'shown:app': { slot: 'slot:app:grace' },
    })
    expect((await settle(attempt, { key: at, slot: ada }, held(grace), { beside: true })).replaced).toEqual([])
    expect(await all()).toMatchObject({ 'slot:app:grace': grace, 'shown:app': { slot: 'slot:app:ada' } })
  })

  test('whose account is not known is nobody else', async () => {
    const [one, two] = [session('one', { identity: null }), session('two', { identity: null })]
    const { settle, attempt, all } = await open({ [at]: one, 'slot:app:two': two })
    expect((await settle(attempt, { key: at, slot: one }, null, { beside: true })).key).toBe('slot:app:one')
    expect(await all()).toMatchObject({ 'slot:app:two': two })
  })
})

describe('a sign-out that came first', () => {
  test.each([
    ['elsewhere: the marker is gone', {}, false],
    ['here', { [at]: ada }, true],
  ])('%s: nothing is stored, and the tokens are revoked', async (_where, records, isLeft) => {
    const { settle, attempt, arrivals, revoked, all } = await open(records)
    attempt.isLeft = isLeft
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false })).rejects.toMatchObject({
      reason: 'signed_out',
    })
    await expect.poll(() => revoked).toEqual(['refresh-ada'])
    expect([await all(), arrivals]).toEqual([records, []])
  })

  test.each([
    ['the same account', session('again', { identity: 'ada' }), 'slot:app:again'],
    ['this very session, elsewhere', session('ada', { identity: null }), 'slot:app:elsewhere'],
  ])('and %s has come since: its grant is left alone', async (_who, other, key) => {
    const { settle, attempt, revoked } = await open({ [key]: other })
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false })).rejects.toMatchObject({
      reason: 'signed_out',
    })
    await settled()
    expect(revoked).toEqual([])
  })

  test('and the same account is being signed out as well: that is no reason to keep the grant', async () => {
    const store = memoryStore()
    leave(store, 'again')
    const again = { 'slot:app:again': session('again', { identity: 'ada' }) }
    const { settle, attempt, revoked } = await open(again, store)
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false })).rejects.toMatchObject({
      reason: 'signed_out',
    })
    await expect.poll(() => revoked).toEqual(['refresh-ada'])
  })

  test.each([
    ['is asked for', (attempt: Attempt) => void (attempt.isLeft = true)],
    ['is done', (_: Attempt, store: Store) => deleted(store, 'ada')],
  ])('between the store and what is told, because it %s: nobody is told', async (_how, signOut) => {
    const inner = memoryStore()
    let during = (): void => {}
    const store: Store = {
      ...inner,
      async transact(scope, change) {
        const result = await inner.transact(scope, change)
        during()
        return result
      },
    }
    const { settle, attempt, arrivals, closed } = await open({ [at]: ada }, store)
    during = () => signOut(attempt, store)
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false })).rejects.toMatchObject({
      reason: 'signed_out',
    })
    expect([arrivals, closed]).toEqual([[], []])
  })
})

describe('one that may be here already', () => {
  const held = { ...ada, digest: 'of-ada' }
  const renewed = { ...ada, revision: 2, digest: 'of-ada-renewed' }
  test.each([
    ['has its token', held, { ...grace, digest: 'of-ada' }],
    ['had its token before', held, { ...grace, digest: 'later', past: ['of-ada'] }],
    ['has the token that it was renewed with', renewed, { ...grace, digest: 'of-ada-renewed' }],
  ])('and is, because a session that is stored %s: nothing is written or given up', async (_how, stored, here) => {
    const { settle, attempt, arrivals, revoked, all } = await open({ [at]: stored, 'slot:app:here': here })
    await expect(
      settle(attempt, { key: at, slot: held }, null, { beside: false, mayBeHere: true }),
    ).rejects.toMatchObject({ reason: 'replaced' })
    await settled()
    expect([arrivals, revoked, attempt.sessionId, attempt.tokens]).toEqual([[], [], null, null])
    expect(await all()).toEqual({ [at]: stored, 'slot:app:here': here })
  })

  const later = { ...renewed, past: ['of-ada'] }
  test.each([
    ['its token', held, 'of-ada'],
    ['the token that it was renewed with', renewed, 'of-ada-renew'],
    ['a token before that', later, 'of-ada'],
  ])(
    'and was, because a session that was left had %s: nothing comes of it, and it is given back',
    async (_what, stored, digest) => {
      const tombstone = { v: 1, sessionId: 'left', left: 'replaced', at: 0, digests: [digest] }
      const { settle, attempt, arrivals, revoked, all } = await open({ [at]: stored, 'tombstone:app:left': tombstone })
      await expect(
        settle(attempt, { key: at, slot: held }, null, { beside: false, mayBeHere: true }),
      ).rejects.toMatchObject({ reason: 'signed_out' })
      await expect.poll(() => revoked).toEqual(['refresh-ada'])
      expect(arrivals).toEqual([])
      expect(await all()).toEqual({ 'tombstone:app:left': tombstone })
    },
  )

  test('and is a session that was left, which the store has yet to delete: nothing comes of it', async () => {
    const store = memoryStore()
    const behind = session('behind', { digest: 'of-ada' })
    leave(store, 'behind')
    const { settle, attempt, all } = await open({ [at]: later, 'slot:app:behind': behind }, store)
    await expect(
      settle(attempt, { key: at, slot: held }, null, { beside: false, mayBeHere: true }),
    ).rejects.toMatchObject({ reason: 'signed_out' })
    expect(await all()).toEqual({ 'slot:app:behind': behind })
  })

  test('and is, in two sessions of which one has a token that was spent since: takes the place of both', async () => {
    const behind = session('behind', { identity: null, digest: 'of-ada' })
    const alike = session('alike', { identity: 'ada', digest: 'another' })
    const records = { [at]: later, 'slot:app:behind': behind, 'slot:app:alike': alike }
    const { settle, attempt, all } = await open(records)
    const arrival = await settle(attempt, { key: at, slot: later }, null, { beside: true, mayBeHere: true })
    expect(arrival).toMatchObject({ key: 'slot:app:behind', slot: { sessionId: 'ada' } })
    expect(arrival.replaced.map(({ slot }) => slot.sessionId)).toEqual(['behind', 'alike'])
    expect(Object.keys(await all()).filter((key) => key.startsWith('slot:'))).toEqual(['slot:app:behind'])
  })

  test('and is not, where neither has a token to refresh', async () => {
    const { settle, attempt } = await open({ [at]: ada, 'slot:app:here': grace })
    const arrival = await settle(attempt, { key: at, slot: ada }, null, { beside: true, mayBeHere: true })
    expect(arrival).toMatchObject({ key: 'slot:app:ada', replaced: [] })
  })
})

describe('a store that does not take an arrival', () => {
  const failing = (name: string, isWritten: boolean) => {
    const inner = memoryStore()
    const error = Object.assign(new Error('canary'), { name })
    let fails = false
    const store: Store = {
      ...inner,
      async transact(scope, change) {
        if (!fails) return inner.transact(scope, change)
        fails = false
        await inner.transact(scope, (view) => {
          change(view)
          if (!isWritten) throw error
        })
        throw error
      },
    }
    return { store, fail: () => void (fails = true) }
  }

  test('and says so has lost it', async () => {
    const { store, fail } = failing('QuotaExceededError', false)
    const { settle, attempt, arrivals } = await open({ [at]: ada }, store)
    const lost = vi.fn()
    fail()
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false, lost })).rejects.toThrow('canary')
    expect(lost).toHaveBeenCalledOnce()
    expect(arrivals).toEqual([])
  })

  test.each([
    ['has written it after all: who was replaced is revoked', true, 0, ['refresh-grace']],
    ['has not: it is lost', false, 1, []],
  ])('and does not answer, %s', async (_what, isWritten, losses, gone) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail } = failing('TimeoutError', isWritten)
    const { settle, attempt, revoked } = await open({ [at]: ada, 'slot:app:grace': grace }, store)
    const lost = vi.fn()
    fail()
    await expect(settle(attempt, { key: at, slot: ada }, held(grace), { beside: false, lost })).rejects.toThrow(
      'canary',
    )
    expect(lost).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lost).toHaveBeenCalledTimes(losses)
    expect(revoked).toEqual(gone)
  })

  test('and does not answer has shown a session that was here all the same: who was replaced is revoked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail } = failing('TimeoutError', true)
    const { adopt, attempt, revoked } = await open({ [at]: ada, 'slot:app:ada': ada, 'slot:app:grace': grace }, store)
    fail()
    await expect(adopt(attempt, held(ada), held(grace), false)).rejects.toThrow('canary')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(revoked).toEqual(['refresh-grace'])
  })

  test('that a sign-out has taken since was written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail } = failing('TimeoutError', true)
    const { settle, attempt } = await open({ [at]: ada }, store)
    const lost = vi.fn()
    fail()
    await expect(settle(attempt, { key: at, slot: ada }, null, { beside: false, lost })).rejects.toThrow('canary')
    await store.transact({ keys: [] }, (view) => {
      view.delete('slot:app:ada')
      view.put('tombstone:app:ada', { left: 'user' })
    })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lost).not.toHaveBeenCalled()
  })
})

describe('a session that is here already', () => {
  const records = {
    [at]: { v: 1 },
    'slot:app:ada': ada,
    'slot:app:grace': grace,
    'shown:app': { slot: 'slot:app:grace' },
  }

  test('is shown in the place of who is', async () => {
    const { adopt, attempt, arrivals, all } = await open(records)
    const arrival = await adopt(attempt, held(ada), held(grace), false)
    expect(arrival).toEqual({ ...held(ada), replaced: [held(grace)] })
    expect(arrivals).toEqual([arrival])
    expect(await all()).toMatchObject({ 'slot:app:ada': ada, 'shown:app': { slot: 'slot:app:ada' } })
    expect(Object.keys(await all())).not.toContain(at)
  })

  describe('takes the attempt away with its token', () => {
    const here = { ...ada, digest: 'second', past: ['first'] }
    const marked = (digest: string, more: object = {}) => ({
      ...records,
      'slot:app:ada': here,
      [at]: { ...ada, revision: 2, digest },
      ...more,
    })
    const isLeftBehind = async (given: ReturnType<typeof marked>) => {
      const { adopt, attempt, all } = await open(given)
      await adopt(attempt, held(here), held(grace), false)
      return Object.keys(await all()).includes(at)
    }

    test.each(['first', 'second'])('which is the %s of this session', async (digest) => {
      expect(await isLeftBehind(marked(digest))).toBe(false)
    })

    test('unless that is a later one', async () => {
      expect(await isLeftBehind(marked('third'))).toBe(true)
    })

    test('unless somebody presents it there: what comes of that wants a place', async () => {
      expect(await isLeftBehind(marked('second', { 'claim:second': claimWith('theirs') }))).toBe(true)
    })
  })

  test('and shown here changes nothing, whoever is meant elsewhere', async () => {
    const { adopt, attempt, all } = await open(records)
    expect((await adopt(attempt, held(ada), held(ada), false)).replaced).toEqual([])
    expect(await all()).toMatchObject({ 'slot:app:grace': grace, 'shown:app': { slot: 'slot:app:grace' } })
  })

  test.each<[string, Readonly<Record<string, object>>, boolean]>([
    ['has gone', { [at]: { v: 1 } }, false],
    ['is another one by now', { [at]: { v: 1 }, 'slot:app:ada': session('other') }, false],
    ['was signed out here', records, true],
    ['was signed out elsewhere, with the attempt', { 'slot:app:ada': ada }, false],
  ])('is not shown where it %s', async (_what, stored, isLeft) => {
    const { adopt, attempt, arrivals } = await open(stored)
    attempt.isLeft = isLeft
    await expect(adopt(attempt, held(ada), null, false)).rejects.toMatchObject({ reason: 'signed_out' })
    expect(arrivals).toEqual([])
  })

  test('and made of this very attempt by somebody else is shown', async () => {
    const { adopt, attempt } = await open({ 'slot:app:ada': ada })
    attempt.sessionId = 'ada'
    expect(await adopt(attempt, held(ada), null, false)).toMatchObject(held(ada))
  })
})
