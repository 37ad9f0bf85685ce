import { expect, type Mock, test, vi } from 'vitest'
import { turns, until } from './support/clock.ts'
import { startSdk } from './support/observe.ts'
import { busy, createPresenter, refused, tokensOf } from './support/presenter.ts'
import { holdAnswerOnce, setUp, watch } from './support/set-up.ts'

// Two coordinators on one engine stand for two processes. The engine cannot be reached for the first so many publications.

const away = async (): Promise<never> => {
  throw new Error('ECONNREFUSED 127.0.0.1:6379')
}

function setUpAway(times: number, options: Parameters<typeof setUp>[0] = {}) {
  const world = setUp({ requestLimit: 10_000, ...options })
  const other = createPresenter()
  const publish = vi.spyOn(world.engine, 'publish')
  const fail = vi.spyOn(world.engine, 'fail')
  for (let time = 0; time < times; time += 1) {
    publish.mockImplementationOnce(away)
    fail.mockImplementationOnce(away)
  }
  const waiting = vi.spyOn(world.engine, 'wait')
  return { ...world, other, publish, fail, waiting, elsewhere: world.create() }
}

/** Lets so much time pass after each try, the second included: the first is followed by it at once. */
async function passAfterEach(tries: Mock, time: { advance(ms: number): void }, pauses: number[]): Promise<void> {
  for (const [at, pause] of pauses.entries()) {
    await until(() => tries.mock.calls.length === at + 2)
    await turns()
    time.advance(pause - 1)
    await turns()
    expect(tries).toHaveBeenCalledTimes(at + 2)
    time.advance(1)
  }
}

// here        claim ── present ── publish: away ·· publish: away ·· publish: stored
// elsewhere       └── wait ───────────────────────────────────────────────┴ the outcome
test('tokens that the engine did not hear of are given here at once, and elsewhere when it is back', async () => {
  const { coordinator, elsewhere, presenter, other, ask, time, publish, waiting } = setUpAway(3)
  const here = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  const there = watch(elsewhere.refresh('token 1', other.ask))
  await until(() => waiting.mock.calls.length === 1)
  presenter.last.rotate({ expiresIn: 300 })
  await until(() => here.isSettled)
  expect(here.value).toMatchObject({ accessToken: 'access-2', expiresIn: 300 })
  await passAfterEach(publish, time, [100, 200])
  await until(() => there.isSettled)
  expect(there.value).toMatchObject({ accessToken: 'access-2', expiresIn: 299 })
  expect(publish.mock.lastCall).toMatchObject([{}, {}, {}, { awaited: true }])
  expect(other.count).toBe(0)
  expect(time.timers).toBe(1) // the engine's own
})

test('a failure that the engine did not hear of is told elsewhere when it is back', async () => {
  const { coordinator, elsewhere, presenter, other, ask, time, fail, waiting } = setUpAway(2)
  const here = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  const there = watch(elsewhere.refresh('token 1', other.ask))
  await until(() => waiting.mock.calls.length === 1)
  presenter.last.answer(refused())
  await until(() => here.isSettled)
  await passAfterEach(fail, time, [100])
  await until(() => there.isSettled)
  expect(there.error).toMatchObject({ code: 'session_ended' })
  expect(other.count).toBe(0)
})

test.each([
  ['what is left of a pause is told elsewhere', 2, 4_900, 4_900],
  ['a pause that is over is told nobody for long', 14, 0, 1],
])('%s when the engine is back', async (_, times, told, ttl) => {
  const { coordinator, presenter, ask, time, fail } = setUpAway(times)
  const here = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  presenter.last.answer(busy(5_000))
  await until(() => here.isSettled)
  await passAfterEach(fail, time, [100, 200, 400, ...Array<number>(20).fill(500)].slice(0, times - 1))
  await until(() => fail.mock.calls.length === times + 1)
  await turns()
  const late = coordinator.refresh('token 1', ask)
  await expect(late).rejects.toMatchObject({ retryAt: time.clock.now() + told })
  time.advance(ttl)
  void coordinator.refresh('token 1', ask)
  await until(() => presenter.count === 2)
})

test.each([
  ['tokens that somebody was given', false, tokensOf()],
  ['a failure that nobody was told', true, refused()],
])('an engine that stays away is no longer told when the lease is over: %s', async (_, leaves, answer) => {
  // The last pause would end with it.
  const { coordinator, presenter, ask, time, publish, fail } = setUpAway(100, { requestLimit: 10_200 })
  const tries = answer.kind === 'tokens' ? publish : fail
  const leave = new AbortController()
  const here = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
  await until(() => presenter.count === 1)
  if (leaves) leave.abort()
  await until(() => !leaves || here.isSettled)
  presenter.last.answer(answer)
  await until(() => tries.mock.calls.length === 2)
  await turns()
  expect([time.timers, time.foregroundTimers]).toEqual([2, 0]) // the engine's own, and this one
  await passAfterEach(tries, time, [100, 200, 400, ...Array<number>(28).fill(500)])
  await until(() => tries.mock.calls.length === 33)
  await turns()
  time.advance(60_000)
  await turns()
  expect(tries).toHaveBeenCalledTimes(33)
})

test('tokens that nobody was given are told the engine for as long as they would wait there', async () => {
  const { coordinator, elsewhere, presenter, other, ask, time, publish } = setUpAway(84)
  const signal = AbortSignal.timeout(0)
  const here = watch(coordinator.refresh('token 1', ask, { signal }))
  await until(() => presenter.count === 1 && here.isSettled)
  presenter.last.rotate()
  const pauses = [100, 200, 400, ...Array<number>(80).fill(500)]
  await passAfterEach(publish, time, pauses)
  await until(() => publish.mock.calls.length === 85)
  await turns()
  time.advance(600_000)
  expect(await elsewhere.refresh('token 1', other.ask)).toMatchObject({ accessToken: 'access-2' })
  expect(other.count).toBe(0)
})

// here       claim ── present ── publish: away ············ publish: ended → revoked
// sign-out                            └── end ─────────────────┘
test('tokens of which the engine hears after the sign-out are revoked', async () => {
  const revoke = vi.fn(async () => true)
  const { coordinator, elsewhere, presenter, ask, time, publish } = setUpAway(2, { revoke })
  const here = watch(coordinator.refresh('token 1', ask, { session: 'session 1' }))
  await until(() => presenter.count === 1)
  presenter.last.rotate({ refreshToken: 'unwanted' })
  await until(() => here.isSettled)
  await elsewhere.end('session 1')
  await passAfterEach(publish, time, [100])
  await until(() => revoke.mock.calls.length > 0)
  expect(revoke.mock.calls.map(([tokens]: unknown[]) => tokens)).toMatchObject([{ refreshToken: 'unwanted' }])
})

// here       claim ── present ── publish: on its way ─── away ·· publish: ended
// sign-out                              └── end ──┘
test.each([
  ['tokens', tokensOf({ refreshToken: 'unwanted' }), ['done']],
  ['a failure', refused(), [undefined]],
])('%s of a session that is ended while the engine goes away are discarded once', async (_, answer, discards) => {
  const { spans } = startSdk()
  const revoke = vi.fn(async () => true)
  const { coordinator, presenter, ask, publish, fail } = setUpAway(0, { revoke })
  let goAway = (): void => {}
  const going = new Promise<never>((_resolve, reject) => (goAway = () => reject(new Error('ECONNRESET'))))
  for (const keep of [publish, fail]) keep.mockImplementationOnce(() => going)
  const tries = () => publish.mock.calls.length + fail.mock.calls.length
  const here = watch(coordinator.refresh('token 1', ask, { session: 'session 1' }))
  await until(() => presenter.count === 1)
  presenter.last.answer(answer)
  await until(() => tries() === 1)
  await coordinator.end('session 1')
  goAway()
  await until(() => here.isSettled && tries() === 2)
  await turns()
  const seen = spans('authflight.discard').map(({ attributes }) => attributes['authflight.discard.revocation'])
  expect(seen).toEqual(discards)
  expect(revoke).toHaveBeenCalledTimes(discards.filter(Boolean).length)
})

// here       claim ── present ····· its limit ── the answer ── publish: away ·· publish: ended
// sign-out                └── end ───┘
test('what comes after its limit and after the sign-out is revoked, too, when the engine is back', async () => {
  const revoke = vi.fn(async () => true)
  const { coordinator, presenter, ask, time, publish } = setUpAway(1, { revoke })
  const here = watch(coordinator.refresh('token 1', ask, { session: 'session 1' }))
  await until(() => presenter.count === 1)
  await coordinator.end('session 1')
  time.advance(10_000)
  await until(() => here.isSettled)
  presenter.last.rotate()
  await until(() => publish.mock.calls.length === 2)
  await turns()
  expect(revoke).toHaveBeenCalledTimes(1)
})

// here       claim ── present ── publish: away ·· the engine forgets ·· publish: superseded by nothing
test.each([
  ['tokens that nobody was given', false, tokensOf(), 1],
  ['a failure', false, refused(), 0],
  ['what the server keeps a token for', false, tokensOf({ refreshToken: 'token 1' }), 0],
  ['tokens that somebody was given', true, tokensOf(), 0],
])(
  'of what the engine has forgotten when it is back only tokens that nobody has are a discard: %s',
  async (_, isGiven, answer, discards) => {
    const { spans } = startSdk()
    const revoke = vi.fn(async () => true)
    const { coordinator, presenter, ask, time, engine, publish, fail } = setUpAway(2, { revoke, patience: 1_000 })
    const here = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count === 1)
    if (!isGiven) time.advance(1_000)
    await until(() => isGiven || here.isSettled)
    presenter.last.answer(answer)
    const tries = () => publish.mock.calls.length + fail.mock.calls.length
    await until(() => tries() === 2)
    await turns()
    engine.reset()
    time.advance(100)
    await until(() => tries() === 3)
    await turns()
    const reasons = spans('authflight.discard').map(({ attributes }) => attributes['authflight.discard.reason'])
    expect(reasons).toEqual(Array(discards).fill('cleared'))
    expect(revoke).not.toHaveBeenCalled()
  },
)

/** Another process presents and dies. */
async function die({ create, engine, presenter, ask }: ReturnType<typeof setUpAway>) {
  const never = (): Promise<never> => new Promise(() => {})
  const dying = create({ engine: { ...engine, publish: never, fail: never } })
  void dying.refresh('token 1', ask).catch(() => {})
  await until(() => presenter.count === 1)
}

/** The same, and whoever waited for that one goes. */
async function loseAnAnswer(world: ReturnType<typeof setUpAway>) {
  const { elsewhere, other, waiting, time } = world
  await die(world)
  const gone = watch(elsewhere.refresh('token 1', other.ask))
  await until(() => waiting.mock.calls.length === 1)
  time.advance(1_000)
  await until(() => gone.isSettled)
  expect(gone.error).toMatchObject({ code: 'timeout' })
}

// one        claim ── present, and dies
// two            └── wait ··· its caller goes ··· lease runs out ── claim: abandoned
test('a token that was perhaps presented is not presented again where nobody waits for that any more', async () => {
  const world = setUpAway(0, { patience: 1_000 })
  const { elsewhere, other, time } = world
  await loseAnAnswer(world)
  time.advance(14_000)
  await until(() => elsewhere.entryCount === 0)
  expect(other.count).toBe(0)
  // Who comes now, with nothing to lose, presents.
  void elsewhere.refresh('token 1', other.ask)
  await until(() => other.count === 1)
})

test('who comes while a refresh that everybody had left is told so is presented for', async () => {
  const world = setUpAway(0, { patience: 1_000 })
  const { elsewhere, other, time, engine } = world
  await loseAnAnswer(world)
  const held = holdAnswerOnce(engine, 'claim')
  time.advance(14_000)
  await held.untilThere()
  void elsewhere.refresh('token 1', other.ask)
  await turns()
  expect(other.count).toBe(0)
  held.deliver()
  await until(() => other.count === 1)
})

/** Takes the right that a dead process has left, and its only caller goes before it is there. */
async function takeAndGo(world: ReturnType<typeof setUpAway>) {
  const { elsewhere, other, time, engine } = world
  await die(world)
  time.advance(15_000)
  const claim = holdAnswerOnce(engine, 'claim')
  const leave = new AbortController()
  const gone = watch(elsewhere.refresh('token 1', other.ask, { signal: leave.signal }))
  await claim.untilThere()
  leave.abort()
  await until(() => gone.isSettled)
  return claim
}

// one        claim ── present, and dies
// two                     └── claim: taken, on its way ── its caller goes ── left as it was found
test('a token that was perhaps presented is left alone, too, where everybody goes while the right is on its way', async () => {
  const { spans } = startSdk()
  const world = setUpAway(0)
  const { elsewhere, other } = world
  const claim = await takeAndGo(world)
  claim.deliver()
  await until(() => elsewhere.entryCount === 0)
  expect(other.count).toBe(0)
  expect(spans('authflight.contention')).toEqual([])
  const live = elsewhere.refresh('token 1', other.ask, { hasLiveAccessToken: true })
  await expect(live).rejects.toMatchObject({ code: 'refresh_unknown_outcome' })
  // Who comes now, with nothing to lose, presents.
  const dead = watch(elsewhere.refresh('token 1', other.ask))
  await until(() => other.count === 1 || dead.isSettled)
  expect(dead.error).toBeUndefined()
})

test('where the token may be presented again it is, for whoever comes next', async () => {
  const world = setUpAway(0, { profile: 'idempotent' })
  const claim = await takeAndGo(world)
  claim.deliver()
  await until(() => world.other.count === 1)
})

test('who comes while the right is left as it was found is presented for, and a refusal then is a lost answer', async () => {
  const { spans } = startSdk()
  const world = setUpAway(0)
  const { elsewhere, other, engine } = world
  const claim = await takeAndGo(world)
  const leaving = holdAnswerOnce(engine, 'fail')
  claim.deliver()
  await leaving.untilThere()
  const young = watch(elsewhere.refresh('token 1', other.ask))
  await turns()
  expect(other.count).toBe(0)
  leaving.deliver()
  await until(() => other.count === 1)
  other.last.answer(refused())
  await until(() => young.isSettled)
  const seen = (name: string, attribute: string) => spans(name).map(({ attributes }) => attributes[attribute])
  expect(seen('authflight.session_end', 'authflight.session_end.reason')).toEqual(['lost_answer'])
  expect(seen('authflight.contention', 'authflight.contention.kind')).toEqual(['claim_orphaned'])
})

test('an engine that goes away then is not told: the right runs out', async () => {
  const world = setUpAway(1)
  const { elsewhere, other, time } = world
  const claim = await takeAndGo(world)
  claim.deliver()
  await until(() => elsewhere.entryCount === 0)
  time.advance(15_000)
  const live = elsewhere.refresh('token 1', other.ask, { hasLiveAccessToken: true })
  await expect(live).rejects.toMatchObject({ code: 'refresh_unknown_outcome' })
})
