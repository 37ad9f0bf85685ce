import { metrics, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startTelemetry, type TelemetryOptions } from '../src/index.ts'

const good: TelemetryOptions = { serviceName: 'shop', endpoint: 'https://collector.example.test' }

afterEach(() => {
  trace.disable()
  metrics.disable()
})

/** What goes out for one span, without a network. */
async function send(options: TelemetryOptions) {
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'))
  onTestFinished(() => asked.mockRestore())
  const telemetry = startTelemetry(options)
  trace.getTracer('app').startSpan('work').end()
  await telemetry.shutdown()
  return asked.mock.calls.map(([url, init]) => ({ url: url as string, init }))
}

test.each([
  ['https://collector.example.test', 'https://collector.example.test/v1/traces'],
  ['https://collector.example.test/', 'https://collector.example.test/v1/traces'],
  ['https://collector.example.test/otlp//', 'https://collector.example.test/otlp/v1/traces'],
  ['http://127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces'],
])('spans for %s go to %s', async (endpoint, expected) => {
  expect((await send({ ...good, endpoint })).map(({ url }) => url)).toEqual([expected])
})

test('a request says how it is written, whatever the app’s headers say', async () => {
  const [sent] = await send({ ...good, protocol: 'http/json', headers: { 'Content-Type': 'text/plain', 'X-Key': 'a' } })
  expect([...new Headers(sent?.init?.headers)]).toEqual([
    ['content-type', 'application/json'],
    ['x-key', 'a'],
  ])
})

test('headers may have no prototype', async () => {
  const headers = Object.assign(Object.create(null) as Record<string, string>, { 'x-key': 'a' })
  expect(new Headers((await send({ ...good, headers }))[0]?.init?.headers).get('x-key')).toBe('a')
})

test('a second start that is refused leaves no timer behind', async () => {
  const telemetry = startTelemetry(good)
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers()
  expect(() => startTelemetry(good)).toThrow(expect.objectContaining({ code: 'already_started' }))
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  await telemetry.shutdown()
})

test('what the app changes in its options later is not followed', async () => {
  const headers: Record<string, string> = { 'x-key': 'one' }
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('{}'))
  onTestFinished(() => asked.mockRestore())
  const telemetry = startTelemetry({ ...good, headers })
  headers['x-key'] = 'two'
  trace.getTracer('app').startSpan('work').end()
  await telemetry.shutdown()
  expect(new Headers(asked.mock.calls[0]?.[1]?.headers).get('x-key')).toBe('one')
})

describe('options that cannot be meant', () => {
  const cases: [string, unknown, RegExp][] = [
    ['nothing', undefined, /takes an object/],
    ['null', null, /takes an object/],
    ['an unknown name', { ...good, url: 'x' }, /no option `url`.*endpoint/],
    ['no name', { endpoint: good.endpoint }, /`serviceName` is missing/],
    ['a blank name', { ...good, serviceName: ' ' }, /`serviceName` takes a name/],
    ['no endpoint', { serviceName: 'shop' }, /`endpoint` is missing/],
    ['an endpoint that is no text', { ...good, endpoint: {} }, /`endpoint` is no address/],
    ['an endpoint without an origin, outside a page', { ...good, endpoint: '/otlp' }, /`endpoint` is no address/],
    ['an endpoint of another scheme', { ...good, endpoint: 'grpc://canary' }, /https or http/],
    ['an endpoint with a password', { ...good, endpoint: 'https://a:canary@example.test' }, /key in `headers`/],
    ['an endpoint with a query', { ...good, endpoint: 'https://example.test/?key=canary' }, /without `\?`/],
    ['the address of a signal', { ...good, endpoint: 'https://example.test/v1/traces' }, /leave `\/v1\/traces` away/],
    ['a header that is no text', { ...good, headers: { 'x-key': 7 } }, /header `x-key` takes a text/],
    [
      'a header with a line break',
      { ...good, headers: { 'x-key': 'a\r\ncanary: b' } },
      /header `x-key` cannot be sent/,
    ],
    ['a header of an impossible name', { ...good, headers: { 'x key': 'canary' } }, /header `x key` cannot be sent/],
    ['headers that are none', { ...good, headers: 'canary' }, /`headers` takes an object/],
    ['headers in a Headers', { ...good, headers: new Headers({ 'x-key': 'canary' }) }, /`headers` takes an object/],
    ['headers in a Map', { ...good, headers: new Map([['x-key', 'canary']]) }, /`headers` takes an object/],
    ['a resource in a Map', { ...good, resource: new Map([['a', 'canary']]) }, /`resource` takes an object/],
    ['a protocol that is none', { ...good, protocol: 'grpc' }, /`protocol` takes 'http\/protobuf' or 'http\/json'/],
    ['a share above 1', { ...good, sampler: 1.5 }, /share from 0 to 1/],
    ['a share that is no number', { ...good, sampler: Number.NaN }, /share from 0 to 1/],
    ['a sampler that is none', { ...good, sampler: {} }, /share from 0 to 1, or a sampler/],
    ['a null sampler', { ...good, sampler: null }, /share from 0 to 1, or a sampler/],
    ['a resource that is none', { ...good, resource: 'canary' }, /`resource` takes an object/],
    ['a resource with an object in it', { ...good, resource: { a: {} } }, /resource attribute `a` takes/],
    [
      'spans of attempts that are neither on nor off',
      { ...good, attemptSpans: 'off' },
      /`attemptSpans` takes true or false/,
    ],
  ]
  test.each(cases)(
    '%s: an error that names the fault, repeats no value, and registers nothing',
    (_, options, message) => {
      const begin = () => startTelemetry(options as TelemetryOptions)
      expect(begin).toThrow(expect.objectContaining({ name: 'TelemetryError', code: 'invalid_option' }))
      expect(begin).toThrow(message)
      expect(begin).not.toThrow(/canary/)
      expect(trace.getTracer('app').startSpan('none').isRecording()).toBe(false)
    },
  )
})

describe('hostile surroundings', () => {
  const begin = (answer: () => Promise<Response>) => {
    const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(answer)
    onTestFinished(() => asked.mockRestore())
    return { asked, telemetry: startTelemetry(good) }
  }
  const fail = () => {
    throw new Error('canary')
  }

  test.each([
    ['a fetch that throws', fail],
    ['a fetch that rejects', async () => fail()],
    ['a receiver that answers nonsense', async () => new Response('<html>', { status: 500 })],
  ])('%s harms nobody', async (_, answer) => {
    const { telemetry } = begin(answer)
    trace.getTracer('app').startSpan('work').end()
    await telemetry.flush()
    await telemetry.shutdown()
  })

  test('a sampler that throws is the app’s own fault, and telemetry goes on', async () => {
    const { asked, telemetry } = begin(async () => new Response('{}'))
    await telemetry.shutdown()
    const other = startTelemetry({ ...good, sampler: { shouldSample: fail, toString: () => 'mine' } })
    expect(() => trace.getTracer('app').startSpan('work')).toThrow('canary')
    await other.shutdown()
    expect(asked).not.toHaveBeenCalled()
  })

  test('a fetch that was wrapped to be traced is unwrapped', async () => {
    const { asked, telemetry } = begin(async () => new Response('{}'))
    const original = vi.fn(async () => new Response('{}'))
    Object.assign(asked, { __original: original })
    trace.getTracer('app').startSpan('work').end()
    await telemetry.shutdown()
    expect(asked).not.toHaveBeenCalled()
    expect(original).toHaveBeenCalledOnce()
  })

  test('a fetch that starts spans by itself gets none for an export', async () => {
    const recorded: boolean[] = []
    const { telemetry } = begin(async () => {
      recorded.push(trace.getTracer('wrapper').startSpan('fetch').isRecording())
      return new Response('{}')
    })
    trace.getTracer('app').startSpan('work').end()
    await telemetry.shutdown()
    expect(recorded).toEqual([false])
  })
})

describe('answers of a receiver', () => {
  const sentAfter = async (answer: Response) => {
    const answers = [answer]
    const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answers.shift() ?? new Response('{}'))
    onTestFinished(() => asked.mockRestore())
    const telemetry = startTelemetry(good)
    trace.getTracer('app').startSpan('work').end()
    await telemetry.flush()
    await telemetry.flush()
    await telemetry.shutdown()
    return asked.mock.calls.length
  }
  test.each([429, 502, 503, 504])('%i: the request is kept and sent again', async (status) => {
    expect(await sentAfter(new Response('', { status, headers: { 'retry-after': '3600' } }))).toBe(2)
  })
  test('at the shutdown a busy one does not keep the backlog from being tried', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('away'))
    onTestFinished(() => asked.mockRestore())
    const telemetry = startTelemetry(good)
    const rounds = 12
    for (let round = 0; round < rounds; round += 1) {
      trace.getTracer('app').startSpan('work').end()
      await telemetry.flush()
    }
    asked.mockClear()
    asked.mockImplementation(async () => new Response('{}'))
    asked.mockResolvedValueOnce(new Response('', { status: 503 }))
    await telemetry.shutdown()
    expect(asked).toHaveBeenCalledTimes(rounds)
  })
  test.each([400, 401, 403, 404, 413, 500])('%i: the request is dropped', async (status) => {
    expect(await sentAfter(new Response('', { status }))).toBe(1)
  })
})
