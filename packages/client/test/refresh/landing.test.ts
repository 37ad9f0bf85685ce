import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Verdict } from '../../src/providers/answers.ts'
import type { Claim } from '../../src/claim/claim.ts'
import { AuthError } from '../../src/base/errors.ts'
import { createLandings } from '../../src/refresh/landing.ts'
import type { Minted } from '../../src/slot/minted.ts'
import { leave, newest } from '../../src/slot/owed.ts'
import type { Change, Parts } from '../../src/slot/parts.ts'
import type { Pauses } from '../../src/refresh/pauses.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Attributes } from '../../src/telemetry/attributes.ts'
import type { Operation } from '../../src/telemetry/operation.ts'
import { createDeferred } from '../support/deferred.ts'
import { createRealm, realmAt } from '../support/realm.ts'
import { claimWith, mintedWith } from '../support/slots.ts'
import { createFailingStore } from '../support/stores.ts'

/** All that this file has warned of. */
const warnings: string[] = []
beforeEach(() => {
  const warn = vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text))
  onTestFinished(() => warn.mockRestore())
})

const key = 'slot:app:1'
const at = 'claim:d1'
const minted = (more: Partial<Minted> = {}): Minted =>
  mintedWith({ accessToken: 'access-2', refreshToken: 'refresh-2', digest: 'd2', ...more })
const slot: SlotRecord = firstRevision(
  realmAt(0),
  minted({ accessToken: 'access-1', refreshToken: 'refresh-1', digest: 'd1' }),
)
const moved: SlotRecord = { ...slot, revision: 2, digest: 'd9', tokens: { ...slot.tokens, access: 'access-9' } }
const claim = claimWith('mine')
const error = new AuthError('server_error', 'It failed.')
const rotated = (more: Partial<Minted> = {}): Verdict<Minted> => ({ kind: 'rotated', tokens: minted(more) })
const suspect: Verdict<Minted> = { kind: 'suspect', reason: 'revoked', error, errorType: 'invalid_grant' }
const unspent: Verdict<Minted> = { kind: 'unspent', error, errorType: 'server_error', retryAfter: 7 }
const failure = { kind: 'failed', error, errorType: 'server_error', retryAt: 9 } as const

/** Lands a verdict in a store that holds a slot, the claim on its token, and what a test puts there. Tells what was heard of it, in its order. */
async function openLandings(records: Readonly<Record<string, object | null>> = {}, store: Store = memoryStore()) {
  const heard: unknown[] = []
  const revoked: unknown[] = []
  const pauses: Pauses = {
    current: () => null,
    fail: (...given) => (heard.push(['pause', ...given]), failure),
    end: (which) => void heard.push(['no pause', which]),
    endOwn() {},
  }
  const open: Parts['telemetry']['open'] = (name, { attributes }) => {
    const all: Attributes = { ...attributes }
    return { end: (more?: Attributes) => void heard.push([name, Object.assign(all, more)]) } as Operation
  }
  const operation = { event: (name: string, more?: Attributes) => void heard.push([name, ...(more ? [more] : [])]) }
  const parts = {
    store,
    place: store,
    name: 'app',
    realm: createRealm({ random: () => 0 }),
    clock: realmAt(1_000).clock,
    provider: { reuse: 'unknown', revoke: async (tokens: unknown) => Boolean(revoked.push(tokens)) },
    requestLimit: 1_000,
    tabs: { announce: () => void heard.push('announced'), next: async () => {} },
    telemetry: { open },
    changed: (change: Change) => void heard.push(change),
  } as unknown as Parts
  const paused: Claim[] = []
  const meanwhile: (() => Promise<unknown>)[] = []
  const watch = {
    isAbandoned: () => false,
    isEndless: () => false,
    forget() {},
    pause: async (by: Claim) => void (paused.push(by), await meanwhile.shift()?.()),
  }
  const put = (more: Readonly<Record<string, object | null>>): Promise<void> =>
    store.transact({ keys: Object.keys(more) }, (view) => {
      for (const [name, record] of Object.entries(more)) {
        if (record) view.put(name, record)
        else view.delete(name)
      }
    })
  await put({ [key]: slot, [at]: claim, ...records })
  const landings = createLandings(parts, watch, pauses)
  const approach = { flight: { id: 'f', operation: operation as Operation }, key, slot, at, claimId: 'mine' }
  return {
    ...landings,
    land: (verdict: Verdict<Minted>, more: object = {}) => landings.land({ ...approach, ...more }, verdict),
    heard,
    revoked,
    paused,
    meanwhile,
    store,
    put,
    get: (name: string): Promise<unknown> => store.transact({ keys: [name] }, (view) => view.get(name)),
  }
}

const held = (revision: number, more: object = {}) => ({
  kind: 'held',
  key,
  source: 'own',
  flight: 'f',
  slot: expect.objectContaining({ revision }) as unknown,
  ...more,
})
const ended = (reason: string, source: 'own' | 'foreign', more: object = {}) => ({
  kind: 'ended',
  key,
  slot,
  reason,
  source,
  // What this client ends itself is said to be by its flight.
  ...(source === 'own' && { by: { event: expect.any(Function) as unknown } }),
  ...more,
})
const contention = [
  'authflight.contention',
  {
    'authflight.contention.kind': 'lost_race',
    'authflight.contention.scope': 'realm',
    'authflight.contention.resolution': 'adopted',
  },
]

describe('new tokens', () => {
  test.each([
    ['rotated', rotated()],
    ['renewed', rotated({ refreshToken: null, digest: null })],
  ] as const)('that are stored are told: %s', async (kind, verdict) => {
    const { land, heard, get } = await openLandings()
    const { outcome, paid } = await land(verdict)
    await paid

    expect(outcome).toMatchObject({ kind, slot: { revision: 2 } })
    expect(await get(key)).toMatchObject({ revision: 2 })
    expect(heard).toEqual([
      'announced',
      ['committed', { 'authflight.session.revision': 2 }],
      ['no pause', key],
      held(2),
    ])
  })

  test('end the other session of an account that is known by now, before they are told', async () => {
    const twin = { ...slot, sessionId: 'twin', identity: 'i', begun: -1 }
    const { land, heard } = await openLandings({ 'slot:app:2': twin })
    expect((await land(rotated({ identity: 'i' }))).outcome.kind).toBe('rotated')
    expect(heard.slice(-2)).toEqual([ended('replaced', 'own', { key: 'slot:app:2', slot: twin }), held(2)])
  })

  test('are nothing new where the same are there already: nobody raced', async () => {
    const same = { ...moved, digest: 'd2', tokens: { ...moved.tokens, access: 'access-2' } }
    const { land, heard } = await openLandings({ [key]: same })
    expect((await land(rotated())).outcome).toEqual({ kind: 'adopted', slot: same })
    expect(heard).toEqual(['announced', ['no pause', key], held(2, { source: 'foreign', flight: null, slot: same })])
  })

  test('lose against others', async () => {
    const { land, heard } = await openLandings({ [key]: moved })
    expect((await land(rotated())).outcome).toEqual({ kind: 'adopted', slot: moved })
    expect(heard).toEqual([
      'announced',
      contention,
      ['no pause', key],
      held(2, { source: 'foreign', flight: null, slot: moved }),
    ])
  })
})

describe('a session that was left meanwhile', () => {
  const tombstone = `tombstone:app:${slot.sessionId}`
  const discarded = (reason: string, revocation?: string) => [
    'authflight.discard',
    {
      'authflight.discard.reason': reason,
      ...(revocation && { 'authflight.discard.revocation': revocation }),
    },
  ]
  const tokens = { accessToken: 'access-2', refreshToken: 'refresh-2' }

  test('takes no tokens: they are revoked, and it is told who left it', async () => {
    const { land, heard, revoked } = await openLandings({ [key]: null, [tombstone]: { left: 'user' } })
    expect((await land(rotated())).outcome).toEqual({ kind: 'discarded', reason: 'signed_out' })
    await expect.poll(() => heard).toContainEqual(discarded('signed_out', 'done'))
    expect(revoked).toMatchObject([tokens])
    expect(heard.slice(0, 3)).toEqual(['announced', ['no pause', key], ended('other_tab', 'foreign')])
  })

  test('because its store was cleared keeps its grant', async () => {
    const { land, heard, revoked } = await openLandings({ [key]: null })
    expect((await land(rotated())).outcome).toEqual({ kind: 'discarded', reason: 'cleared' })
    await expect.poll(() => heard).toContainEqual(discarded('cleared', 'skipped'))
    expect(heard).toContainEqual(ended('storage_cleared', 'foreign'))
    expect(revoked).toEqual([])
  })

  const user = (id: string) => ({ id, claims: {} })

  test.each([
    ['user, as it was known,', { ...slot, user: user('ada') }, rotated(), user('ada')],
    ['user, as the answer tells,', slot, rotated({ user: user('ada') }), user('ada')],
    ['grant may be of somebody who', slot, rotated(), user('ada')],
    ['user may be somebody who', { ...slot, user: user('ada') }, rotated(), null],
  ])('is not revoked where its %s has signed in again', async (_how, began, verdict, who) => {
    const again = { ...slot, sessionId: 'again', user: who }
    const { land, heard, revoked } = await openLandings({ [key]: again, [tombstone]: { left: 'user' } })
    expect((await land(verdict, { slot: began })).outcome.kind).toBe('discarded')
    await expect.poll(() => heard).toContainEqual(discarded('signed_out', 'skipped'))
    expect(revoked).toEqual([])
  })

  test('is revoked where somebody else has signed in', async () => {
    const grace = { ...slot, sessionId: 'grace', user: user('grace') }
    const { land, revoked } = await openLandings({ [key]: grace, [tombstone]: { left: 'replaced' } })
    const { outcome } = await land(rotated(), { slot: { ...slot, user: user('ada') } })
    expect(outcome).toEqual({ kind: 'discarded', reason: 'replaced' })
    await expect.poll(() => revoked).toMatchObject([tokens])
  })

  test('is revoked where the session of the same user is being signed out as well', async () => {
    const store = memoryStore()
    leave(store, 'again')
    const records = { [key]: { ...slot, sessionId: 'again', user: user('ada') }, [tombstone]: { left: 'user' } }
    const { land, revoked } = await openLandings(records, store)
    await land(rotated(), { slot: { ...slot, user: user('ada') } })
    await expect.poll(() => revoked).toMatchObject([tokens])
  })

  test('is revoked as soon as a store that fails can tell that nobody has signed in again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail, mend } = createFailingStore()
    fail(({ keys }) => keys.length === 0)
    const { land, revoked } = await openLandings({ [key]: null, [tombstone]: { left: 'user' } }, store)
    expect((await land(rotated())).outcome.kind).toBe('discarded')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(revoked).toEqual([])
    mend()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(revoked).toMatchObject([tokens])
  })

  test('was replaced, whatever else its tombstone could say', async () => {
    const grace = { ...slot, sessionId: 'grace' }
    const { land, heard } = await openLandings({ [key]: grace, [tombstone]: { left: 'replaced' } })
    expect((await land(suspect)).outcome).toEqual({ kind: 'discarded', reason: 'replaced' })
    expect(heard).toContainEqual(ended('replaced', 'foreign'))
    expect(heard).toContainEqual(discarded('replaced'))
  })

  test('because the server told another party that it is over is over here too', async () => {
    const { land, heard } = await openLandings({ [key]: null, [tombstone]: { left: 'revoked' } })
    const { outcome } = await land(unspent)
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'revoked', error: { code: 'session_ended' } })
    expect(heard).toContainEqual(ended('revoked', 'foreign'))
  })
})

describe('a refusal', () => {
  test('ends the session', async () => {
    const { land, heard, get } = await openLandings()
    expect((await land(suspect)).outcome).toEqual({ kind: 'rejected', reason: 'revoked', error })
    expect(await get(key)).toBeUndefined()
    expect(heard).toEqual(['announced', ['no pause', key], ended('revoked', 'own')])
  })

  test('comes too late where the session has moved on', async () => {
    const { land, heard } = await openLandings({ [key]: moved })
    expect((await land(suspect)).outcome).toEqual({ kind: 'adopted', slot: moved })
    expect(heard).toContainEqual(contention)
  })

  test('waits for who presents the same token, and for what comes of that', async () => {
    const theirs = { ...claim, id: 'theirs' }
    const { land, paused, meanwhile, put, heard } = await openLandings({ [at]: theirs })
    meanwhile.push(
      async () => expect(heard).toEqual([]),
      () => put({ [key]: moved, [at]: null }),
    )
    expect((await land(suspect)).outcome).toEqual({ kind: 'adopted', slot: moved })
    expect(paused).toEqual([theirs, theirs])
  })

  test('does not look again before the wait is over', async () => {
    const { land, paused, meanwhile, put } = await openLandings({ [at]: { ...claim, id: 'theirs' } })
    const over = createDeferred()
    meanwhile.push(() => over.promise)
    const landing = land(suspect)
    await expect.poll(() => paused).toHaveLength(1)
    await put({ [key]: moved, [at]: null })
    await new Promise((resolve) => setImmediate(resolve))
    expect(paused).toHaveLength(1)
    over.resolve()
    expect((await landing).outcome.kind).toBe('adopted')
  })

  test('that the store does not take is thrown', async () => {
    const { store, fail } = createFailingStore()
    const { land, heard } = await openLandings({}, store)
    fail()
    await expect(land(suspect)).rejects.toThrow('canary_store')
    expect(heard).toEqual([])
  })
})

test('a failure begins a pause, as long as the server asks for', async () => {
  const { land, heard } = await openLandings()
  expect((await land(unspent)).outcome).toBe(failure)
  expect(heard).toEqual([
    'announced',
    ['retry_scheduled'],
    ['pause', key, slot.sessionId, expect.objectContaining({ error, errorType: 'server_error' }), 7],
    { kind: 'failed', key, slot, failure },
  ])
})

describe('new tokens that the store does not take', () => {
  test.each([
    ['rotated', rotated()],
    ['renewed', rotated({ refreshToken: null, digest: null })],
  ] as const)('are kept in memory and told at once, and written when it does: %s', async (kind, verdict) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail, mend } = createFailingStore()
    const { land, heard, get } = await openLandings({}, store)
    fail()
    const { outcome, paid } = await land(verdict)

    expect(outcome).toMatchObject({ kind, slot: { revision: 2 } })
    expect(heard).toEqual([['no pause', key], held(2), 'announced'])
    expect(newest(store, key, slot)).toBe('slot' in outcome && outcome.slot)
    expect(warnings).toEqual([expect.stringMatching(/could not be stored.*free some space/)])
    mend()
    expect(await get(at)).toEqual(claim)
    await vi.advanceTimersByTimeAsync(60_000)
    await paid
    expect(newest(store, key, slot)).toEqual(slot)
    expect(await get(key)).toMatchObject({ revision: 2 })
    expect(await get(at)).toBeUndefined()
    const late = ['announced', ['committed', { 'authflight.session.revision': 2 }], ['no pause', key], held(2)]
    expect(heard).toEqual([['no pause', key], held(2), 'announced', ...late])
  })

  test('are told once more where they have become a later revision than the one in memory', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail, mend } = createFailingStore()
    const { land, heard, put } = await openLandings({}, store)
    fail()
    const { paid } = await land(rotated())
    mend()
    // Another party was answered with the same token before, and has stored it late.
    await put({ [key]: { ...slot, revision: 2 } })
    await vi.advanceTimersByTimeAsync(60_000)
    await paid
    expect(heard.at(-1)).toEqual(held(3))
  })

  test('end the other session of their account when they are written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const twin = { ...slot, sessionId: 'twin', identity: 'i', begun: -1 }
    const { store, fail, mend } = createFailingStore()
    const { land, heard } = await openLandings({ 'slot:app:2': twin }, store)
    fail()
    const { paid } = await land(rotated({ identity: 'i' }))
    mend()
    await vi.advanceTimersByTimeAsync(60_000)
    await paid
    expect(heard).toContainEqual(ended('replaced', 'own', { key: 'slot:app:2', slot: twin }))
  })

  test('are discarded and revoked where the session was left before they could be', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { store, fail, mend } = createFailingStore()
    const { land, put, heard, revoked } = await openLandings({}, store)
    fail()
    const { paid } = await land(rotated())
    mend()
    await put({ [key]: null, [`tombstone:app:${slot.sessionId}`]: { left: 'user' } })
    await vi.advanceTimersByTimeAsync(60_000)
    await paid
    expect(heard).toContainEqual(ended('other_tab', 'foreign'))
    expect(revoked).toHaveLength(1)
  })
})

test('what another party has committed, or left, ends the pause of the session', async () => {
  const { adopt, leave, heard } = await openLandings()
  expect(adopt(key, moved)).toEqual({ kind: 'adopted', slot: moved })
  expect(leave(key, slot, { reason: 'signed_out', left: null })).toEqual({ kind: 'discarded', reason: 'signed_out' })
  expect(heard).toEqual([
    ['no pause', key],
    held(2, { source: 'foreign', flight: null, slot: moved }),
    ['no pause', key],
    ended('storage_cleared', 'foreign'),
  ])
})
