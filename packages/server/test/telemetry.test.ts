import { ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { expect, test, vi } from 'vitest'
import type { Claimed, LocalEngine, Stored } from '../src/engine.ts'
import { turns, until } from './support/clock.ts'
import { recordAll, startSdk } from './support/observe.ts'
import { busy, createPresenter, refused, tokensOf } from './support/presenter.ts'
import { loseAnswer, setUp, watch } from './support/set-up.ts'

type Presenter = ReturnType<typeof createPresenter>

/** Keeps what an engine is given next until somebody lets it go. */
function holdOnce(engine: LocalEngine, keeps: 'publish' | 'fail', released: Promise<void>) {
  const keep = engine[keeps] as (...call: unknown[]) => Promise<Stored>
  return vi.spyOn(engine, keeps).mockImplementationOnce((...call: unknown[]) => released.then(() => keep(...call)))
}

const idOf = (span: Span) => span.spanContext().spanId
const hex = (digits: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)) as unknown
const only = <T>(all: readonly T[]): T => {
  expect(all).toHaveLength(1)
  return all[0] as T
}
const session = 'session 1'

test('three requests: a refresh under the first, a wait under each of the others, linked both ways', async () => {
  const { spans, within } = startSdk()
  const { coordinator, presenter, ask } = setUp()
  const calls = [1, 2, 3].map(() => within(() => coordinator.refresh('token 1', ask, { session })))
  await until(() => presenter.count > 0)
  presenter.last.rotate({ refreshExpiresIn: 900 })
  await Promise.all(calls.map(({ result }) => result))

  const refresh = only(spans('authflight.refresh'))
  const waits = spans('authflight.wait')
  expect(spans()).toHaveLength(3)
  expect(refresh.parentId).toBe(idOf((calls[0] as { span: Span }).span))
  expect(waits.map(({ parentId }) => parentId)).toEqual(calls.slice(1).map(({ span }) => idOf(span)))
  expect(refresh.links).toEqual(waits.map(({ id }) => id))
  expect(waits.map(({ links }) => links)).toEqual([[refresh.id], [refresh.id]])
  expect(refresh.attributes).toEqual({
    'authflight.flight.id': hex(12),
    'authflight.session.id': hex(12),
    'authflight.refresh.trigger': 'expiry',
    'authflight.refresh.outcome': 'rotated',
    'authflight.refresh.attempt_count': 0,
    'authflight.refresh.waiter_count': 2,
    'authflight.token.expires_in': 300,
    'authflight.token.refresh_expires_in': 900,
  })
  expect(waits.map(({ attributes }) => attributes)).toEqual(
    Array(2).fill({
      'authflight.flight.id': refresh.attributes['authflight.flight.id'],
      'authflight.wait.outcome': 'rotated',
    }),
  )
})

test('the request that carries the token has its span under the refresh', async () => {
  const { spans } = startSdk()
  const answer = new Response('{}', { status: 429, headers: { 'retry-after': '7' } })
  const { coordinator } = setUp({}, undefined, { fetch: async () => answer })
  const call = watch(
    coordinator.refresh('token 1', async (io) => {
      const { status } = await io.present('https://id.example.test:8443/token?secret=canary', { method: 'POST' })
      return { kind: 'unreadable', status, retryAfter: 7_000 }
    }),
  )
  await until(() => call.isSettled)
  const refresh = only(spans('authflight.refresh'))
  const request = only(spans('authflight.token_request'))
  expect(request).toMatchObject({ parentId: refresh.id, isError: true })
  expect(request.attributes).toEqual({
    'http.request.method': 'POST',
    'server.address': 'id.example.test',
    'server.port': 8443,
    'http.response.status_code': 429,
    'error.type': 'rate_limited',
  })
  expect(refresh).toMatchObject({ isError: true })
  expect(refresh.attributes).toMatchObject({
    'authflight.refresh.outcome': 'failed',
    'authflight.refresh.attempt_count': 1,
    'error.type': 'rate_limited',
  })
})

test('a request that is sent again says which repetition it is', async () => {
  const { spans } = startSdk()
  const { coordinator } = setUp({}, undefined, { fetch: async () => new Response('{}', { status: 400 }) })
  const call = watch(
    coordinator.refresh('token 1', async (io) => {
      for (let time = 0; time < 2; time += 1) await io.present('https://id.example.test/token', { method: 'POST' })
      return refused('invalid_scope')
    }),
  )
  await until(() => call.isSettled)
  expect(
    spans('authflight.token_request').map(({ attributes }) => [
      attributes['http.request.resend_count'],
      attributes['authflight.oauth.error'],
      attributes['error.type'],
    ]),
  ).toEqual([
    [undefined, undefined, '_OTHER'],
    [1, 'invalid_scope', 'invalid_scope'],
  ])
  expect(only(spans('authflight.refresh')).attributes['authflight.refresh.attempt_count']).toBe(2)
})

test('who stood still before it sent has counted only what it sent', async () => {
  const { spans } = startSdk()
  const { coordinator, time } = setUp({ requestLimit: 5_000, patience: 600_000 }, undefined, {
    fetch: async () => new Response('{}'),
  })
  let asked = 0
  await coordinator.refresh('token 1', async (io) => {
    asked += 1
    if (asked === 1) time.stall(5_001)
    await io.present('https://id.example.test/token', { method: 'POST' })
    return tokensOf()
  })
  expect(asked).toBe(2)
  expect(only(spans('authflight.refresh')).attributes['authflight.refresh.attempt_count']).toBe(1)
})

test('the wait of who joins a refresh that is left alone, and begins its own, is over with the first', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask, time } = setUp()
  await loseAnswer({ coordinator, presenter, ask, time })
  const began = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
  const joined = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 2)
  expect(began.isSettled).toBe(true)
  expect(spans('authflight.wait')).toHaveLength(1)
  presenter.last.rotate()
  await until(() => joined.isSettled)
  expect(spans('authflight.wait')).toHaveLength(1)
})

test('a renewed token is named so, and what the caller said about why', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask } = setUp()
  const call = coordinator.refresh('token 1', ask, { trigger: 'unauthorized' })
  await until(() => presenter.count > 0)
  presenter.last.rotate({ refreshToken: null })
  await call
  expect(only(spans('authflight.refresh')).attributes).toMatchObject({
    'authflight.refresh.trigger': 'unauthorized',
    'authflight.refresh.outcome': 'renewed',
  })
})

test.each([
  ['fatal', 'done', true],
  ['unknown', 'skipped', true],
  ['idempotent', 'skipped', true],
  ['idempotent', 'skipped', false],
  ['fatal', 'unsupported', false],
] as const)(
  'an answer that comes when nobody knows of its refresh any more is a discard; of a server that is %s it is %s, where it can revoke: %s',
  async (profile, revocation, canRevoke) => {
    const { spans } = startSdk()
    const revoke = vi.fn(async () => true)
    const { coordinator, engine, presenter, ask, time } = setUp({
      profile,
      ...(canRevoke && { revoke }),
      requestLimit: 3_000,
    })
    const gone = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(3_000)
    await until(() => gone.isSettled)
    time.advance(10_000_000)
    expect(engine.size).toBe(0)
    presenter.last.rotate()
    await until(() => spans('authflight.discard').length > 0)
    expect(only(spans('authflight.discard')).attributes).toEqual({
      'authflight.discard.reason': 'cleared',
      'authflight.discard.revocation': revocation,
    })
    expect(revoke).toHaveBeenCalledTimes(revocation === 'done' ? 1 : 0)
  },
)

test('a failure names one error type on the refresh and every wait; a terminal one ends the session', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask } = setUp()
  const calls = [1, 2].map(() => watch(coordinator.refresh('token 1', ask, { session })))
  await until(() => presenter.count > 0)
  presenter.last.answer(refused())
  await until(() => calls.every(({ isSettled }) => isSettled))
  const [refresh, wait] = [only(spans('authflight.refresh')), only(spans('authflight.wait'))]
  expect([refresh.isError, wait.isError]).toEqual([true, true])
  expect(refresh.attributes).toMatchObject({ 'authflight.refresh.outcome': 'rejected', 'error.type': 'invalid_grant' })
  expect(wait.attributes).toMatchObject({ 'authflight.wait.outcome': 'rejected', 'error.type': 'invalid_grant' })
  expect(only(spans('authflight.session_end'))).toMatchObject({
    parentId: refresh.id,
    attributes: {
      'authflight.session_end.reason': 'rejected',
      'authflight.session.id': refresh.attributes['authflight.session.id'],
    },
  })
})

test('a caller that leaves ends its wait as left, one whose patience ends as timeout', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask, time } = setUp({ patience: 2_000 })
  const leave = new AbortController()
  const first = watch(coordinator.refresh('token 1', ask))
  const leaving = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
  const hasty = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count > 0)
  leave.abort()
  await until(() => leaving.isSettled)
  time.advance(2_000)
  await until(() => hasty.isSettled && first.isSettled)
  expect(spans('authflight.wait').map(({ attributes }) => attributes['authflight.wait.outcome'])).toEqual([
    'left',
    'timeout',
  ])
  presenter.last.rotate()
  await until(() => coordinator.entryCount === 0)
  expect(only(spans('authflight.refresh')).attributes['authflight.refresh.waiter_count']).toBe(2)
})

test('who comes late adopts: a contention “rotated elsewhere”, linked to the refresh that brought it', async () => {
  const { spans, within } = startSdk()
  const { coordinator, presenter, ask } = setUp()
  const first = coordinator.refresh('token 1', ask)
  await until(() => presenter.count > 0)
  presenter.last.rotate()
  await first
  const presented = only(spans('authflight.refresh'))
  const { span, result } = within(() => coordinator.refresh('token 1', ask))
  await result
  const late = spans('authflight.refresh')[1]
  expect(late).toMatchObject({ parentId: idOf(span), isError: false })
  expect(late?.attributes).toMatchObject({
    'authflight.refresh.outcome': 'adopted',
    'authflight.refresh.attempt_count': 0,
  })
  const contention = only(spans('authflight.contention'))
  expect(contention).toMatchObject({ parentId: late?.id, links: [presented.id] })
  expect(contention.attributes).toEqual({
    'authflight.contention.kind': 'rotated_elsewhere',
    'authflight.contention.scope': 'realm',
    'authflight.contention.resolution': 'adopted',
  })
})

test.each(['host', 'cluster'] as const)(
  'with an engine for a %s a contention says that the other party may have been that far away',
  async (scope) => {
    const { spans } = startSdk()
    const { create, engine, presenter, ask } = setUp()
    const [one, two] = [1, 2].map(() => create({ engine: { ...engine, scope }, pepper: 'p'.repeat(32) }))
    const first = one?.refresh('token 1', ask, { session })
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await first
    await two?.refresh('token 1', ask, { session })
    expect(only(spans('authflight.contention')).attributes['authflight.contention.scope']).toBe(scope)
  },
)

test('who waits for another process has a contention linked to that one’s refresh', async () => {
  const { spans } = startSdk()
  const { engine, coordinator, create, presenter, ask } = setUp()
  const waits = vi.spyOn(engine, 'wait')
  const first = coordinator.refresh('token 1', ask)
  await until(() => presenter.count > 0)
  const second = create().refresh('token 1', ask)
  await until(() => waits.mock.calls.length > 0)
  presenter.last.rotate()
  await Promise.all([first, second])
  const [presented, adopted] = ['rotated', 'adopted'].map((outcome) =>
    only(spans('authflight.refresh').filter(({ attributes }) => attributes['authflight.refresh.outcome'] === outcome)),
  )
  expect(only(spans('authflight.contention'))).toMatchObject({
    parentId: adopted?.id,
    links: [presented?.id],
    attributes: { 'authflight.contention.kind': 'claim_wait', 'authflight.contention.resolution': 'adopted' },
  })
})

test.each<[string, () => Claimed, string]>([
  ['takes the right after it', () => ({ kind: 'taken', orphan: false, takes: 2 }), 'acquired'],
  ['hears that the session was ended', () => ({ kind: 'ended' }), 'signed_out'],
  ['may not present again what that one left', () => ({ kind: 'abandoned' }), 'gave_up'],
  [
    'loses its engine',
    () => {
      throw new Error('It is away.')
    },
    'gave_up',
  ],
])('who waits for another process and %s has a contention that ends so', async (_, next, resolution) => {
  const { spans } = startSdk()
  const held: Claimed = { kind: 'held', holder: 'another', note: new Uint8Array(8), left: 1 }
  const claims = [() => held, next]
  const { create, engine, ask, presenter } = setUp()
  const coordinator = create({ engine: { ...engine, claim: async () => (claims.shift() ?? next)() } })
  const call = watch(coordinator.refresh('token 1', ask))
  await until(() => call.isSettled || presenter.count > 0)
  if (presenter.count > 0) presenter.last.rotate()
  await until(() => call.isSettled)
  expect(only(spans('authflight.contention')).attributes).toMatchObject({
    'authflight.contention.kind': 'claim_wait',
    'authflight.contention.resolution': resolution,
  })
})

test('who waits for another process, and has gone when what that one left is its own, has a contention that ends as given up', async () => {
  const { spans } = startSdk()
  const leave = new AbortController()
  const held: Claimed = { kind: 'held', holder: 'another', note: new Uint8Array(8), left: 1 }
  let asked = 0
  const claim = async (): Promise<Claimed> => {
    asked += 1
    if (asked === 1) return held
    leave.abort()
    await until(() => call.isSettled)
    return { kind: 'taken', orphan: true, takes: 2 }
  }
  const { create, engine, ask } = setUp()
  const coordinator = create({ engine: { ...engine, claim } })
  const call = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
  await until(() => coordinator.entryCount === 0)
  expect(only(spans('authflight.contention')).attributes).toMatchObject({
    'authflight.contention.kind': 'claim_wait',
    'authflight.contention.resolution': 'gave_up',
  })
})

test('who waits until another process must be gone has a contention that ends as given up', async () => {
  const { spans } = startSdk()
  const { engine, create, ask, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  const held: Claimed = { kind: 'held', holder: 'another', note: new Uint8Array(8), left: 60_000 }
  const wait = async () => time.stall(60_000)
  const call = watch(create({ engine: { ...engine, claim: async () => held, wait } }).refresh('token 1', ask))
  await until(() => call.isSettled)
  expect(call.error).toMatchObject({ code: expect.any(String) as unknown })
  expect(only(spans('authflight.contention')).attributes).toMatchObject({
    'authflight.contention.resolution': 'gave_up',
  })
})

test.each<[string, 'publish' | 'fail', (presenter: Presenter) => void]>([
  ['tokens', 'publish', (presenter: Presenter) => presenter.last.rotate()],
  ['a refusal, which ends no session', 'fail', (presenter: Presenter) => presenter.last.answer(refused())],
])(
  'who comes back after its lease, with %s, adopts what its successor brought: a contention “lost race”, linked to that one’s refresh',
  async (_, keeps, answer) => {
    const { spans } = startSdk()
    const { coordinator, create, engine, presenter, ask, time } = setUp({
      profile: 'idempotent',
      requestLimit: 5_000,
      patience: 60_000,
    })
    let go = (): void => {}
    const held = holdOnce(engine, keeps, new Promise<void>((resolve) => (go = resolve)))
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    answer(presenter)
    await until(() => held.mock.calls.length === 1)
    const wait = vi.spyOn(engine, 'wait')
    const successor = createPresenter()
    const second = watch(create().refresh('token 1', successor.ask))
    await until(() => wait.mock.calls.length > 0)
    time.advance(10_000)
    await until(() => successor.count > 0)
    successor.last.rotate()
    await until(() => second.isSettled)
    go()
    await until(() => first.isSettled)

    const [later, earlier] = spans('authflight.refresh')
    const lost = spans('authflight.contention').filter(
      ({ attributes }) => attributes['authflight.contention.kind'] === 'lost_race',
    )
    expect(only(lost)).toMatchObject({
      parentId: earlier?.id,
      links: [later?.id],
      attributes: { 'authflight.contention.scope': 'realm', 'authflight.contention.resolution': 'adopted' },
    })
    expect(first.value).toEqual(second.value)
    expect(spans('authflight.session_end')).toEqual([])
  },
)

test('presenting again after a lost answer is a contention “orphaned”, and a refusal then is a lost answer', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask, time } = setUp({ profile: 'fatal' })
  const first = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count > 0)
  presenter.last.answer({ kind: 'silent', cause: 'network' })
  await until(() => first.isSettled)
  time.advance(1_000)
  const again = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 2)
  presenter.last.answer(refused())
  await until(() => again.isSettled)
  expect(only(spans('authflight.contention')).attributes).toMatchObject({
    'authflight.contention.kind': 'claim_orphaned',
    'authflight.contention.resolution': 'retried',
  })
  expect(only(spans('authflight.session_end')).attributes).toMatchObject({
    'authflight.session_end.reason': 'lost_answer',
  })
})

test('a server that contends then, and is asked once more under the same right, makes one contention “orphaned” of it', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask, time } = setUp()
  await loseAnswer({ coordinator, presenter, ask, time })
  const again = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 2)
  presenter.last.answer({ kind: 'refused', status: 400, error: 'invalid_request', retryAfter: 2_000 })
  await turns()
  time.advance(2_750)
  await until(() => presenter.count === 3)
  presenter.last.rotate()
  await until(() => again.isSettled)
  expect(only(spans('authflight.contention')).attributes).toMatchObject({
    'authflight.contention.kind': 'claim_orphaned',
  })
})

test('leaving a lost answer alone is a refresh that failed, with nothing presented', async () => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask, time } = setUp({ profile: 'fatal' })
  const first = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count > 0)
  presenter.last.answer({ kind: 'silent', cause: 'network' })
  await until(() => first.isSettled)
  time.advance(1_000)
  const again = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
  await until(() => again.isSettled)
  expect(spans('authflight.refresh')[1]?.attributes).toMatchObject({
    'authflight.refresh.outcome': 'failed',
    'authflight.refresh.attempt_count': 0,
    'error.type': '_OTHER',
  })
})

test.each<[string, (() => Promise<boolean>) | undefined]>([
  ['done', async () => true],
  ['unsupported', async () => false],
  ['failed', () => Promise.reject(new Error('away'))],
  ['unsupported', undefined],
])(
  'a sign-out during a refresh is a session end and a discard, its token’s revocation %s',
  async (revocation, revoke) => {
    const { spans } = startSdk()
    const { coordinator, presenter, ask } = setUp(revoke ? { revoke } : {})
    const call = watch(coordinator.refresh('token 1', ask, { session }))
    await until(() => presenter.count > 0)
    await coordinator.end(session)
    presenter.last.rotate()
    await until(() => call.isSettled && spans('authflight.discard').length > 0)
    const refresh = only(spans('authflight.refresh'))
    expect(refresh).toMatchObject({ isError: false, attributes: { 'authflight.refresh.outcome': 'discarded' } })
    expect(only(spans('authflight.discard'))).toMatchObject({ parentId: refresh.id, isError: false })
    expect(only(spans('authflight.discard')).attributes).toEqual({
      'authflight.discard.reason': 'signed_out',
      'authflight.discard.revocation': revocation,
    })
    expect(only(spans('authflight.session_end')).attributes).toEqual({
      'authflight.session_end.reason': 'user',
      'authflight.session.id': refresh.attributes['authflight.session.id'],
    })
  },
)

test.each([
  ['one who can', vi.fn(async () => true)],
  ['nobody', undefined],
])('a token that the server kept is the sign-out’s to revoke: the discard has none, asked of %s', async (_, revoke) => {
  const { spans } = startSdk()
  const { coordinator, presenter, ask } = setUp(revoke ? { revoke } : {})
  const call = watch(coordinator.refresh('token 1', ask, { session }))
  await until(() => presenter.count > 0)
  await coordinator.end(session)
  presenter.last.rotate({ refreshToken: null })
  await until(() => call.isSettled && spans('authflight.discard').length > 0)
  expect(only(spans('authflight.discard')).attributes['authflight.discard.revocation']).toBe('skipped')
  expect(revoke?.mock.calls ?? []).toEqual([])
})

test('a revocation that does not end is given up, and told to stop', async () => {
  const { spans } = startSdk()
  let signal: AbortSignal | undefined
  const { coordinator, presenter, ask, time } = setUp({
    revoke: (_, io) => {
      signal = io.signal
      return new Promise(() => {})
    },
  })
  const call = watch(coordinator.refresh('token 1', ask, { session }))
  await until(() => presenter.count > 0)
  await coordinator.end(session)
  presenter.last.rotate()
  await until(() => call.isSettled && signal !== undefined)
  time.advance(10_000)
  await until(() => spans('authflight.discard').length > 0)
  expect(signal?.aborted).toBe(true)
  expect(only(spans('authflight.discard')).attributes['authflight.discard.revocation']).toBe('failed')
})

test('who asks for an ended session has a discard without tokens', async () => {
  const { spans } = startSdk()
  const { coordinator, ask } = setUp()
  await coordinator.end(session)
  await expect(coordinator.refresh('token 1', ask, { session })).rejects.toThrow('A sign-out ended the session')
  expect(only(spans('authflight.discard')).attributes).toEqual({ 'authflight.discard.reason': 'signed_out' })
})

test('a block that waits for its turn has a contention, one that does not has none', async () => {
  const { spans } = startSdk()
  const { coordinator, time } = setUp({ patience: 2_000 })
  let end = (): void => {}
  const first = coordinator.synchronize('token 1', () => new Promise<void>((resolve) => (end = resolve)))
  const hasty = watch(coordinator.synchronize('token 1', () => {}))
  await turns()
  time.advance(1_000)
  const patient = coordinator.synchronize('token 1', () => {})
  await turns()
  time.advance(1_000)
  await until(() => hasty.isSettled)
  end()
  await Promise.all([first, patient])
  expect(spans('authflight.contention').map(({ attributes }) => attributes)).toEqual(
    ['gave_up', 'acquired'].map((resolution) => ({
      'authflight.contention.kind': 'lock_wait',
      'authflight.contention.scope': 'realm',
      'authflight.contention.resolution': resolution,
    })),
  )
})

test('the caller is the one that was named, where no context manager knows it', async () => {
  const { spans, within } = startSdk()
  const { coordinator, presenter, ask } = setUp()
  const { span } = within(() => null)
  const call = coordinator.refresh('token 1', ask, { otelContext: trace.setSpan(ROOT_CONTEXT, span) })
  await until(() => presenter.count > 0)
  presenter.last.rotate()
  await call
  expect(only(spans('authflight.refresh')).parentId).toBe(idOf(span))
})

test('every span that began has ended, and the records are the same operations', async () => {
  const { spans } = startSdk()
  const records = recordAll()
  const { coordinator, presenter, ask, time } = setUp()
  const calls = [1, 2].map(() => watch(coordinator.refresh('token 1', ask, { session })))
  await until(() => presenter.count > 0)
  presenter.last.answer(busy())
  await until(() => calls.every(({ isSettled }) => isSettled))
  time.advance(1_000)
  const again = watch(coordinator.refresh('token 1', ask, { session }))
  await until(() => presenter.count === 2)
  await coordinator.end(session)
  presenter.last.rotate()
  await until(() => again.isSettled)
  const ended = records.filter(({ kind, endedAt }) => kind !== 'point' && endedAt !== undefined)
  const begun = records.filter(({ kind, endedAt }) => kind !== 'point' && endedAt === undefined)
  expect(new Set(begun.map(({ id }) => id))).toEqual(new Set(ended.map(({ id }) => id)))
  expect(ended.map(({ id, attributes }) => ({ id, attributes }))).toEqual(
    spans().map(({ id, attributes }) => ({ id, attributes })),
  )
})

test('no secret is in a span, a record, an error or the engine: token, session, pepper, issuer’s text', async () => {
  const { spans } = startSdk()
  const records = recordAll()
  const pepper = 'canary_pepper_0123456789abcdef0123456789'
  const { coordinator, create, engine, presenter, time } = setUp({ pepper })
  const kept: unknown[] = []
  for (const method of ['claim', 'publish', 'fail', 'end'] as const) {
    const call = engine[method] as (...of: unknown[]) => unknown
    Object.assign(engine, { [method]: (...of: unknown[]) => (kept.push(of), call(...of)) })
  }
  const errors: unknown[] = []
  const step = async (by: typeof coordinator, token: string, answer: () => void): Promise<void> => {
    const before = presenter.count
    const call = watch(by.refresh(token, presenter.ask, { session: 'canary_session' }))
    await until(() => presenter.count > before || call.isSettled)
    if (presenter.count > before) answer()
    await until(() => call.isSettled)
    errors.push(call.error)
    time.advance(61_000)
  }
  const rotate = (): void => presenter.last.rotate({ accessToken: 'canary_access', refreshToken: 'canary_refresh_2' })
  await step(coordinator, 'canary_refresh_1', rotate)
  await step(create(), 'canary_refresh_2', () => presenter.last.answer(refused('canary_code')))
  await step(coordinator, 'canary_refresh_3', () => presenter.last.crash(new Error('canary_text')))
  await step(coordinator, 'canary_refresh_4', () => presenter.last.answer(refused()))
  await coordinator.end('canary_session')
  await step(coordinator, 'canary_refresh_5', rotate)

  const bytes = (value: unknown): unknown =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
  const seen = [
    JSON.stringify(spans()),
    JSON.stringify(records),
    JSON.stringify(kept, (_, value: unknown) => bytes(value)),
    errors
      .map((error) => `${String(error)} ${JSON.stringify(error)} ${(error as Error | undefined)?.stack ?? ''}`)
      .join(),
  ].join('\n')
  const secrets = ['canary_refresh_1', 'canary_access', 'canary_session', pepper, 'canary_code', 'canary_text']
  for (const secret of secrets) {
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(secret)))
    const forms = [secret, Buffer.from(secret).toString('base64'), digest.toString('hex'), digest.toString('base64url')]
    for (const form of [...forms, digest.toString('hex').slice(0, 8)]) expect(seen).not.toContain(form)
  }
})
