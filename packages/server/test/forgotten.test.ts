import type { TokenSet } from '@authflight/client'
import { expect, test, vi } from 'vitest'
import { turns, until } from './support/clock.ts'
import { startSdk } from './support/observe.ts'
import { createPresenter } from './support/presenter.ts'
import { holdAnswerOnce, setUp, watch } from './support/set-up.ts'

// The engine forgets a token while it is presented, or has another outcome for it. What comes back then may belong to nobody.

function setUpForgetful(options: Parameters<typeof setUp>[0] = {}) {
  const revoked: (string | null)[] = []
  const revoke = async ({ refreshToken }: TokenSet) => {
    revoked.push(refreshToken)
    return true
  }
  return { ...setUp({ revoke, patience: 1_000, requestLimit: 10_000, ...options }), revoked }
}

/** A caller for whom the token is presented, and who goes. */
async function presentAndGo({ coordinator, presenter, ask, time }: ReturnType<typeof setUpForgetful>) {
  const gone = watch(coordinator.refresh('token 1', ask, { session: 'session 1' }))
  await until(() => presenter.count === 1)
  time.advance(1_000)
  await until(() => gone.isSettled)
}

test.each([
  ['a new token that nobody is left to be given is revoked', 'token 2', ['token 2']],
  ['a token that the server kept is not: its owner holds it', 'token 1', []],
])('%s', async (_, refreshToken, expected) => {
  const world = setUpForgetful()
  await presentAndGo(world)
  world.engine.reset()
  world.presenter.last.rotate({ refreshToken })
  await until(() => world.coordinator.entryCount === 0)
  await turns()
  expect(world.revoked).toEqual(expected)
})

test('a token that somebody waits for is given, and not revoked', async () => {
  const { coordinator, engine, presenter, ask, revoked } = setUpForgetful()
  const call = coordinator.refresh('token 1', ask)
  await until(() => presenter.count === 1)
  engine.reset()
  presenter.last.rotate()
  expect((await call).refreshToken).toBe('token 2')
  await turns()
  expect(revoked).toEqual([])
})

// one        claim ── present ········ its limit ····························· the answer: superseded
// two                                      └── claim ── present ── publish ──────┘
test('a token in whose place another stands is not revoked: both may be of one grant', async () => {
  const world = setUpForgetful()
  const { create, presenter, time, engine, revoked } = world
  await presentAndGo(world)
  time.advance(9_000)
  await until(() => world.coordinator.entryCount === 0)
  time.advance(60_000)
  const other = createPresenter()
  const call = create().refresh('token 1', other.ask, { session: 'session 1' })
  await until(() => other.count === 1)
  other.last.rotate({ refreshToken: 'token 3' })
  expect((await call).refreshToken).toBe('token 3')
  const publish = vi.spyOn(engine, 'publish')
  presenter.last.rotate()
  await until(() => publish.mock.calls.length === 1)
  await turns()
  expect(await publish.mock.results[0]?.value).toMatchObject({ kind: 'superseded', outcome: {} })
  expect(revoked).toEqual([])
})

// one        claim ── present ── publish: superseded by nothing ─── its answer is on the way
// sign-out                                          └── end ──┘
test.each(['fatal', 'idempotent'] as const)(
  'a token that nobody knows of is revoked once where its session is ended then, and the server is %s',
  async (profile) => {
    const { spans } = startSdk()
    const world = setUpForgetful({ profile })
    const { coordinator, engine, presenter, revoked } = world
    await presentAndGo(world)
    engine.reset()
    const held = holdAnswerOnce(engine, 'publish')
    presenter.last.rotate()
    await held.untilThere()
    await coordinator.end('session 1')
    held.deliver()
    await until(() => coordinator.entryCount === 0)
    await turns()
    expect(spans('authflight.discard')).toHaveLength(1)
    expect(revoked).toEqual(['token 2'])
  },
)
