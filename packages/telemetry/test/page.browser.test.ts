import { metrics, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startTelemetry, type Telemetry, type TelemetryOptions } from '../src/index.ts'
import type { Received, SeenMetric, SeenSpan } from './support/receiver.ts'

const receiverPath = '/otlp-receiver'
let telemetry: Telemetry | undefined

afterEach(async () => {
  await telemetry?.shutdown()
  vi.restoreAllMocks()
})

function begin(options: Partial<TelemetryOptions> = {}) {
  const endpoint = `${receiverPath}/${crypto.randomUUID()}`
  telemetry = startTelemetry({ serviceName: 'page', endpoint, ...options })
  return { telemetry, read: () => readFrom(endpoint) }
}

async function readFrom(endpoint: string) {
  const answer = await fetch(endpoint)
  const { received, faults } = (await answer.json()) as { received: Received[]; faults: string[] }
  expect(faults).toEqual([])
  const requests = (path: string) => received.filter((one) => one.path === path)
  const inside = <T>(path: string, ...keys: string[]): T[] =>
    keys.reduce<unknown[]>(
      (found, key) => found.flatMap((one) => (one as Record<string, unknown[] | undefined>)[key] ?? []),
      requests(path).map(({ request }) => request),
    ) as T[]
  return {
    received,
    spans: inside<SeenSpan>('/v1/traces', 'resourceSpans', 'scopeSpans', 'spans').map(({ name }) => name),
    metrics: inside<SeenMetric>('/v1/metrics', 'resourceMetrics', 'scopeMetrics', 'metrics'),
  }
}

/** Requests that outlive their page take their time on a busy machine. */
const patient = { timeout: 20_000 }

const work = (name = 'work') => trace.getTracer('page').startSpan(name).end()

/** Says that the page has been hidden, as a browser does. */
function hide(): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  document.dispatchEvent(new Event('visibilitychange'))
}

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test('a page’s spans and metrics arrive, written as the schema says', async () => {
    const { telemetry, read } = begin({ protocol })
    work()
    metrics.getMeter('page').createCounter('calls').add(1)
    await telemetry.flush()
    const seen = await read()
    expect(seen.spans).toEqual(['work'])
    expect(seen.metrics.map(({ name }) => name)).toEqual(['calls'])
  })
})

test('a page sends what has been since the last time, because nobody adds up for it; what goes up and down is a total', async () => {
  const { telemetry, read } = begin()
  const meter = metrics.getMeter('page')
  const [counter, active] = [meter.createCounter('calls'), meter.createUpDownCounter('active')]
  for (let time = 0; time < 2; time += 1) {
    counter.add(2)
    active.add(1)
    await telemetry.flush()
  }
  const sums = (await read()).metrics.map(({ name, sum }) => [
    name,
    sum?.aggregationTemporality,
    sum?.dataPoints[0]?.['asDouble'],
  ])
  expect(sums).toEqual([
    ['calls', 1, 2],
    ['active', 2, 1],
    ['calls', 1, 2],
    ['active', 2, 2],
  ])
})

test.each([
  ['hidden', hide],
  ['left without being hidden first', () => void window.dispatchEvent(new Event('pagehide'))],
])('a page that is %s hands over at once', async (_, leave) => {
  const { read } = begin()
  work()
  metrics.getMeter('page').createCounter('calls').add(1)
  leave()
  await expect
    .poll(async () => (await read()).received.map(({ path }) => path).toSorted(), patient)
    .toEqual(['/v1/metrics', '/v1/traces'])
})

test('a storm that a hidden page holds arrives whole, in requests that outlive the page', async () => {
  const asked = vi.spyOn(globalThis, 'fetch')
  const { read } = begin()
  for (let count = 0; count < 500; count += 1) {
    trace
      .getTracer('page')
      .startSpan(`span ${count}`, { attributes: { filling: 'x'.repeat(500) } })
      .end()
  }
  hide()
  await expect.poll(async () => (await read()).spans.length, patient).toBe(500)
  const sent = asked.mock.calls.filter(([, init]) => init?.method === 'POST')
  expect(sent.length).toBeGreaterThan(5)
  expect(sent.every(([, init]) => init?.keepalive)).toBe(true)
  expect((await read()).received.every(({ bytes }) => bytes <= 30 * 1024)).toBe(true)
})

test('metrics of many series that a hidden page holds arrive whole, in requests that outlive the page', async () => {
  const asked = vi.spyOn(globalThis, 'fetch')
  const { read } = begin({ protocol: 'http/json' })
  const counter = metrics.getMeter('page').createCounter('calls')
  for (let series = 0; series < 300; series += 1) counter.add(1, { series, filling: 'x'.repeat(500) })
  hide()
  const points = async () => (await read()).metrics.flatMap(({ sum }) => sum?.dataPoints ?? []).length
  await expect.poll(points, patient).toBe(300)
  const sent = asked.mock.calls.filter(([, init]) => init?.method === 'POST')
  expect(sent.length).toBeGreaterThan(5)
  expect(sent.every(([, init]) => init?.keepalive)).toBe(true)
  expect((await read()).received.every(({ bytes }) => bytes <= 30 * 1024)).toBe(true)
})

test('a page that is offline keeps what it has, and sends it when it is back', async () => {
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  const asked = vi.spyOn(globalThis, 'fetch')
  const { telemetry, read } = begin()
  work('offline')
  await telemetry.flush()
  expect(asked).not.toHaveBeenCalled()
  online.mockReturnValue(true)
  window.dispatchEvent(new Event('online'))
  await expect.poll(async () => (await read()).spans, patient).toEqual(['offline'])
})

test('after a shutdown nothing listens and nothing is sent', async () => {
  const listeners = new Set<string>()
  for (const target of [window, document]) {
    vi.spyOn(target, 'addEventListener').mockImplementation((type) => void listeners.add(type))
    vi.spyOn(target, 'removeEventListener').mockImplementation((type) => void listeners.delete(type))
  }
  const { telemetry } = begin()
  expect([...listeners].toSorted()).toEqual(['online', 'pagehide', 'visibilitychange'])
  await telemetry.shutdown()
  expect([...listeners]).toEqual([])
  const asked = vi.spyOn(globalThis, 'fetch')
  work()
  await telemetry.flush()
  expect(asked).not.toHaveBeenCalled()
})
