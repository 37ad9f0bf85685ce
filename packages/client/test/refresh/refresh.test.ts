import { ROOT_CONTEXT } from '@opentelemetry/api'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Claim, claimOf } from '../../src/claim/claim.ts'
import type { Settled } from '../../src/realm/clock.ts'
import type { Change, Outcome, Parts } from '../../src/slot/parts.ts'
import { presentingIn } from '../../src/claim/presenting.ts'
import type { Answer, ProviderIo, ReuseProfile, TokenSet } from '../../src/providers/provider.ts'
import type { Realm } from '../../src/realm/realm.ts'
import { type Ask, createRefresher } from '../../src/refresh/refresh.ts'
import { firstRevision, type SlotRecord } from '../../src/slot/slot.ts'
import { memoryStore } from '../../src/storage/memory.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Attributes } from '../../src/telemetry/attributes.ts'
import type { Operation } from '../../src/telemetry/operation.ts'
import { createDeferred } from '../support/deferred.ts'
import { quiet } from '../support/quiet.ts'
import { createRealm, unknownTokens } from '../support/realm.ts'
import { claimWith, tokensWith } from '../support/slots.ts'
import { createFailingStore, createGatedStore, isConfirmation, meddle } from '../support/stores.ts'

beforeEach(() => {
  quiet()
})

const key = 'slot:app:1'
const tokens = (more: Partial<TokenSet> = {}): TokenSet =>
  tokensWith({ accessToken: 'access-2', refreshToken: 'refresh-2', ...more })
const granted = (more: Partial<TokenSet> = {}): Answer => ({ kind: 'tokens', tokens: tokens(more) })
const refused = (error: string, status = 400): Answer => ({ kind: 'refused', status, error, retryAfter: 60_000 })

/** What a server does when a token has been presented. */
type Provide = (io: Pick<ProviderIo, 'present'>) => Promise<Answer>
const present = (io: Pick<ProviderIo, 'present'>): Promise<Response> => io.present('https://id.example.test/token')
const answer =
  (given: Answer): Provide =>
  async (io) => (await present(io), given)

interface Options {
  readonly realm?: Realm
  readonly store?: Store
  readonly reuse?: ReuseProfile
  /** The answers to one refresh after the other; the last one for good. */
  readonly server?: readonly Provide[]
}

const undisturbed = (own: Partial<Realm> = {}): Realm =>
  createRealm({ random: () => 0.5, fetch: async () => new Response(null), ...own })

/** A refresher over a store that holds one session, whose access token lives unless a test says so. */
async function openRefresher({
  realm = undisturbed(),
  store = memoryStore(),
  reuse = 'unknown',
  server = [],
}: Options = {}) {
  const answers = server.length > 0 ? [...server] : [answer(granted())]
  const sent: string[] = []
  const changes: Change[] = []
  const ended: { readonly name: string; readonly attributes: Attributes }[] = []
  const open: Parts['telemetry']['open'] = (name, { attributes }) => {
    const all: Attributes = { ...attributes }
    return {
      link: { traceId: '1'.repeat(32), id: '1'.repeat(16) },
      isTraced: false,
      context: ROOT_CONTEXT,
      entry: null,
      set: (more) => void Object.assign(all, more),
      addLink() {},
      event() {},
      end: (more) => void ended.push({ name, attributes: Object.assign(all, more) }),
    } satisfies Operation
  }
  const parts = {
    store,
    place: store,
    name: 'app',
    provider: {
      authority: 'https://id.example.test',
      clientId: 'spa',
      audience: '',
      reuse,
      terminal: { invalid_grant: 'rejected', gone: 'revoked' },
      refresh(token: string, io: Pick<ProviderIo, 'present'>) {
        sent.push(token)
        const [first = answer(granted())] = answers.length > 1 ? answers.splice(0, 1) : answers
        return first(io)
      },
    },
    realm,
    clock: realm.clock,
    callerClock: realm.clock,
    isDisposed: () => false,
    requestLimit: 60_000,
    tabs: { announce() {}, next: () => new Promise(() => {}), ask() {}, hasAnswered: () => false, forget() {} },
    telemetry: { open, point() {}, meters: () => undefined, isRecording: true, now: () => 0 },
    changed: (change: Change) => void changes.push(change),
  } as unknown as Parts
  const slot = firstRevision(realm, unknownTokens(tokens({ accessToken: 'access-1', refreshToken: 'refresh-1' })))
  const put = (more: Readonly<Record<string, object | null>>, into = store): Promise<void> =>
    into.transact({ keys: Object.keys(more) }, (view) => {
      for (const [name, record] of Object.entries(more)) {
        if (record) view.put(name, record)
        else view.delete(name)
      }
    })
  await put({ [key]: slot })
  const refresher = createRefresher(parts)
  const begin = (more: Partial<Ask> = {}, from: SlotRecord = slot, at = key) => {
    const settled: Settled<Outcome>[] = []
    const ask: Ask = {
      trigger: 'expiry',
      caller: ROOT_CONTEXT,
      refused: null,
      deadline: realm.clock.monotonic() + 60_000,
      signal: undefined,
      ...more,
    }
    let countIn: ReturnType<typeof refresher.join> | undefined
    const done = new Promise<Settled<Outcome>>((resolve) => {
      countIn = refresher.join(at, from, ask, (how) => {
        settled.push(how)
        resolve(how)
      })
    })
    return { done, settled, countIn }
  }
  return {
    ...refresher,
    parts,
    slot,
    at: await claimOf(parts, slot),
    begin,
    /** The outcome of one who stays. */
    async refresh(more: Partial<Ask> = {}, from: SlotRecord = slot, at = key): Promise<Outcome> {
      const how = await begin(more, from, at).done
      if (how.by !== 'value') throw new Error(`It left: ${how.by}.`)
      return how.value
    },
    put,
    get: (name: string): Promise<unknown> => store.transact({ keys: [name] }, (view) => view.get(name)),
    sent,
    changes,
    ended: (name: string) => ended.filter((one) => one.name === name).map(({ attributes }) => attributes),
    order: ended,
  }
}

const kinds = (changes: readonly Change[]): string[] => changes.map(({ kind }) => kind)
const errorOf = (outcome: Outcome): unknown => ('error' in outcome ? outcome.error.code : null)

describe('one flight', () => {
  test('presents the token once, stores what came of it, and tells all', async () => {
    const { begin, get, at, sent, changes, ended } = await openRefresher()
    const asked = [begin(), begin(), begin()]
    for (const { done } of asked) expect(await done).toMatchObject({ by: 'value', value: { kind: 'rotated' } })

    expect(sent).toEqual(['refresh-1'])
    expect(await get(key)).toMatchObject({ revision: 2, tokens: { refresh: 'refresh-2' } })
    expect(await get(at)).toBeUndefined()
    expect(changes).toMatchObject([{ kind: 'held', source: 'own', slot: { revision: 2 } }])
    expect(ended('authflight.refresh')).toMatchObject([
      {
        'authflight.refresh.outcome': 'rotated',
        'authflight.refresh.attempt_count': 1,
        'authflight.refresh.waiter_count': 2,
      },
    ])
    expect(ended('authflight.wait')).toMatchObject([
      { 'authflight.wait.outcome': 'rotated' },
      { 'authflight.wait.outcome': 'rotated' },
    ])
  })

  test('counts in whoever shares a wait, as long as that lasts, and has no wait for who began it', async () => {
    const { begin, ended } = await openRefresher()
    const [first, second] = [begin(), begin()]
    expect(first.countIn).toBeNull()
    expect(second.countIn?.()).toBe(false)
    for (let more = 0; more < 31; more += 1) begin()
    const { countIn } = begin()

    expect(countIn?.()).toBe(true)
    await first.done
    expect(countIn?.()).toBe(false)
    expect(ended('authflight.refresh')).toMatchObject([{ 'authflight.refresh.waiter_count': 34 }])
  })

  test('counts nobody in while the wait is told: a reader of records may ask for a session there and then', async () => {
    const { begin, parts } = await openRefresher()
    const { open } = parts.telemetry
    const counted: unknown[] = []
    vi.spyOn(parts.telemetry, 'open').mockImplementation((name, options) => {
      const operation = open(name, options)
      const end: Operation['end'] = (...how) => {
        if (name === 'authflight.wait') counted.push(countIn?.())
        operation.end(...how)
      }
      return { ...operation, end }
    })
    const first = begin()
    const { countIn } = begin()
    for (let more = 0; more < 31; more += 1) begin()
    await first.done
    expect(counted[0]).toBe(false)
  })

  test('has its waits told before who waited goes on', async () => {
    const { begin, parts, slot, order } = await openRefresher()
    const seen: number[] = []
    const count = (): number => order.filter(({ name }) => name === 'authflight.wait').length
    begin()
    const done = new Promise<void>((resolve) => {
      const ask = {
        trigger: 'expiry',
        caller: ROOT_CONTEXT,
        refused: null,
        deadline: Infinity,
        signal: undefined,
      } as const
      createRefresher(parts).join(key, slot, { ...ask, deadline: parts.clock.monotonic() + 9_000 }, () => {
        seen.push(count())
        resolve()
      })
    })
    await done
    expect(seen).toEqual([1])
  })

  test('goes on without who leaves, and says why that one left', async () => {
    const gate = createDeferred()
    const { begin, ended } = await openRefresher({
      server: [async (io) => (await gate.promise, answer(granted())(io))],
    })
    const leave = new AbortController()
    const first = begin()
    const [impatient, gone] = [begin({ deadline: performance.now() }), begin({ signal: leave.signal })]
    leave.abort()
    expect(await gone.done).toEqual({ by: 'aborted' })
    expect(await impatient.done).toEqual({ by: 'timeout' })
    expect(impatient.countIn?.()).toBe(false)
    gate.resolve()
    await first.done
    expect(ended('authflight.wait').map((wait) => wait['authflight.wait.outcome'])).toEqual(['left', 'timeout'])
  })
})

describe('a pause after a failure', () => {
  const failing: Options = { server: [answer({ kind: 'unreadable', status: 503, retryAfter: 60_000 })] }

  test('answers at once, sends nothing, and is told again: who asks may not have heard', async () => {
    const { begin, refresh, sent, changes } = await openRefresher(failing)
    const failure = await refresh()
    const { settled, countIn } = begin()
    expect(settled).toEqual([{ by: 'value', value: failure }])
    expect(countIn).toBeNull()
    expect([sent.length, kinds(changes)]).toEqual([1, ['failed', 'failed']])
  })

  test('lets a forced refresh through, once, and no other one', async () => {
    const { refresh, sent } = await openRefresher(failing)
    await refresh()
    await refresh({ trigger: 'unauthorized' })
    expect(sent).toHaveLength(1)
    await refresh({ trigger: 'forced' })
    expect(sent).toHaveLength(2)
    await refresh({ trigger: 'forced' })
    expect(sent).toHaveLength(2)
  })
})

test('a slot of a newer version is not presented, which begins one pause', async () => {
  const { begin, slot, sent, changes } = await openRefresher()
  const newer = { ...slot, v: 2 }
  const first = begin({}, newer)
  expect(first.settled).toMatchObject([{ by: 'value', value: { kind: 'failed', errorType: 'storage_error' } }])
  expect(first.countIn).toBeNull()
  expect(begin({}, newer).settled).toEqual(first.settled)
  expect([sent, kinds(changes)]).toEqual([[], ['failed', 'failed']])
})

describe('a server that contends with itself', () => {
  const contends = answer({ kind: 'refused', status: 400, error: 'invalid_request', retryAfter: 2_000 })

  /** The first answer is there, and the flight rests. `pass` lets so much time go by. */
  async function setUpContended(options: Options = {}, patience = 30_000) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const opened = await openRefresher({ server: [contends, answer(granted())], ...options })
    const begun = opened.begin({ deadline: performance.now() + patience })
    /** As often as there is something to wait for. */
    const settle = async (isDone = (): boolean => false): Promise<void> => {
      for (let turns = 0; turns < 50 && !isDone(); turns += 1) await new Promise((resolve) => setImmediate(resolve))
    }
    while (opened.sent.length === 0) await settle(() => opened.sent.length > 0)
    await settle()
    return {
      ...opened,
      ...begun,
      async pass(ms: number) {
        await vi.advanceTimersByTimeAsync(ms)
        await settle()
      },
    }
  }

  test('is asked once more, no sooner than it has asked for and with jitter, and the token is claimed meanwhile', async () => {
    const { pass, sent, settled, done, ended, get, at } = await setUpContended()
    await pass(2_749)
    expect([sent.length, settled]).toEqual([1, []])
    expect(await get(at)).toMatchObject({ lost: false })
    await pass(1)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'rotated' } })
    expect(ended('authflight.refresh')).toMatchObject([{ 'authflight.refresh.attempt_count': 2 }])
  })

  test('is asked no more where the device slept until the claim was over, and what it said is told', async () => {
    const { pass, sent, done, get, at } = await setUpContended()
    const { now } = performance
    const ahead = vi.spyOn(performance, 'now').mockImplementation(() => Reflect.apply(now, performance, []) + 70_000)
    onTestFinished(() => ahead.mockRestore())
    await pass(2_750)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'failed', errorType: 'server_error' } })
    expect(sent).toHaveLength(1)
    expect(await get(at)).toBeUndefined()
  })

  test('is not asked a third time', async () => {
    const { pass, sent, done, get, at } = await setUpContended({ server: [contends] })
    await pass(2_750)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'failed', errorType: 'server_error' } })
    expect(sent).toHaveLength(2)
    expect(await get(at)).toBeUndefined()
  })

  test('is not asked by who would wait too long for it', async () => {
    const { done, sent } = await setUpContended({}, 2_500)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'failed' } })
    expect(sent).toHaveLength(1)
  })

  test('is not asked for a session that has moved on meanwhile, and no claim stays', async () => {
    const { pass, sent, done, slot, put, get, at } = await setUpContended()
    await put({ [key]: { ...slot, revision: 9 } })
    await pass(2_750)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'adopted', slot: { revision: 9 } } })
    expect(sent).toHaveLength(1)
    expect(await get(at)).toBeUndefined()
  })

  test('is not asked where a newer version has written meanwhile, and no claim stays', async () => {
    const { pass, sent, done, slot, put, get, at } = await setUpContended()
    await put({ [key]: { ...slot, v: 2 } })
    await pass(2_750)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'failed', errorType: 'storage_error' } })
    expect(sent).toHaveLength(1)
    expect(await get(at)).toBeUndefined()
  })

  test('has what is left of the request limit', async () => {
    const { pass, sent, settled, done } = await setUpContended(
      { server: [contends, async (io) => (await present(io), new Promise(() => {}))] },
      100_000,
    )
    await pass(2_750)
    while (sent.length < 2) await pass(0)
    await pass(57_000)
    expect(settled).toEqual([])
    await pass(250)
    expect(await done).toMatchObject({ by: 'value', value: { kind: 'failed', errorType: 'timeout' } })
  })

  test('is given up where a token that was presented before is refused then: that answer was lost', async () => {
    const lost: Claim = {
      ...claimWith('lost'),
      lost: true,
    }
    const { refresh, put, at } = await openRefresher({
      reuse: 'idempotent',
      server: [
        answer({ kind: 'refused', status: 400, error: 'invalid_request', retryAfter: 0 }),
        answer(refused('invalid_grant')),
      ],
    })
    await put({ [at]: lost })
    expect(await refresh()).toMatchObject({ kind: 'rejected', reason: 'lost_answer' })
  })
})

describe('what stands in the store before the token leaves', () => {
  test('a later revision is adopted', async () => {
    const { refresh, put, slot, sent, changes } = await openRefresher()
    const moved = { ...slot, revision: 2 }
    await put({ [key]: moved })
    expect(await refresh()).toEqual({ kind: 'adopted', slot: moved })
    expect(changes).toEqual([{ kind: 'held', key, slot: moved, source: 'foreign', flight: null }])
    expect(sent).toEqual([])
  })

  test('a sign-out ends it', async () => {
    const { refresh, put, slot, sent, changes, ended } = await openRefresher()
    await put({ [key]: null, [`tombstone:app:${slot.sessionId}`]: { left: 'user' } })
    expect(await refresh()).toEqual({ kind: 'discarded', reason: 'signed_out' })
    expect(changes).toMatchObject([{ kind: 'ended', reason: 'other_tab', source: 'foreign' }])
    expect(ended('authflight.discard')).toEqual([{ 'authflight.discard.reason': 'signed_out' }])
    expect(sent).toEqual([])
  })

  test('a slot of a newer version stays', async () => {
    const { refresh, put, slot, sent } = await openRefresher()
    await put({ [key]: { ...slot, v: 2 } })
    const outcome = await refresh()
    expect([outcome.kind, errorOf(outcome)]).toEqual(['failed', 'storage_error'])
    expect(sent).toEqual([])
  })

  const lost = { id: 'theirs', limit: 60_000, link: { traceId: '2'.repeat(32), id: '2'.repeat(16) }, lost: true }

  test('a claim whose answer was lost keeps the token back while the access token lives', async () => {
    const { refresh, put, at, sent } = await openRefresher()
    await put({ [at]: lost })
    const outcome = await refresh()
    expect([outcome.kind, errorOf(outcome)]).toEqual(['failed', 'refresh_unknown_outcome'])
    expect(sent).toEqual([])
  })

  test('after it a refusal says that the answer was lost; without it, what the server says', async () => {
    const one = await openRefresher({ server: [answer(refused('invalid_grant'))] })
    await one.put({ [one.at]: lost })
    expect(await one.refresh({ refused: {} })).toMatchObject({ kind: 'rejected', reason: 'lost_answer' })
    const two = await openRefresher({ server: [answer(refused('invalid_grant'))] })
    expect(await two.refresh()).toMatchObject({ kind: 'rejected', reason: 'rejected' })
  })
})

describe('the claim', () => {
  test('stands while the token is out, under a digest, with room for what comes', async () => {
    const out = createDeferred()
    const gate = createDeferred()
    const { begin, get, at, slot, parts } = await openRefresher({
      server: [async (io) => (await present(io), out.resolve(), await gate.promise, granted())],
    })
    const { done } = begin()
    await out.promise
    const claim = (await get(at)) as Claim
    expect(at).toMatch(/^claim:[0-9a-f]{64}$/)
    expect(claim).toMatchObject({ lost: false, limit: 60_000, locked: false })
    expect(claim.room).toHaveLength(JSON.stringify(slot).length)
    expect(presentingIn(parts.realm).has(claim.id)).toBe(true)
    gate.resolve()
    await done
    await expect.poll(() => presentingIn(parts.realm).size).toBe(0)
  })

  test('that vanishes before the token leaves is taken again, three times, and then the store is to blame', async () => {
    const forgetful = meddle(memoryStore(), (scope, view) => {
      if (isConfirmation(scope)) view.delete(scope.keys[0] ?? '')
    })
    const { refresh, sent, ended } = await openRefresher({ store: forgetful })
    const outcome = await refresh()
    expect([outcome.kind, errorOf(outcome)]).toEqual(['failed', 'storage_error'])
    expect(sent).toHaveLength(3)
    expect(ended('authflight.token_request')).toEqual([])
    expect(ended('authflight.refresh')).toMatchObject([{ 'authflight.refresh.attempt_count': 0 }])
  })

  test('that vanishes between two requests is taken again, and all requests are counted', async () => {
    let looks = 0
    const forgetful = meddle(memoryStore(), (scope, view) => {
      if (isConfirmation(scope) && (looks += 1) === 2) view.delete(scope.keys[0] ?? '')
    })
    const { refresh, ended } = await openRefresher({
      store: forgetful,
      server: [async (io) => (await present(io), await present(io), granted()), answer(granted())],
    })
    expect((await refresh()).kind).toBe('rotated')
    expect(ended('authflight.refresh')).toMatchObject([{ 'authflight.refresh.attempt_count': 2 }])
  })

  test('of another party that has come in between is respected', async () => {
    const { store, inner, holdOne } = createGatedStore()
    const { begin, put, at, slot, ended } = await openRefresher({ store })
    const confirming = holdOne(isConfirmation)
    const { done } = begin()
    await confirming.arrived
    const moved = { ...slot, revision: 2 }
    await put(
      { [at]: { ...((await inner.transact({ keys: [at] }, (view) => view.get(at))) as object), id: 'theirs' } },
      inner,
    )
    await put({ [key]: moved }, inner)
    confirming.release()
    expect(await done).toEqual({ by: 'value', value: { kind: 'adopted', slot: moved } })
    expect(ended('authflight.token_request')).toEqual([])
  })
})

describe('a store that fails', () => {
  const background = () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
  }

  test('before anything was sent has its claim taken back when it can', async () => {
    background()
    const { store, fail, mend, inner } = createFailingStore()
    const { refresh, put, at } = await openRefresher({ store })
    fail()
    const outcome = await refresh()
    expect([outcome.kind, errorOf(outcome)]).toEqual(['failed', 'storage_error'])
    // It had taken the claim, and only the answer to that was lost.
    const claim = { id: '80000000'.repeat(4), limit: 60_000, link: { traceId: '1', id: '1' }, again: true }
    await put({ [at]: claim }, inner)
    mend()
    await vi.advanceTimersByTimeAsync(60_000)
    // A digest is not made by timers.
    vi.useRealTimers()
    await expect.poll(() => inner.transact({ keys: [at] }, (view) => view.get(at))).toEqual({ ...claim, lost: true })
  })

  test('after the token has left keeps the claim', async () => {
    background()
    const { store, fail, mend, inner } = createFailingStore()
    const { refresh, at } = await openRefresher({
      store,
      server: [async (io) => (await present(io), fail(), refused('gone'))],
    })
    const outcome = await refresh()
    expect([outcome.kind, errorOf(outcome)]).toEqual(['failed', 'storage_error'])
    mend()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await inner.transact({ keys: [at] }, (view) => view.get(at))).toMatchObject({ lost: false })
  })
})

describe('the lock of a flight', () => {
  function createLocks() {
    const [held, asked] = [new Set<string>(), [] as string[]]
    const locks = {
      async request(name: string, work: () => Promise<void>) {
        asked.push(name)
        held.add(name)
        await work()
        held.delete(name)
      },
    } as unknown as NonNullable<Realm['locks']>
    return { locks, held, asked }
  }
  const like = (more: Partial<Store>): Store => ({ ...memoryStore(), persistent: true, ...more })

  test('is held from before the claim until the outcome is stored', async () => {
    const { locks, held } = createLocks()
    const { store, fail, mend, inner } = createFailingStore(like({}))
    const seen: unknown[] = []
    const { refresh, get, at } = await openRefresher({
      realm: undisturbed({ locks }),
      store,
      server: [
        async (io) => {
          await present(io)
          const { id, locked } = (await get(at)) as Claim
          seen.push([...held], locked)
          expect([...held]).toEqual([`authflight:${id}`])
          fail()
          return granted()
        },
      ],
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    expect((await refresh()).kind).toBe('rotated')
    expect(seen[1]).toBe(true)
    expect(held.size).toBe(1)
    mend()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(held.size).toBe(0)
    expect(await inner.transact({ keys: [key] }, (view) => view.get(key))).toMatchObject({ revision: 2 })
  })

  test.each([
    ['a store of one origin that outlives the page', {}, 1],
    ['one that others reach too', { notifies: false }, 0],
    ['one that ends with the page', { persistent: false }, 0],
    ['one of both kinds', { notifies: false, persistent: false }, 0],
  ])('is asked for where all parties can see it: %s', async (_title, more, count) => {
    const { locks, asked } = createLocks()
    const { refresh } = await openRefresher({ realm: undisturbed({ locks }), store: like(more) })
    await refresh()
    expect(asked).toHaveLength(count)
  })
})

describe('whom tokens are of', () => {
  const ada = { id: 'ada', claims: {} }

  test.each([
    ['nobody knew', null, ada, 'rotated'],
    ['who was signed in', ada, ada, 'rotated'],
    ['nobody told', ada, null, 'rotated'],
    ['somebody else', ada, { id: 'grace', claims: {} }, 'failed'],
  ])('%s', async (_title, known, told, kind) => {
    const { refresh, slot, put, get } = await openRefresher({ server: [answer(granted({ user: told }))] })
    const before = { ...slot, user: known }
    await put({ [key]: before })
    expect((await refresh({}, before)).kind).toBe(kind)
    expect(await get(key)).toMatchObject(kind === 'failed' ? before : { revision: 2, user: told ?? known })
  })
})

describe('two clients of one page that hold the same session in stores of their own', () => {
  async function two(server: Provide, options: Options = {}) {
    const realm = undisturbed()
    const gate = createDeferred()
    const one = await openRefresher({ realm, ...options, server: [async (io) => (await gate.promise, server(io))] })
    const other = await openRefresher({ realm, ...(options.store ? { store: memoryStore() } : {}) })
    await other.put({ [key]: one.slot })
    return { one, other, slot: one.slot, gate }
  }

  test('share a flight, and each stores what came of it', async () => {
    const { one, other, slot, gate } = await two(answer(granted()))
    const asked = [one.refresh(), other.refresh({}, slot)]
    gate.resolve()
    expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['rotated', 'rotated'])
    expect([...one.sent, ...other.sent]).toEqual(['refresh-1'])
    for (const { get } of [one, other]) expect(await get(key)).toMatchObject({ revision: 2 })
    for (const { changes } of [one, other]) expect(kinds(changes)).toEqual(['held'])
  })

  test('both hear from the server that it is over', async () => {
    const { one, other, slot, gate } = await two(answer(refused('gone')))
    const asked = [one.refresh(), other.refresh({}, slot)]
    gate.resolve()
    expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['rejected', 'rejected'])
    for (const { get } of [one, other]) expect(await get(key)).toBeUndefined()
  })

  test('do not share what was found out without the server', async () => {
    const { one, other, slot, gate } = await two(async () => refused('gone'))
    const asked = [one.refresh(), other.refresh({}, slot)]
    gate.resolve()
    const [here, there] = await Promise.all(asked)
    expect(here?.kind).toBe('rejected')
    expect([there?.kind, there && errorOf(there)]).toEqual(['failed', 'refresh_unknown_outcome'])
    expect(await other.get(key)).toEqual(slot)
  })

  test.each([
    ['stays where nothing has happened to it', {}, 'failed'],
    ['is adopted where it has moved on as well', { revision: 2 }, 'adopted'],
    ['is gone where somebody has signed out', null, 'discarded'],
  ])('whose one is adopted before the token leaves: the other %s', async (_title, change, kind) => {
    const { one, other, slot, gate } = await two(answer(granted()))
    await one.put({ [key]: { ...slot, revision: 2 } })
    const asked = [one.refresh(), other.refresh({}, slot)]
    await other.put({
      [key]: change && { ...slot, ...change },
      ...(change ? {} : { [`tombstone:app:${slot.sessionId}`]: { left: 'user' } }),
    })
    gate.resolve()
    const [here, there] = await Promise.all(asked)
    expect([here?.kind, there?.kind]).toEqual(['adopted', kind])
    expect(there && errorOf(there)).toBe(kind === 'failed' ? 'refresh_unknown_outcome' : null)
  })

  test('whose one cannot store a claim: the other is told the same', async () => {
    const { store, fail } = createFailingStore()
    const { one, other, slot, gate } = await two(answer(granted()), { store })
    fail()
    const asked = [one.refresh(), other.refresh({}, slot)]
    gate.resolve()
    expect((await Promise.all(asked)).map(errorOf)).toEqual(['storage_error', 'storage_error'])
  })

  test.each([
    ['an end is told there alone', refused('gone'), 'rejected', 'failed', 'storage_error'],
    ['new tokens are kept there in memory', granted(), 'rotated', 'rotated', null],
  ])('of which the other cannot store anything: %s', async (_what, given, kind, there, error) => {
    const realm = undisturbed()
    const gate = createDeferred()
    const { store, fail, mend } = createFailingStore()
    const one = await openRefresher({ realm, server: [async (io) => (await gate.promise, answer(given)(io))] })
    const other = await openRefresher({ realm, store })
    await other.put({ [key]: one.slot })
    const asked = [one.refresh(), other.refresh({}, one.slot)] as const
    fail()
    gate.resolve()
    const [own, others] = await Promise.all(asked)
    expect([own.kind, others.kind, errorOf(others)]).toEqual([kind, there, error])
    mend()
  })
})

test('two sessions of one client that hold the same token share its flight, and each is told of its own', async () => {
  const { begin, refresh, put, slot, sent } = await openRefresher()
  const twin = { ...slot, sessionId: 'twin' }
  await put({ 'slot:app:2': twin })
  const { done } = begin()
  const second = await refresh({}, twin, 'slot:app:2')
  expect(second).toMatchObject({ kind: 'rotated', slot: { sessionId: 'twin', revision: 2 } })
  expect(await done).toMatchObject({ value: { kind: 'rotated', slot: { sessionId: slot.sessionId } } })
  expect(sent).toHaveLength(1)
})

test.each([
  ['lets the next one ask', null, 2],
  ['asks no sooner than a server has said', 60_000, 1],
])('a network that is back %s', async (_, retryAfter, requests) => {
  const { refresh, wake, sent } = await openRefresher({
    server: [answer({ kind: 'unreadable', status: 503, retryAfter })],
  })
  await refresh()
  wake()
  await refresh()
  expect(sent).toHaveLength(requests)
})
