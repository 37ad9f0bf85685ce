import { serverError } from '@authflight/testing'
import { play, schedules } from '@authflight/testing/explorer'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { readRegistry, type Signal } from '../../../../scripts/lib/registry.mjs'
import { memoryStore } from '../../src/index.ts'
import type { Attributes } from '@opentelemetry/api'
import { refreshMeanwhile, setUp } from '../support/app.ts'
import { register, type Series, startMeters } from '../support/measure.ts'
import { recordAll, startSdk } from '../support/observe.ts'
import { quiet } from '../support/quiet.ts'
import { openTwoTabs } from '../support/tabs.ts'

/** Such as `wait.duration outcome=rotated: 49`. */
const describe = ({ metric, attributes, count }: Series): string => {
  const last = (key: string): string => key.split('.').at(-1) ?? key
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${last(key)}=${String(value)}`)
  return `${metric.replace('authflight.', '')}${pairs.join('')}: ${count}`
}
const seen = ({ metric, attributes, count }: Series) => [metric, attributes, count]
const defined = new Map(readRegistry().metrics.map((metric) => [metric.name, metric]))

/** Names a series by its metric and its attributes. */
const keyOf = (metric: string, attributes: readonly (readonly [string, unknown])[]): string =>
  [
    metric,
    ...attributes
      .filter(([, value]) => value !== undefined)
      .map((pair) => pair.join('='))
      .toSorted(),
  ].join(' ')

/** A sign-in, a storm, a caller that leaves, a discard; of another user one whose patience ends, and a failure. */
async function live(options: Parameters<ReturnType<typeof setUp>['createClient']>[0] = {}) {
  const { server, createClient, signIn } = setUp()
  const auth = createClient(options)
  await signIn(auth)
  await Promise.all(Array.from({ length: 50 }, () => auth.refreshSession()))
  const leave = new AbortController()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const staying = auth.refreshSession()
  const leaving = auth.refreshSession({ signal: leave.signal })
  await gate.arrived
  leave.abort()
  await leaving
  await auth.signOut()
  gate.release()
  await staying

  const storage = memoryStore()
  const grace = createClient({ ...options, storage })
  await signIn(grace, 'grace')
  const hasty = createClient({ ...options, storage, patience: 30 })
  await vi.waitFor(async () => expect((await hasty.getSession()).error).toBeNull())
  const late = server.hold({ when: 'after', grant: 'refresh_token' })
  await Promise.all([hasty.refreshSession(), hasty.refreshSession()])
  late.release()
  await vi.waitFor(() => expect(grace.getSnapshot()).toMatchObject({ session: { revision: 2 } }), { timeout: 5_000 })
  server.faults.next(serverError(), { grant: 'refresh_token' })
  await grace.refreshSession()
  return { server, signIn, dispose: () => [auth, grace, hasty].forEach((client) => client.dispose()) }
}

test('what happened is counted, by enum members only', async () => {
  const read = startMeters()
  await live()
  await expect.poll(() => read('authflight.discards')).toHaveLength(1)
  const series = await read()
  const text = series.filter(({ metric }) => !metric.endsWith('.active')).map(describe)
  expect(text.toSorted()).toEqual([
    'discards reason=signed_out: 1',
    'refresh.duration trigger=forced outcome=discarded: 1',
    'refresh.duration trigger=forced outcome=failed type=server_error: 1',
    'refresh.duration trigger=forced outcome=rotated: 2',
    'session.ended reason=user: 1',
    'sign_ins method=callback outcome=done: 2',
    'sign_ins method=start outcome=done: 2',
    'token_requests status_code=200: 5',
    'token_requests status_code=500 type=server_error: 1',
    'wait.duration outcome=left: 1',
    'wait.duration outcome=rotated: 49',
    'wait.duration outcome=timeout: 1',
  ])
  for (const { metric, unit, boundaries, attributes } of series) {
    const { unit: told, annotations, refs } = defined.get(metric) ?? {}
    expect([metric, unit, boundaries]).toEqual([metric, told, annotations?.boundaries ?? null])
    const keys: string[] = refs?.map(({ ref }) => ref) ?? []
    expect(keys).toEqual(expect.arrayContaining(Object.keys(attributes)))
  }
})

/** Two tabs of one user; the second waits until the first has what both want. */
async function contend({ server, signIn }: Pick<ReturnType<typeof setUp>, 'server' | 'signIn'>) {
  const recorded = recordAll()
  const [one, two] = await openTwoTabs(server, signIn)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const presenting = one.refreshSession()
  await gate.arrived
  const asking = two.refreshSession()
  await vi.waitFor(() => expect(recorded.named('authflight.contention')).not.toEqual([]))
  gate.release()
  await Promise.all([presenting, asking])
  return { one, two }
}

test('each metric of the registry is measured, and nothing else', async () => {
  const read = startMeters()
  await contend(await live())
  await expect.poll(() => read('authflight.discards')).toHaveLength(1)
  const series = await read()
  expect(new Set(series.map(({ metric }) => metric))).toEqual(new Set(defined.keys()))
  expect(series.filter(({ metric }) => metric === 'authflight.contention.duration').map(describe)).toEqual([
    'contention.duration kind=claim_wait resolution=adopted: 1',
  ])
})

test('whatever happens in several tabs, what is counted is what the records of it say, and under way is what they leave open', async () => {
  const read = startMeters()
  // A store that fails says so.
  quiet()
  const expected = new Map<string, { count: number; sum: number }>()
  const add = (metric: Signal, attributes: Attributes, more: number): void => {
    const key = keyOf(
      metric.name,
      metric.refs.map(({ ref }) => [ref, attributes[ref]]),
    )
    const { count, sum } = expected.get(key) ?? { count: 0, sum: 0 }
    expected.set(key, { count: metric.instrument === 'updowncounter' ? count + more : count + 1, sum: sum + more })
  }
  for (const schedule of fc.sample(schedules, { numRuns: 150, seed: 5 })) {
    const { history } = await play(schedule)
    for (const metric of defined.values()) {
      for (const { record } of history.records.filter((one) => one.record.name === metric.annotations?.operation)) {
        const { attributes, startedAt, endedAt } = record
        const isOver = endedAt !== undefined
        // A tab that crashes ends nothing that it began.
        if (metric.instrument === 'updowncounter') add(metric, attributes, isOver ? -1 : 1)
        else if (isOver) add(metric, attributes, metric.instrument === 'counter' ? 1 : (endedAt - startedAt) / 1_000)
      }
    }
  }

  const counted = (await read()).map(({ metric, attributes, count, sum }) => {
    return [keyOf(metric, Object.entries(attributes)), { count, sum }]
  })
  const close = [...expected].map(([key, { count, sum }]) => [key, { count, sum: expect.closeTo(sum, 3) as unknown }])
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(close))
  expect(counted.length).toBeGreaterThan(40)
}, 120_000)

test.each([
  ['with records', {}],
  ['without records', { recorder: 'off' as const }],
])('what goes up comes down, %s: at the end nothing is under way', async (_, options) => {
  const read = startMeters()
  const { dispose } = await live(options)
  dispose()
  expect((await read()).filter(({ metric }) => metric.endsWith('.active')).map(seen)).toEqual([
    ['authflight.refresh.active', {}, 0],
    ['authflight.wait.active', {}, 0],
  ])
})

test.each([
  ['records only', () => {}, {}],
  ['spans and records', startSdk, {}],
  ['neither', () => {}, { recorder: 'off' as const }],
  ['spans only', startSdk, { recorder: 'off' as const }],
])('every caller of a storm is counted once, beside %s', async (_, begin, options) => {
  begin()
  const read = startMeters()
  const { server, createClient, signIn } = setUp()
  const auth = createClient(options)
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const storm = Array.from({ length: 100 }, () => auth.refreshSession())
  await gate.arrived
  expect((await read('authflight.wait.active')).map(seen)).toEqual([['authflight.wait.active', {}, 99]])
  gate.release()
  await Promise.all(storm)
  expect((await read('authflight.wait.duration')).map(({ count }) => count)).toEqual([99])
  expect((await read('authflight.wait.active')).map(({ count }) => count)).toEqual([0])
})

test('the end of a session is counted by each client that sees it, and all name one session', async () => {
  const { spans } = startSdk()
  const read = startMeters()
  const { server, signIn } = setUp()
  const [one, two] = await openTwoTabs(server, signIn)
  server.revokeSessions()
  await one.refreshSession()
  await vi.waitFor(() => expect(two.getSnapshot().status).toBe('signed-out'))

  const counted = await read('authflight.session.ended')
  expect(counted.map(({ attributes, count }) => [attributes, count])).toEqual([
    [{ 'authflight.session_end.reason': 'rejected' }, 2],
  ])
  const ends = spans('authflight.session_end')
  expect(ends).toHaveLength(2)
  expect(new Set(ends.map(({ attributes }) => attributes['authflight.session.id'])).size).toBe(1)
})

test('the end of a session that no client is left to see is not counted', async () => {
  const { spans } = startSdk()
  const read = startMeters()
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  server.revokeSessions()
  await refreshMeanwhile(server, auth, () => auth.dispose())

  const rejected = { attributes: { 'authflight.refresh.outcome': 'rejected' } }
  await vi.waitFor(() => expect(spans('authflight.refresh')).toMatchObject([rejected]))
  expect(spans('authflight.session_end')).toEqual([])
  expect(await read('authflight.session.ended')).toEqual([])
})

test('durations are seconds', async () => {
  const read = startMeters()
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const begun = performance.now()
  const refreshing = auth.refreshSession()
  await gate.arrived
  gate.release()
  await refreshing
  const [series] = await read('authflight.refresh.duration')
  const sum = series?.sum ?? 0
  expect(sum).toBeGreaterThan(0)
  expect(sum).toBeLessThanOrEqual((performance.now() - begun) / 1_000)
})

test('an SDK that is registered after the client was made is told from then on', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  await auth.refreshSession()
  const read = startMeters()
  await auth.refreshSession()
  expect((await read('authflight.refresh.duration')).map(({ count }) => count)).toEqual([1])
})

test('a flight that began under one SDK ends under it, also when another took its place', async () => {
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const before = startMeters()
  const gate = server.hold({ when: 'after', grant: 'refresh_token' })
  const refreshing = auth.refreshSession()
  await gate.arrived
  const { metrics } = await import('@opentelemetry/api')
  metrics.disable()
  const after = startMeters()
  gate.release()
  await refreshing
  expect((await before('authflight.refresh.active')).map(({ count }) => count)).toEqual([0])
  expect(await after('authflight.refresh.active')).toEqual([])
})

test('an SDK is asked for its instruments once, not once a flight', async () => {
  const createHistogram = vi.fn(() => ({ record() {} }))
  const counter = { add() {} }
  const meter = { createHistogram, createCounter: () => counter, createUpDownCounter: () => counter }
  const getMeter = vi.fn(() => meter as never)
  register({ getMeter })
  await live()
  expect(getMeter).toHaveBeenCalledOnce()
  expect(createHistogram).toHaveBeenCalledTimes(3)
})
