import { isAuthError, isAuthRetryableFetchError } from '@authflight/client'
import { expect, test } from 'vitest'
import { createNesting } from '../src/nesting.ts'
import { turns, until } from './support/clock.ts'
import { setUp, watch } from './support/set-up.ts'

/** A block that ends when the test says so. */
function createBlock() {
  let end = (): void => {}
  const over = new Promise<void>((resolve) => (end = resolve))
  const block = { isRunning: false, end, run: async () => {} }
  block.run = async () => {
    block.isRunning = true
    await over
  }
  return block
}

test('gives the block’s value, awaited or not, and throws what it throws', async () => {
  const { coordinator } = setUp()
  const thrown = new Error('the block’s own')
  expect(await coordinator.synchronize('token 1', () => 1)).toBe(1)
  expect(await coordinator.synchronize('token 1', async () => 2)).toBe(2)
  await expect(coordinator.synchronize('token 1', () => Promise.reject(thrown))).rejects.toBe(thrown)
  await expect(
    coordinator.synchronize('token 1', () => {
      throw thrown
    }),
  ).rejects.toBe(thrown)
  expect(coordinator.entryCount).toBe(0)
})

test('blocks of one token run one at a time, in order; those of others beside them', async () => {
  const { coordinator } = setUp()
  const [first, second, third, other] = [createBlock(), createBlock(), createBlock(), createBlock()]
  const calls = [first, second, third].map(({ run }) => coordinator.synchronize('token 1', run))
  void coordinator.synchronize('another', other.run)
  await turns()
  expect([first, second, third, other].map(({ isRunning }) => isRunning)).toEqual([true, false, false, true])
  expect(coordinator.entryCount).toBe(2)
  first.end()
  await until(() => second.isRunning)
  expect(third.isRunning).toBe(false)
  second.end()
  await until(() => third.isRunning)
  third.end()
  other.end()
  await Promise.all(calls)
  expect(coordinator.entryCount).toBe(0)
})

test('a block that throws lets the next one in', async () => {
  const { coordinator } = setUp()
  const failing = coordinator.synchronize('token 1', () => Promise.reject(new Error('the block’s own')))
  const next = coordinator.synchronize('token 1', () => 'next')
  await expect(failing).rejects.toThrow('the block’s own')
  expect(await next).toBe('next')
})

test('who waits for longer than its patience goes, and the entry stays while the block runs', async () => {
  const { coordinator, time } = setUp({ patience: 2_000 })
  const block = createBlock()
  const holding = coordinator.synchronize('token 1', block.run)
  const waiting = watch(coordinator.synchronize('token 1', () => 'never'))
  await turns()
  time.advance(2_000)
  await until(() => waiting.isSettled)
  expect(waiting.error).toMatchObject({ code: 'timeout', status: 503, retryAt: time.clock.now() + 1_000 })
  expect(coordinator.entryCount).toBe(1)
  block.end()
  await holding
  expect(coordinator.entryCount).toBe(0)
})

test('a refresh of the token takes its turn after the block, and a block after the refresh', async () => {
  const { coordinator, presenter, ask } = setUp()
  const [before, after] = [createBlock(), createBlock()]
  void coordinator.synchronize('token 1', before.run)
  const refreshing = coordinator.refresh('token 1', ask)
  const last = coordinator.synchronize('token 1', after.run)
  await turns()
  expect(presenter.count).toBe(0)
  before.end()
  await until(() => presenter.count === 1)
  expect(after.isRunning).toBe(false)
  presenter.last.rotate()
  await refreshing
  await until(() => after.isRunning)
  after.end()
  await last
  expect(coordinator.entryCount).toBe(0)
})

test('a refresh that is over is not joined, though its entry is still held by a block', async () => {
  const { coordinator, presenter, ask, time } = setUp({ patience: 60_000 })
  const block = createBlock()
  const first = coordinator.refresh('token 1', ask)
  const behind = coordinator.synchronize('token 1', block.run)
  await until(() => presenter.count === 1)
  presenter.last.rotate()
  await first
  await until(() => block.isRunning)
  time.advance(10_000)
  const second = coordinator.refresh('token 1', ask)
  block.end()
  await behind
  await until(() => presenter.count === 2)
  presenter.last.rotate({ accessToken: 'the-seconds' })
  expect((await second).accessToken).toBe('the-seconds')
})

test('a refresh behind a block that never ends is given up, and says what to look for', async () => {
  const { coordinator, presenter, ask, time } = setUp({ patience: 60_000, requestLimit: 2_000 })
  const block = createBlock()
  void coordinator.synchronize('token 1', block.run)
  const refreshing = watch(coordinator.refresh('token 1', ask))
  await turns()
  time.advance(7_000)
  await until(() => refreshing.isSettled)
  expect(refreshing.error).toMatchObject({ code: 'timeout' })
  expect(String(refreshing.error)).toContain('synchronize()')
  expect(presenter.count).toBe(0)
  block.end()
})

test('the digest is SHA-256 in hex', async () => {
  const { coordinator } = setUp()
  expect(await coordinator.digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

type Where = 'refresh' | 'synchronize'
const places: [Where, Where][] = [
  ['refresh', 'refresh'],
  ['refresh', 'synchronize'],
  ['synchronize', 'refresh'],
  ['synchronize', 'synchronize'],
]

/** Calls one method from inside the other, for the given token. */
function nest({ coordinator, ask }: ReturnType<typeof setUp>, [outer, inner]: [Where, Where], token: string) {
  const call = async (): Promise<unknown> =>
    inner === 'refresh' ? coordinator.refresh(token, ask) : coordinator.synchronize(token, () => 'inner')
  const seen: { inner?: ReturnType<typeof watch> } = {}
  const run = async (): Promise<never> => {
    await Promise.resolve()
    const called = call()
    seen.inner = watch(called)
    await called
    throw new Error('the inner call went through')
  }
  const outside = watch<unknown>(
    outer === 'refresh' ? coordinator.refresh('token 1', run) : coordinator.synchronize('token 1', run),
  )
  return { outside, seen }
}

test.each(places)(
  'inside a %s a %s of the same token is refused at once, and named to both as what no pause ends',
  async (...where) => {
    const parts = setUp()
    const { outside, seen } = nest(parts, where, 'token 1')
    await until(() => outside.isSettled)
    for (const error of [seen.inner?.error, outside.error]) {
      expect([isAuthError(error), isAuthRetryableFetchError(error)]).toEqual([true, false])
      expect(error).toMatchObject({ code: 'unsupported' })
      expect(String(error)).toContain('wait for itself')
    }
    expect(parts.coordinator.entryCount).toBe(0)
  },
)

test('who joins a refresh that calls itself is told the same, and who comes a moment later presents the token', async () => {
  const { coordinator, presenter, ask, time } = setUp()
  const itself = async (): Promise<never> => {
    await coordinator.refresh('token 1', ask)
    throw new Error('the inner call went through')
  }
  const [first, joined] = [1, 2].map(() => watch(coordinator.refresh('token 1', itself)))
  await until(() => first?.isSettled === true && joined?.isSettled === true)
  for (const each of [first, joined]) {
    expect(each?.error).toMatchObject({ code: 'unsupported' })
    expect(isAuthRetryableFetchError(each?.error)).toBe(false)
  }
  time.advance(1)
  const late = watch(coordinator.refresh('token 1', ask))
  await until(() => late.isSettled || presenter.count > 0)
  presenter.last.rotate()
  await until(() => late.isSettled)
  expect(late.value).toMatchObject({ accessToken: 'access-2' })
})

test.each(places)('inside a %s a %s of another token is fine', async (...where) => {
  const parts = setUp()
  const { outside, seen } = nest(parts, where, 'token of another')
  if (where[1] === 'refresh') {
    await until(() => parts.presenter.count > 0)
    parts.presenter.last.rotate()
  }
  await until(() => outside.isSettled)
  expect(seen.inner?.error).toBeUndefined()
  expect(parts.coordinator.entryCount).toBe(0)
})

test.each(places)(
  'without AsyncLocalStorage, inside a %s a %s of the same token ends by its deadline',
  async (...where) => {
    const parts = setUp({ patience: 2_000 }, createNesting(null))
    const { outside, seen } = nest(parts, where, 'token 1')
    await until(() => seen.inner !== undefined)
    await turns()
    expect(seen.inner?.isSettled).toBe(false)
    parts.time.advance(2_000)
    await until(() => outside.isSettled)
    expect(seen.inner?.error).toMatchObject({ code: 'timeout' })
    // A refresh whose caller has gone takes its turn all the same: others may come for what it brings.
    if (where[0] === 'synchronize' && where[1] === 'refresh') {
      await until(() => parts.presenter.count === 1)
      parts.presenter.last.rotate()
    }
    await until(() => parts.coordinator.entryCount === 0)
  },
)

test('two tokens that wait for each other end by the deadline', async () => {
  const { coordinator, time } = setUp({ patience: 2_000 })
  const cross = (one: string, other: string) =>
    watch(
      coordinator.synchronize(one, async () => {
        await turns(3)
        return coordinator.synchronize(other, () => 'through')
      }),
    )
  const calls = [cross('a', 'b'), cross('b', 'a')]
  await turns()
  time.advance(2_000)
  await until(() => calls.every(({ isSettled }) => isSettled))
  expect(calls.some(({ error }) => (error as { code?: string } | undefined)?.code === 'timeout')).toBe(true)
  expect(coordinator.entryCount).toBe(0)
})
