import { loseAnswer } from '@authflight/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Claim,
  claimKey,
  claimPrefix,
  forgetClaims,
  isBeingPresented,
  readClaim,
  releaseClaim,
  takeClaim,
  withdrawClaim,
} from '../../src/claim/claim.ts'
import type { ClaimWatch } from '../../src/claim/claim-watch.ts'
import { leave } from '../../src/slot/owed.ts'
import type { Parts } from '../../src/slot/parts.ts'
import type { ReuseProfile } from '../../src/providers/provider.ts'
import type { SlotRecord } from '../../src/slot/slot.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import { createView, type Store } from '../../src/storage/store.ts'
import type { Attributes } from '../../src/telemetry/attributes.ts'
import type { Operation } from '../../src/telemetry/operation.ts'
import { setUp } from '../support/app.ts'
import { createRealm, realmAt } from '../support/realm.ts'
import { claimWith, slotWith } from '../support/slots.ts'
import { createFailingStore, isConfirmation, keysOf } from '../support/stores.ts'

afterEach(() => void vi.useRealTimers())

const key = 'slot:app:1'
const at = 'claim:x'
const slot = slotWith()
const mine = claimWith('mine')
const theirs = claimWith('theirs', { link: { traceId: '2'.repeat(32), id: '2'.repeat(16) } })

interface World {
  readonly key?: string
  readonly slot?: SlotRecord
  readonly records?: Readonly<Record<string, object | null>>
  readonly reuse?: ReuseProfile
  readonly now?: number
  readonly refused?: object | null
  /** Claims whose presenter is there past all its time; a test may add to them. */
  readonly endless?: readonly string[]
  /** Claims whose presenter is gone; a test may add to them. */
  readonly gone?: readonly string[]
  readonly store?: Store
  /** Takes in what happens, one word for each. */
  readonly log?: string[]
  /** What happens while somebody waits, pause by pause. */
  readonly meanwhile?: readonly ((store: Store) => Promise<unknown>)[]
}

/** Asks for the claim in a world in which the access token lives, and nobody answers again, unless told. */
async function take({
  key: where = key,
  slot: wanted = slot,
  records = {},
  reuse = 'unknown',
  now = 1_000,
  refused = null,
  endless = [],
  gone = [],
  meanwhile = [],
  store: inner = memoryStore(),
  log = [],
}: World) {
  const store: Store = { ...inner, transact: (...given) => (log.push('looks'), inner.transact(...given)) }
  await inner.transact({ keys: [] }, (view) => {
    for (const [name, record] of Object.entries({ [where]: wanted, ...records })) if (record) view.put(name, record)
  })
  const spans: { readonly attributes: Attributes; readonly links: unknown }[] = []
  const points: Attributes[] = []
  const forgotten: string[] = []
  const pauses = [...meanwhile]
  const watch: ClaimWatch = {
    isAbandoned: ({ id }) => gone.includes(id),
    isEndless: ({ id }) => endless.includes(id),
    forget: ({ id }) => void forgotten.push(id),
    pause: async () => void (await pauses.shift()?.(inner)),
  }
  const open: Parts['telemetry']['open'] = (_name, { attributes, links }) => {
    const all = { ...attributes }
    const end = (more: Attributes): void => {
      spans.push({ attributes: Object.assign(all, more), links })
      log.push(`${all['authflight.contention.kind']}: ${all['authflight.contention.resolution']}`)
    }
    return { end } as Operation
  }
  const parts = {
    store,
    place: inner,
    name: 'app',
    provider: { reuse },
    clock: realmAt(now).clock,
    tabs: { next: () => (log.push('listens'), new Promise(() => {})), announce: () => log.push('announces') },
    telemetry: {
      open,
      point(_name: string, attributes: Attributes) {
        points.push(attributes)
        log.push('claims')
      },
    },
  } as unknown as Parts
  const taken = await takeClaim(parts, watch, {} as Operation, { key: where, slot: wanted, at, claim: mine, refused })
  const [claimed] = await inner.transact({ keys: [at] }, (view) => [readClaim(view, at)])
  const contentions = spans.map(({ attributes, links }) => [
    attributes['authflight.contention.kind'],
    attributes['authflight.contention.resolution'],
    attributes['authflight.contention.scope'],
    links,
  ])
  return { taken, claimed, contentions, points, forgotten }
}

const put = (name: string, record: object) => (store: Store) =>
  store.transact({ keys: [name] }, (view) => view.put(name, record))
const drop = (name: string) => (store: Store) => store.transact({ keys: [name] }, (view) => view.delete(name))

describe('a token that nobody presents', () => {
  test('is claimed at once, and that is told', async () => {
    const { taken, claimed, contentions, points } = await take({})
    expect(taken).toEqual({ kind: 'taken', orphan: null })
    expect(claimed).toEqual({ ...mine, again: false })
    expect(contentions).toEqual([])
    expect(points).toEqual([{ 'authflight.claim.state': 'made', 'authflight.flight.id': 'f' }])
  })

  test('is claimed anew by who has a claim of its own, which stays marked', async () => {
    const { taken, claimed, contentions } = await take({ records: { [at]: { ...mine, again: true } } })
    expect(taken).toEqual({ kind: 'taken', orphan: null })
    expect(claimed).toEqual({ ...mine, again: true })
    expect(contentions).toEqual([])
  })
})

describe('a store that is behind what this page holds', () => {
  const behind = { ...slot, revision: 0, digest: 'before', userRevision: 1, user: { id: 'ada', claims: {} } }
  const storedAfter = async (stored: object, store = memoryStore()) => {
    await take({ store, records: { [key]: stored } })
    return store.transact({ keys: [key] }, (view) => view.get(key))
  }

  test('is given that with the claim, and keeps what it was told of the user since', async () => {
    expect(await storedAfter({ ...behind, userRevision: 0 })).toEqual(slot)
    expect(await storedAfter(behind)).toEqual({ ...slot, user: behind.user, userRevision: 1 })
  })

  test('has others told of what it is given', async () => {
    const log: string[] = []
    await take({ log, records: { [key]: behind } })
    expect(log).toEqual(['listens', 'looks', 'announces', 'claims'])
  })

  test('has others told once, though a look that wrote was in vain', async () => {
    const log: string[] = []
    const inner = memoryStore()
    const store: Store = {
      ...inner,
      async transact(scope, change) {
        // The first try comes to nothing, as where a database has aborted it: another party takes the claim meanwhile.
        if (log.includes('looks')) change(createView(new Map([[key, behind]])).view)
        return inner.transact(scope, change)
      },
    }
    await put(at, theirs)(inner)
    await take({ log, store, records: { [key]: behind }, endless: ['theirs'] })
    expect(log).not.toContain('announces')
  })

  test('is left as it is where that tells whose session it is: others of the same account have to go with it', async () => {
    const unknown = { ...behind, identity: 'another' }
    expect(await storedAfter(unknown)).toEqual(unknown)
  })

  test('is not given that where nothing comes of the claim', async () => {
    const store = memoryStore()
    const { taken } = await take({ store, records: { [key]: behind, [at]: theirs }, gone: ['theirs'] })
    expect(taken.kind).toBe('unknown')
    expect(await store.transact({ keys: [key] }, (view) => view.get(key))).toEqual(behind)
  })

  test('is not given what was signed out here, which it has yet to delete', async () => {
    const store = memoryStore()
    leave(store, slot.sessionId)
    expect(await storedAfter(behind, store)).toEqual(behind)
  })

  test('keeps what another version has written beside', async () => {
    expect(await storedAfter({ ...behind, userRevision: 0, more: 1 })).toEqual({ ...slot, more: 1 })
  })

  test('and one that is not, is not written to', async () => {
    const told = { ...slot, user: behind.user }
    expect(await storedAfter(told)).toEqual(told)
  })
})

describe('a token that was handed over, and that somebody else has presented', () => {
  const mineToo = { ...slot, digest: 'second', past: ['first'], userRevision: 1 }
  const later = (generation: string, past: readonly string[]) =>
    slotWith({ tokens: { ...slot.tokens, access: generation }, digest: generation, past, scopes: ['read'] })
  const third = later('third', ['second'])
  const takeOver = async (
    others: Readonly<Record<string, object>>,
    { store = memoryStore(), ...world }: World = {},
  ) => {
    const { key: own = key } = world
    const records = { [own]: mineToo, ...others, ...world.records }
    const { taken, claimed, contentions } = await take({ ...world, store, slot: mineToo, records })
    return { taken, claimed, contentions, stored: await store.transact({ keys: [own] }, (view) => view.get(own)) }
  }

  test.each([
    ['was spent', third],
    ['has the session still', later('second', [])],
  ])(
    'is not presented for an attempt where a session has it, which %s: the attempt comes to nothing',
    async (_, other) => {
      const { taken, claimed, stored } = await takeOver(
        { 'slot:app:2': other },
        { key: 'attempt:app:1', records: { [at]: mine } },
      )
      expect(taken).toEqual({ kind: 'discard', reason: 'replaced', left: null })
      expect([claimed, stored]).toEqual([null, mineToo])
    },
  )

  test('is not presented again for a session: what came of that in an attempt is taken', async () => {
    const { taken, claimed, contentions, stored } = await takeOver({ 'attempt:app:2': third })
    const renewed = {
      ...mineToo,
      revision: mineToo.revision + 1,
      tokens: third.tokens,
      digest: 'third',
      past: ['second', 'first'],
      scopes: ['read'],
    }
    expect(taken).toEqual({ kind: 'adopt', slot: renewed })
    expect(stored).toEqual(renewed)
    expect(claimed).toBeNull()
    expect(contentions).toEqual([['rotated_elsewhere', 'adopted', 'realm', []]])
  })

  test('is followed to the latest that came of it', async () => {
    const fourth = later('fourth', ['third', 'second'])
    const { taken } = await takeOver({ 'attempt:app:1': third, 'attempt:app:2': fourth, 'attempt:app:3': third })
    expect(taken).toMatchObject({ kind: 'adopt', slot: { digest: 'fourth', past: ['third', 'second', 'first'] } })
  })

  test('keeps what an attempt need not know: the ID token, the scopes, whose session it is, and each token that was', async () => {
    const tokens = { ...slot.tokens, id: 'id-1' }
    const known = { ...mineToo, tokens, scopes: ['all'], identity: 'ada' }
    const bare = { ...later('third', ['second', 'first']), scopes: [], identity: 'other' }
    const records = { [key]: known, 'attempt:app:2': bare }
    expect((await take({ slot: { ...known, identity: null }, records })).taken).toMatchObject({
      kind: 'adopt',
      slot: { tokens: { id: 'id-1' }, scopes: ['all'], identity: 'ada', past: ['second', 'first'] },
    })
    const told = { ...third, tokens: { ...third.tokens, id: 'id-2' } }
    expect((await take({ slot: known, records: { ...records, 'attempt:app:2': told } })).taken).toMatchObject({
      slot: { tokens: { id: 'id-2' }, scopes: ['read'] },
    })
  })

  test('does not tell of what only this page has learnt: whose session it is', async () => {
    const records = { [key]: mineToo, 'attempt:app:2': third }
    const learnt = { ...mineToo, identity: 'ada' }
    expect((await take({ slot: learnt, records })).taken).toMatchObject({ slot: { identity: null } })
  })

  test('leaves no claim of who was about to, and has others told', async () => {
    const log: string[] = []
    const { claimed } = await takeOver({ 'attempt:app:2': third }, { log, records: { [at]: mine } })
    expect(claimed).toBeNull()
    expect(log).toContain('announces')
  })

  test.each([
    ['of who has it still', { 'attempt:app:2': later('second', ['first']) }],
    ['of another client', { 'attempt:other:2': third }],
    ['of whoever says to have come back to it', { 'attempt:app:2': later('second', ['second']) }],
    [
      'of whoever has nothing to refresh',
      { 'attempt:app:2': { ...third, tokens: { ...third.tokens, refresh: null } } },
    ],
  ])('is looked for, and not found in what is %s', async (_whose, others) => {
    expect((await takeOver(others)).taken).toEqual({ kind: 'taken', orphan: null })
  })

  test('is nothing that is known of who has none', async () => {
    const alone = { ...mineToo, digest: null }
    const records = { 'attempt:app:2': third }
    expect((await take({ slot: alone, records })).taken).toEqual({ kind: 'taken', orphan: null })
  })

  test('is not taken from a session that was signed out here', async () => {
    const store = memoryStore()
    leave(store, third.sessionId)
    const { taken } = await takeOver({ 'attempt:app:2': third }, { store })
    expect(taken).toEqual({ kind: 'taken', orphan: null })
  })

  test('is not renewed for a session that was signed out here', async () => {
    const store = memoryStore()
    leave(store, mineToo.sessionId)
    const { stored } = await takeOver({ 'attempt:app:2': third }, { store })
    expect(stored).toEqual(mineToo)
  })
})

describe('a session that is not what it was', () => {
  const moved = { ...slot, revision: 2 }

  test('and has moved on is adopted', async () => {
    const { taken, claimed, contentions } = await take({ records: { [key]: moved } })
    expect(taken).toEqual({ kind: 'adopt', slot: moved })
    expect(claimed).toBeNull()
    expect(contentions).toEqual([['rotated_elsewhere', 'adopted', 'realm', []]])
  })

  test('and was left is discarded', async () => {
    const { taken, claimed, contentions } = await take({
      records: { [key]: null, [`tombstone:app:${slot.sessionId}`]: { left: 'user' } },
    })
    expect(taken).toEqual({ kind: 'discard', reason: 'signed_out', left: 'user' })
    expect([claimed, contentions]).toEqual([null, []])
  })

  test('and has gone is discarded, whoever is in its place, of whatever version', async () => {
    const { taken } = await take({ records: { [key]: { ...slot, sessionId: 'another', v: 2 } } })
    expect(taken).toEqual({ kind: 'discard', reason: 'replaced', left: null })
  })

  test('and is of a newer version is left to that', async () => {
    const { taken, claimed, points } = await take({ records: { [key]: { ...slot, v: 2 } } })
    expect(taken).toEqual({ kind: 'newer' })
    expect([claimed, points]).toEqual([null, []])
  })
})

describe('a token whose presenter is gone', () => {
  const orphaned: World = { records: { [at]: theirs }, gone: ['theirs'] }

  test.each<[string, World]>([
    ['a server that answers again', { reuse: 'idempotent' }],
    ['a server that gives another', { reuse: 'branches' }],
    ['a dead access token', { now: 61_000 }],
    ['an access token that was refused', { refused: {} }],
  ])('is presented again where that does no harm: %s', async (_title, world) => {
    const { taken, claimed, contentions } = await take({ ...orphaned, ...world })
    expect(taken).toEqual({ kind: 'taken', orphan: theirs })
    expect(claimed).toEqual({ ...mine, again: true })
    expect(contentions).toEqual([['claim_orphaned', 'retried', 'realm', [theirs.link]]])
  })

  test('is not, while there is something to lose', async () => {
    const { taken, claimed, points } = await take(orphaned)
    expect(taken).toEqual({ kind: 'unknown' })
    expect(claimed).toEqual(theirs)
    expect(points).toEqual([])
  })
})

describe('a token that another party presents', () => {
  const held: World = { records: { [at]: theirs } }

  test('is waited for until its revision is there', async () => {
    const moved = { ...slot, revision: 2 }
    const { taken, contentions, forgotten } = await take({ ...held, meanwhile: [async () => {}, put(key, moved)] })
    expect(taken).toEqual({ kind: 'adopt', slot: moved })
    expect(contentions).toEqual([['claim_wait', 'adopted', 'realm', [theirs.link]]])
    expect(forgotten).toContain('theirs')
  })

  test('is claimed when that one has taken its claim back', async () => {
    const { taken, contentions, forgotten } = await take({ ...held, meanwhile: [drop(at)] })
    expect(taken).toEqual({ kind: 'taken', orphan: null })
    expect(contentions).toEqual([['claim_wait', 'acquired', 'realm', [theirs.link]]])
    expect(forgotten).toEqual(['theirs'])
  })

  test('is waited for on, where a third one has it by then; the one before is forgotten', async () => {
    const third = { ...theirs, id: 'third' }
    const { taken, contentions, forgotten } = await take({ ...held, meanwhile: [put(at, third), drop(at)] })
    expect(taken).toEqual({ kind: 'taken', orphan: null })
    expect(contentions).toHaveLength(1)
    expect(forgotten).toEqual(['theirs', 'third'])
  })

  test('cannot be waited for where the store fails: that is thrown, and told', async () => {
    const { store, fail } = createFailingStore()
    const log: string[] = []
    await expect(take({ ...held, store, log, meanwhile: [async () => fail()] })).rejects.toThrow('canary_store')
    expect(log.at(-1)).toBe('claim_wait: gave_up')
  })

  test('that has no end is waited for no longer, and stays with who has it', async () => {
    const endless: string[] = []
    const { taken, contentions } = await take({ ...held, endless, meanwhile: [async () => endless.push('theirs')] })
    expect(taken).toEqual({ kind: 'owed' })
    expect(contentions).toEqual([['claim_wait', 'gave_up', 'realm', [theirs.link]]])
  })

  test('whose presenter is found gone is claimed, and each step is told in its order', async () => {
    const [gone, log]: [string[], string[]] = [[], []]
    const meanwhile = [async () => gone.push('theirs')]
    expect((await take({ ...held, reuse: 'idempotent', gone, log, meanwhile })).taken.kind).toBe('taken')
    expect(log).toEqual([
      // A notice that comes after a look must find somebody who listens.
      'listens',
      'looks',
      'listens',
      'looks',
      'claim_wait: acquired',
      'claim_orphaned: retried',
      'claims',
    ])
  })

  test('is no matter any more where somebody signs out meanwhile', async () => {
    const tombstone = put(`tombstone:app:${slot.sessionId}`, { left: 'user' })
    const leave = async (store: Store) => [await drop(key)(store), await tombstone(store)]
    const { taken, contentions } = await take({ ...held, meanwhile: [leave] })
    expect(taken).toEqual({ kind: 'discard', reason: 'signed_out', left: 'user' })
    expect(contentions).toEqual([['claim_wait', 'signed_out', 'realm', [theirs.link]]])
  })
})

const open = (records: Readonly<Record<string, unknown>>) => createView(new Map(Object.entries(records))).view

describe('a claim that stands', () => {
  test('is read as it is', () => {
    expect(readClaim(open({ [at]: theirs }), at)).toEqual(theirs)
    expect(readClaim(open({}), at)).toBeNull()
    expect(readClaim(open({ [at]: null }), at)).toBeNull()
  })

  test.each([
    ['id', { ...theirs, id: 7 }],
    ['limit', { ...theirs, limit: '60000' }],
    ['link', { ...theirs, link: undefined }],
    ['id of the link', { ...theirs, link: { traceId: '1' } }],
  ])('and is not understood, for want of a sound %s, is one all the same', (_what, claim) => {
    expect(readClaim(open({ [at]: claim }), at)).toMatchObject({ id: '?', lost: false, locked: false, limit: 60_000 })
  })

  test('is withdrawn by who made it: gone, or marked where the token was presented before', () => {
    const withdraw = (claim: Claim) => {
      const view = open({ [at]: claim })
      withdrawClaim(view, at, 'mine')
      return view.get(at)
    }
    expect(withdraw(mine)).toBeUndefined()
    expect(withdraw({ ...mine, again: true })).toEqual({ ...mine, again: true, lost: true })
    expect(withdraw({ ...theirs, again: true })).toEqual({ ...theirs, again: true })
    expect(withdraw(theirs)).toEqual(theirs)
  })
})

test('old claims are forgotten, but on tokens that somebody holds', () => {
  const day = 24 * 60 * 60 * 1_000
  const now = 100 * day
  const view = open({
    'claim:young': { ...theirs, made: now - 30 * day },
    'claim:old': { ...theirs, made: now - 30 * day - 1 },
    'claim:held': { ...theirs, made: 0 },
    'claim:on-its-way': { ...theirs, made: 0 },
    'claim:undated': {},
    'claim:broken': null,
    'slot:app:1': { ...slot, digest: 'held' },
    'slot:app:2': { half: 'written' },
    'attempt:app:state': { ...slot, digest: 'on-its-way' },
  })
  forgetClaims(view, now)
  expect(view.list('claim:').map(([name]) => name)).toEqual([
    'claim:young',
    'claim:held',
    'claim:on-its-way',
    'claim:undated',
    'claim:broken',
  ])
})

test('the key of a claim is a digest', async () => {
  expect(await claimKey(createRealm(), 'a token')).toMatch(/^claim:[0-9a-f]{64}$/)
})

test('a claim is taken away by who made it, and by nobody else', async () => {
  const store = memoryStore()
  const release = (id: string) =>
    store.transact({ keys: ['claim:x'] }, (view) => {
      releaseClaim(view, 'claim:x', id)
      return view.get('claim:x')
    })
  await store.transact({ keys: ['claim:x'] }, (view) => view.put('claim:x', theirs))
  expect(await release('mine')).toEqual(theirs)
  expect(await release('theirs')).toBeUndefined()
})

test.each([
  ['somebody who may still hear of it', theirs, { ...slot, digest: 'x' }, true],
  ['somebody who has lost its answer', { ...theirs, lost: true }, { ...slot, digest: 'x' }, false],
  ['somebody with another token', theirs, { ...slot, digest: 'y' }, false],
  ['nobody: there is no token', theirs, { ...slot, digest: null }, false],
  ['nobody: there is no session', theirs, null, false],
])('a token is presented by %s', async (_who, standing, of, isPresented) => {
  const store = memoryStore()
  const seen = await store.transact({ keys: [], prefixes: [claimPrefix] }, (view) => {
    view.put('claim:x', standing)
    return isBeingPresented(view, of)
  })
  expect(seen).toBe(isPresented)
})

test('a store that fails right before the token leaves is named, not the network, and nothing is sent', async () => {
  const { server, createClient, signIn } = setUp()
  const { store, fail } = createFailingStore()
  const auth = createClient({ storage: store })
  await signIn(auth)
  fail(isConfirmation)

  expect((await auth.refreshSession()).error?.code).toBe('storage_error')
  expect(server.count('refresh_token')).toBe(0)
})

test('a claim that its session has outlived is forgotten at a sign-in, thirty days later and not before', async () => {
  const { server, createClient, signIn } = setUp()
  const storage = memoryStore()
  const auth = createClient({ storage })
  const day = 24 * 60 * 60 * 1_000
  await signIn(auth)
  server.faults.next(loseAnswer(), { grant: 'refresh_token' })
  await auth.refreshSession()
  await signIn(auth)
  expect(await keysOf(storage, 'claim')).toHaveLength(1)

  vi.setSystemTime(Date.now() + 29 * day)
  await auth.signIn()
  expect(await keysOf(storage, 'claim')).toHaveLength(1)
  vi.setSystemTime(Date.now() + 2 * day)
  await auth.signIn()
  expect(await keysOf(storage, 'claim')).toEqual([])
})
