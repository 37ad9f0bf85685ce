import { isAuthRefreshDiscardedError } from '@authflight/client'
import { expect, test, vi } from 'vitest'
import type { Engine, LocalEngine } from '../src/engine.ts'
import { createPresenter, refused, tokensOf } from './support/presenter.ts'
import { turns, until } from './support/clock.ts'
import { holdAnswerOnce, loseAnswer, setUp, watch } from './support/set-up.ts'

// Two coordinators on one engine stand for two processes. Their presenters are told apart.

function setUpTwo(options: Parameters<typeof setUp>[0] = {}) {
  const { coordinator: one, create, presenter: byOne, ask: askOne, ...rest } = setUp(options)
  const byTwo = createPresenter()
  const wait = vi.spyOn(rest.engine, 'wait')
  /** Until a process waits for another one: only from then on is its time running. */
  const untilWaiting = () => until(() => wait.mock.calls.length > 0)
  return { ...rest, create, one, two: create(), byOne, byTwo, askOne, askTwo: byTwo.ask, untilWaiting }
}

/** The engine of a process that can be killed: from then on nothing leaves it and nothing comes back. */
function createMortal(engine: LocalEngine) {
  let isDead = false
  const orNever =
    <A extends unknown[], R>(call: (...of: A) => Promise<R>) =>
    (...of: A): Promise<R> =>
      isDead ? new Promise(() => {}) : call(...of)
  const { claim, publish, fail, wait, end } = engine
  return {
    engine: {
      ...engine,
      claim: orNever(claim),
      publish: orNever(publish),
      fail: orNever(fail),
      wait: orNever(wait),
      end: orNever(end),
    },
    kill: () => void (isDead = true),
  }
}

// one   claim ── present ── fails ─┐
// two        └── wait ─────────────┴ claim: the failure
test('a failure is the same in the process that waited, and that one does not try by itself', async () => {
  const { one, two, byOne, byTwo, askOne, askTwo } = setUpTwo()
  const first = watch(one.refresh('token 1', askOne))
  await until(() => byOne.count > 0)
  const second = watch(two.refresh('token 1', askTwo))
  await turns()
  byOne.last.answer(refused())
  await until(() => first.isSettled && second.isSettled)
  expect(first.error).toMatchObject({ code: 'session_ended' })
  expect(second.error).toMatchObject({ code: 'session_ended' })
  expect(byTwo.count).toBe(0)
})

// one   claim ── present, and dies
// two        └── wait ······ lease runs out ── claim (orphan) ── present
test('a presenter that dies is waited for as long as its lease; then, with nothing to lose, the token is presented again', async () => {
  const { engine, create, two, byTwo, askTwo, time, untilWaiting } = setUpTwo({ requestLimit: 5_000, patience: 60_000 })
  const mortal = createMortal(engine)
  const dying = createPresenter()
  void create({ engine: mortal.engine }).refresh('token 1', dying.ask)
  await until(() => dying.count > 0)
  mortal.kill()
  const second = two.refresh('token 1', askTwo, { hasLiveAccessToken: false })
  await untilWaiting()
  time.advance(9_999)
  await turns()
  expect(byTwo.count).toBe(0)
  time.advance(1)
  await until(() => byTwo.count === 1)
  byTwo.last.rotate()
  expect((await second).accessToken).toBe('access-2')
})

test('a presenter that dies leaves its token alone where the server is fatal and the access token lives', async () => {
  const { engine, create, two, byTwo, askTwo, time, untilWaiting } = setUpTwo({ requestLimit: 5_000, patience: 60_000 })
  const mortal = createMortal(engine)
  const dying = createPresenter()
  void create({ engine: mortal.engine }).refresh('token 1', dying.ask)
  await until(() => dying.count > 0)
  mortal.kill()
  const second = watch(two.refresh('token 1', askTwo, { hasLiveAccessToken: true }))
  await untilWaiting()
  time.advance(10_000)
  await until(() => second.isSettled)
  expect(second.error).toMatchObject({ code: 'refresh_unknown_outcome' })
  expect(byTwo.count).toBe(0)
})

// one   claim ── present ──────── stalls past its lease ─────────── publish: superseded, adopts two's
// two        └── wait ·············· claim (orphan) ── present ── publish
test('a presenter that stalls past its lease adopts what its successor brought', async () => {
  const { engine, one, two, byOne, byTwo, askOne, askTwo, time, untilWaiting } = setUpTwo({
    profile: 'idempotent',
    requestLimit: 5_000,
    patience: 60_000,
  })
  const publish = vi.spyOn(engine, 'publish')
  const first = watch(one.refresh('token 1', askOne))
  await until(() => byOne.count > 0)
  const second = watch(two.refresh('token 1', askTwo))
  await untilWaiting()
  // Its answer is there, and stands in line behind everything else that happened while the process stood still.
  let go = (): void => {}
  publish.mockImplementationOnce(async (...call) => {
    await new Promise<void>((resolve) => (go = resolve))
    return engine.publish(...call)
  })
  byOne.last.rotate({ accessToken: 'of-one' })
  await until(() => publish.mock.calls.length === 1)
  time.advance(10_000)
  await until(() => byTwo.count === 1)
  byTwo.last.rotate({ accessToken: 'of-two' })
  await until(() => second.isSettled)
  go()
  await until(() => first.isSettled)
  expect(first.value).toMatchObject({ accessToken: 'of-two' })
  expect(second.value).toMatchObject({ accessToken: 'of-two' })
})

// one   claim ── stalls ─────────── too late to send: asks again
// two                 (not there)
test('who stood still between claim and sending does not send what its lease no longer covers', async () => {
  const { coordinator, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'))
  const seen: string[] = []
  let asked = 0
  const call = watch(
    coordinator.refresh('token 1', async (io) => {
      asked += 1
      // Time passes without any timer running, as when a process is stopped.
      if (asked === 1) time.stall(5_001)
      await io.present('https://id.example.test/token', { method: 'POST' })
      seen.push(`sent by ask ${asked}`)
      return tokensOf()
    }),
  )
  await until(() => call.isSettled)
  expect(seen).toEqual(['sent by ask 2'])
  expect(fetch).toHaveBeenCalledTimes(1)
  expect(call.value).toMatchObject({ accessToken: 'access-2' })
  fetch.mockRestore()
})

test('a right that comes back too late is not used: the app’s code is not even asked', async () => {
  const { coordinator, engine, presenter, ask, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  const { claim } = engine
  const slow = vi.spyOn(engine, 'claim').mockImplementationOnce(async (...call) => {
    const claimed = await claim(...call)
    time.stall(5_001)
    return claimed
  })
  void coordinator.refresh('token 1', ask)
  await until(() => presenter.count === 1)
  expect(slow).toHaveBeenCalledTimes(2)
  presenter.last.rotate()
})

test('who always stands still there gives up, says so, and has sent nothing', async () => {
  const { coordinator, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  const fetch = vi.spyOn(globalThis, 'fetch')
  let asked = 0
  const call = watch(
    coordinator.refresh('token 1', async (io) => {
      asked += 1
      time.stall(5_001)
      await io.present('https://id.example.test/token', { method: 'POST' })
      return tokensOf()
    }),
  )
  await until(() => call.isSettled)
  expect(call.error).toMatchObject({ code: 'timeout' })
  expect(String(call.error)).toContain('ran out before it was sent')
  expect(asked).toBe(3)
  expect(fetch).not.toHaveBeenCalled()
  fetch.mockRestore()
})

// sign-out            end ───────────┐
// one   claim ── present ── answer ──┴ publish: ended
test('a sign-out in another process wins over the refresh under way', async () => {
  const revoke = vi.fn(async () => true)
  const { one, two, byOne, askOne } = setUpTwo({ revoke })
  const session = 'session 1'
  const first = watch(one.refresh('token 1', askOne, { session }))
  await until(() => byOne.count > 0)
  await two.end(session)
  byOne.last.rotate({ refreshToken: 'unwanted' })
  await until(() => first.isSettled)
  expect(isAuthRefreshDiscardedError(first.error)).toBe(true)
  expect(revoke.mock.calls.map(([tokens]: unknown[]) => tokens)).toMatchObject([{ refreshToken: 'unwanted' }])
})

// here      claim ── present ── publish: stored ─────── its answer is on the way
// sign-out                              └ end ──┐
// a caller                                      └ joins
test('a result that was published before the sign-out, and comes back after it, is given to nobody and revoked', async () => {
  const revoke = vi.fn(async () => true)
  const { coordinator, engine, presenter, ask } = setUp({ revoke })
  const session = 'session 1'
  const held = holdAnswerOnce(engine, 'publish')
  const before = watch(coordinator.refresh('token 1', ask, { session }))
  await until(() => presenter.count > 0)
  presenter.last.rotate({ refreshToken: 'unwanted' })
  await held.untilThere()
  await coordinator.end(session)
  const after = watch(coordinator.refresh('token 1', ask, { session }))
  held.deliver()
  await until(() => before.isSettled && after.isSettled)
  expect([before.error, after.error].map(isAuthRefreshDiscardedError)).toEqual([true, true])
  expect(revoke.mock.calls.map(([tokens]: unknown[]) => tokens)).toMatchObject([{ refreshToken: 'unwanted' }])
})

// holder   claim ── present ─────────────────── publish: its right is gone; its own callers get it
// reset                   └ reset
// others                        └ claim: taken, present
test('a reset during a hold neither harms the holder nor is undone by it', async () => {
  const { coordinator, engine, presenter, ask } = setUp()
  const before = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  coordinator.reset()
  expect([coordinator.entryCount, engine.size]).toEqual([0, 0])

  const after = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 2)
  presenter.presentations[0]?.rotate({ accessToken: 'from-before' })
  await until(() => before.isSettled)
  expect(before.value).toMatchObject({ accessToken: 'from-before' })
  // The younger refresh is untouched: it stands, it is joined, and it gets its own.
  expect(coordinator.entryCount).toBe(1)
  const joined = watch(coordinator.refresh('token 1', ask))
  await turns()
  expect(after.isSettled).toBe(false)
  presenter.last.rotate({ accessToken: 'from-after' })
  await until(() => after.isSettled && joined.isSettled)
  expect([after.value, joined.value]).toMatchObject([{ accessToken: 'from-after' }, { accessToken: 'from-after' }])
  expect(coordinator.entryCount).toBe(0)
  expect(presenter.count).toBe(2)
})

// here    claim: abandoned, for who began ── claim for who joined: present
// reset          └ reset
test('a reset before a refresh begins anew for who joined it leaves nothing behind', async () => {
  const { engine, create, presenter, ask, time } = setUp()
  // As one that processes share: a reset of this process is none of it.
  const coordinator = create({ engine: { ...engine, reset() {} } })
  await loseAnswer({ coordinator, presenter, ask, time })
  const began = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
  const joined = watch(coordinator.refresh('token 1', ask))
  coordinator.reset()
  await until(() => presenter.count === 2)
  presenter.last.rotate()
  await until(() => began.isSettled && joined.isSettled)
  expect(began.error).toMatchObject({ code: 'refresh_unknown_outcome' })
  expect(joined.value).toMatchObject({ accessToken: 'access-2' })
  expect(coordinator.entryCount).toBe(0)
})

test('what a holder brings after a reset is nowhere to be found', async () => {
  const { coordinator, engine, presenter, ask } = setUp()
  const before = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  coordinator.reset()
  presenter.last.rotate()
  await until(() => before.isSettled)
  expect(engine.size).toBe(0)
  const after = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 2)
  presenter.last.rotate()
  await until(() => after.isSettled)
  expect(coordinator.servedLate).toBe(0)
})

test('a reset while a block runs lets later blocks in, and the block’s end lets nobody in twice', async () => {
  const { coordinator } = setUp()
  let end = (): void => {}
  const holding = coordinator.synchronize('token 1', () => new Promise<void>((resolve) => (end = resolve)))
  await turns()
  coordinator.reset()
  let endYoung = (): void => {}
  let running = 0
  const young = coordinator.synchronize('token 1', async () => {
    running += 1
    await new Promise<void>((resolve) => (endYoung = resolve))
    running -= 1
  })
  const behind = coordinator.synchronize('token 1', async () => running)
  await turns()
  end()
  await holding
  await turns()
  expect(running).toBe(1)
  endYoung()
  await young
  expect(await behind).toBe(0)
  expect(coordinator.entryCount).toBe(0)
})

test('a result that does not open is a miss, never an error: the token is presented', async () => {
  const { coordinator, engine, presenter, ask } = setUp()
  const { publish } = engine
  vi.spyOn(engine, 'publish').mockImplementationOnce((place, holder, sealed, how) =>
    publish(place, holder, sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1), how),
  )
  const first = coordinator.refresh('token 1', ask)
  await until(() => presenter.count === 1)
  presenter.last.rotate()
  expect((await first).accessToken).toBe('access-2')
  const second = coordinator.refresh('token 1', ask)
  await until(() => presenter.count === 2)
  presenter.last.rotate({ accessToken: 'presented' })
  expect((await second).accessToken).toBe('presented')
})

const away = async (): Promise<never> => {
  throw new Error('ECONNREFUSED 127.0.0.1:6379')
}
const deadEngine = { scope: 'cluster', claim: away, publish: away, fail: away, wait: away, end: away } satisfies Engine
const shared = { engine: deadEngine, pepper: 'p'.repeat(32) }
const session = 'session 1'

test.each(['idempotent', 'branches'] as const)(
  'without its engine a process presents by itself where the server is %s, and its own callers share it',
  async (profile) => {
    const { coordinator, presenter, ask } = setUp({ ...shared, profile })
    const calls = [1, 2, 3].map(() => coordinator.refresh('token 1', ask, { session }))
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    expect((await Promise.all(calls)).map(({ accessToken }) => accessToken)).toEqual(Array(3).fill('access-2'))
    expect(presenter.count).toBe(1)
  },
)

test('who presents by itself leaves nothing with an engine that is back since', async () => {
  const { coordinator, engine, presenter, ask } = setUp({ profile: 'idempotent' })
  vi.spyOn(engine, 'claim').mockImplementationOnce(away)
  const keeping = [vi.spyOn(engine, 'publish'), vi.spyOn(engine, 'fail')]
  const call = coordinator.refresh('token 1', ask)
  await until(() => presenter.count > 0)
  presenter.last.rotate()
  expect((await call).accessToken).toBe('access-2')
  for (const keep of keeping) expect(keep).not.toHaveBeenCalled()
})

test.each(['fatal', 'unknown'] as const)(
  'without its engine nothing is presented where the server is %s: a 503 that can be tried again',
  async (profile) => {
    const { coordinator, presenter, ask, time } = setUp({ ...shared, profile })
    await expect(coordinator.refresh('token 1', ask, { session })).rejects.toMatchObject({
      code: 'storage_error',
      status: 503,
      retryAt: time.clock.now() + 1_000,
    })
    expect(presenter.count).toBe(0)
  },
)

test('a sign-out that the engine does not hear fails, and can be tried again', async () => {
  const { coordinator, time } = setUp(shared)
  const again = { code: 'storage_error', status: 503, retryAt: time.clock.now() + 1_000 }
  await expect(coordinator.end(session)).rejects.toMatchObject(again)
})

test('an engine that goes away after the rotation keeps nobody here from the tokens', async () => {
  const { coordinator, engine, presenter, ask } = setUp()
  vi.spyOn(engine, 'publish').mockImplementation(away)
  const calls = [1, 2].map(() => coordinator.refresh('token 1', ask))
  await until(() => presenter.count > 0)
  presenter.last.rotate()
  expect((await Promise.all(calls)).map(({ accessToken }) => accessToken)).toEqual(['access-2', 'access-2'])
})

test('an engine that cannot be waited with is asked again', async () => {
  const { engine, one, two, byOne, askOne, askTwo } = setUpTwo()
  const first = watch(one.refresh('token 1', askOne))
  await until(() => byOne.count > 0)
  vi.spyOn(engine, 'wait').mockImplementationOnce(away)
  const second = watch(two.refresh('token 1', askTwo))
  await turns()
  byOne.last.rotate()
  await until(() => first.isSettled && second.isSettled)
  expect(second.value).toEqual(first.value)
})

test('holders that keep taking the right and leave nothing are not waited for without end', async () => {
  const { coordinator, engine, ask, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  vi.spyOn(engine, 'claim').mockImplementation(async () => ({
    kind: 'held',
    holder: 'somebody',
    note: new Uint8Array(),
    left: 10_000,
  }))
  vi.spyOn(engine, 'wait').mockImplementation(async (_place, _holder, ms) => time.advance(ms))
  await expect(coordinator.refresh('token 1', ask)).rejects.toMatchObject({ code: 'timeout' })
  expect(time.clock.monotonic()).toBe(20_000)
})

test('who has waited for holders as long as it may asks once more before it gives up', async () => {
  const { coordinator, engine, ask, time } = setUp({ requestLimit: 5_000, patience: 600_000 })
  const held = { kind: 'held' as const, holder: 'somebody', note: new Uint8Array(), left: 10_000 }
  const claim = vi.spyOn(engine, 'claim').mockResolvedValue({ kind: 'ended' })
  claim.mockResolvedValueOnce(held).mockResolvedValueOnce(held)
  vi.spyOn(engine, 'wait').mockImplementation(async (_place, _holder, ms) => time.advance(ms))
  await expect(coordinator.refresh('token 1', ask)).rejects.toThrow('A sign-out ended the session')
})
