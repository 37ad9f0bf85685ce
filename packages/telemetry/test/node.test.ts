import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AuthClient, createAuthClient, memoryStore } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import {
  context,
  diag,
  DiagConsoleLogger,
  DiagLogLevel,
  metrics,
  propagation,
  type ProxyTracerProvider,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startTelemetry, type Telemetry, type TelemetryOptions } from '../src/node.ts'
import { resourceOf, startReceiver } from './support/receiver.ts'

let receiver: Awaited<ReturnType<typeof startReceiver>>
let telemetry: Telemetry | undefined

beforeEach(async () => {
  receiver = await startReceiver()
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
})
afterEach(async () => {
  await telemetry?.shutdown()
  telemetry = undefined
  await receiver.stop()
  vi.unstubAllEnvs()
})

function begin(options: Partial<TelemetryOptions> = {}): Telemetry {
  telemetry = startTelemetry({ serviceName: 'shop', endpoint: receiver.url, ...options })
  return telemetry
}

function createClient(): AuthClient {
  const redirectUri = 'https://app.example.test/'
  const provider = oauth({ issuer: 'https://id.example.test', clientId: 'spa', redirectUri })
  const auth = createAuthClient({ provider, storage: memoryStore(), autoRefresh: 'off', redirect: 'manual' })
  onTestFinished(() => auth.dispose())
  return auth
}

function work(): void {
  const tracer = trace.getTracer('app', '1')
  const parent = tracer.startSpan('parent')
  const linked = tracer.startSpan('linked')
  tracer
    .startSpan(
      'child',
      { links: [{ context: linked.spanContext() }], attributes: { text: 'a', whole: 7, part: 0.5, yes: true } },
      trace.setSpan(context.active(), parent),
    )
    .end()
  linked.end()
  parent.end()
  const meter = metrics.getMeter('app', '1')
  meter.createCounter('calls').add(2, { kind: 'a' })
  meter.createHistogram('duration', { unit: 's' }).record(0.25)
  meter.createUpDownCounter('active').add(1)
}

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test('what is sent keeps to OpenTelemetry’s schema, and holds parents, links and values as they were', async () => {
    begin({ protocol })
    work()
    await telemetry?.flush()
    expect(receiver.faults).toEqual([])
    const [type] = new Set(receiver.received.map(({ headers }) => headers['content-type']))
    expect(type).toBe(protocol === 'http/json' ? 'application/json' : 'application/x-protobuf')

    const named = Object.fromEntries(receiver.spans().map((span) => [span.name, span]))
    const { parent, child, linked } = named
    expect(Object.keys(named).toSorted()).toEqual(['child', 'linked', 'parent'])
    expect(child).toMatchObject({
      traceId: parent?.traceId,
      parentSpanId: parent?.spanId,
      links: [{ traceId: linked?.traceId, spanId: linked?.spanId }],
    })
    expect(Object.fromEntries((child?.attributes ?? []).map(({ key, value }) => [key, value]))).toEqual({
      text: { stringValue: 'a' },
      whole: { intValue: '7' },
      part: { doubleValue: 0.5 },
      yes: { boolValue: true },
    })
    expect(receiver.metrics().map(({ name }) => name)).toEqual(['calls', 'duration', 'active'])
  })
})

test('a process sends totals, and what went on before under way', async () => {
  begin()
  work()
  await telemetry?.flush()
  work()
  await telemetry?.flush()
  const calls = receiver.metrics().filter(({ name }) => name === 'calls')
  expect(calls.map(({ sum }) => [sum?.aggregationTemporality, sum?.dataPoints[0]?.['asDouble']])).toEqual([
    [2, 2],
    [2, 4],
  ])
})

test('the resource has the name of the service, what the app adds, and neither host, user nor command line', async () => {
  begin({ resource: { 'service.version': '1.2.3', 'deployment.environment.name': 'test' } })
  work()
  await telemetry?.flush()
  const resource = resourceOf(receiver.received[0] as never)
  expect(resource).toMatchObject({
    'service.name': 'shop',
    'service.version': '1.2.3',
    'deployment.environment.name': 'test',
    'telemetry.sdk.name': 'opentelemetry',
  })
  expect(Object.keys(resource).filter((key) => /^(host|process|os)\./.test(key))).toEqual([])
})

test('headers go with every export', async () => {
  begin({ headers: { 'x-key': 'ingest' } })
  work()
  await telemetry?.flush()
  expect(receiver.received.map(({ headers }) => headers['x-key'])).toEqual(['ingest', 'ingest'])
})

test('a share of 0 keeps no trace that begins here, and metrics go on', async () => {
  begin({ sampler: 0 })
  work()
  await telemetry?.flush()
  expect(receiver.spans()).toEqual([])
  expect(receiver.metrics()).not.toEqual([])
})

test('a sampler of the app’s own decides', async () => {
  begin({ sampler: new AlwaysOffSampler() })
  work()
  await telemetry?.flush()
  expect(receiver.spans()).toEqual([])
})

test('a request that the receiver cannot take now is sent again', async () => {
  begin()
  trace.getTracer('app').startSpan('late').end()
  receiver.answerNext({ status: 503, headers: { 'retry-after': '0' } })
  await telemetry?.flush()
  expect(receiver.spans().map(({ name }) => name)).toEqual(['late'])
})

test('a request that the receiver refuses is not sent again', async () => {
  begin()
  trace.getTracer('app').startSpan('refused').end()
  receiver.answerNext({ status: 400 })
  await telemetry?.flush()
  trace.getTracer('app').startSpan('next').end()
  await telemetry?.flush()
  expect(receiver.spans().map(({ name }) => name)).toEqual(['next'])
})

test('nothing of an export is traced, whatever instruments the calls', async () => {
  begin()
  const recorded: boolean[] = []
  // As an instrumentation of Node's HTTP client does: a span for each request that leaves.
  const instrument = () => {
    const span = trace.getTracer('instrumentation').startSpan('http')
    recorded.push(span.isRecording())
    span.end()
  }
  subscribe('http.client.request.start', instrument)
  onTestFinished(() => void unsubscribe('http.client.request.start', instrument))
  await new Promise((resolve) => void http.get(receiver.url, resolve))
  work()
  receiver.answerNext({ status: 503, headers: { 'retry-after': '3600' } })
  await telemetry?.flush()
  await telemetry?.flush()
  expect(receiver.spans().filter(({ name }) => name === 'http')).toHaveLength(1)
  expect(recorded).toEqual([true, false, false, false, false])
})

describe('the standard variables', () => {
  const set = (variables: Record<string, string>) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  }

  test('fill in what the code leaves out', async () => {
    set({
      OTEL_SERVICE_NAME: 'named-outside',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=7,team=auth',
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/base`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=outside',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    })
    telemetry = startTelemetry()
    work()
    await telemetry.flush()
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/base/v1/metrics', '/base/v1/traces'])
    expect(receiver.received[0]?.headers).toMatchObject({
      'x-key': 'outside',
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expect(resourceOf(receiver.received[0] as never)).toMatchObject({
      'service.name': 'named-outside',
      'service.version': '7',
      team: 'auth',
    })
    const temporality = Object.fromEntries(
      receiver.metrics().map(({ name, sum, histogram }) => [name, (sum ?? histogram)?.aggregationTemporality]),
    )
    expect(temporality).toEqual({ calls: 1, duration: 1, active: 2 })
  })

  test('give way to what the code says', async () => {
    set({
      OTEL_SERVICE_NAME: 'outside',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=outside',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_TRACES_SAMPLER: 'always_off',
    })
    begin({ headers: { 'x-key': 'code' }, protocol: 'http/protobuf', sampler: 1 })
    work()
    await telemetry?.flush()
    expect(receiver.spans()).toHaveLength(3)
    expect(receiver.received[0]?.headers).toMatchObject({ 'x-key': 'code', 'content-type': 'application/x-protobuf' })
    expect(resourceOf(receiver.received[0] as never)).toMatchObject({ 'service.name': 'shop' })
  })

  test('differ by signal where they say so', async () => {
    set({
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/elsewhere/v1/metrics`,
    })
    telemetry = startTelemetry({ serviceName: 'shop' })
    work()
    await telemetry.flush()
    expect(Object.fromEntries(receiver.received.map(({ path, headers }) => [path, headers['content-type']]))).toEqual({
      '/v1/traces': 'application/json',
      '/elsewhere/v1/metrics': 'application/x-protobuf',
    })
  })

  test.each([
    ['OTEL_SDK_DISABLED', 'true', { spans: 0, metrics: 0 }],
    ['OTEL_TRACES_EXPORTER', 'none', { spans: 0, metrics: 3 }],
    ['OTEL_METRICS_EXPORTER', 'none', { spans: 3, metrics: 0 }],
    ['OTEL_TRACES_SAMPLER', 'always_off', { spans: 0, metrics: 3 }],
  ])('%s=%s is followed', async (name, value, expected) => {
    set({ [name]: value })
    begin()
    work()
    await telemetry?.flush()
    expect({ spans: receiver.spans().length, metrics: receiver.metrics().length }).toEqual(expected)
  })

  test('OTEL_SDK_DISABLED=true lets the traces of others through until shutdown', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const passOn = (): Record<string, string> => {
      const carrier: Record<string, string> = {}
      context.with(propagation.extract(context.active(), { traceparent }), () => {
        const span = trace.getTracer('app').startSpan('handler')
        propagation.inject(trace.setSpan(context.active(), span), carrier)
      })
      return carrier
    }
    set({ OTEL_SDK_DISABLED: 'true' })
    begin()
    expect(passOn()).toEqual({ traceparent })
    await telemetry?.shutdown()
    expect(passOn()).toEqual({})
    // Another's is not taken back by a second call.
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    onTestFinished(() => propagation.disable())
    await telemetry?.shutdown()
    expect(propagation.fields()).toContain('traceparent')
  })

  test('OTEL_SPAN_LINK_COUNT_LIMIT=0 is followed', async () => {
    set({ OTEL_SPAN_LINK_COUNT_LIMIT: '0' })
    begin()
    work()
    await telemetry?.flush()
    expect(receiver.spans().map(({ name, links = [] }) => [name, links.length])).toEqual([
      ['child', 0],
      ['linked', 0],
      ['parent', 0],
    ])
  })

  test('OTEL_BSP_MAX_QUEUE_SIZE is followed', async () => {
    set({ OTEL_BSP_MAX_QUEUE_SIZE: '2', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' })
    begin()
    for (let at = 0; at < 5; at += 1) work()
    await telemetry?.flush()
    expect(receiver.spans().length).toBeLessThan(15)
  })

  test('OTEL_METRIC_EXPORT_INTERVAL is followed', async () => {
    set({ OTEL_METRIC_EXPORT_INTERVAL: '20' })
    begin()
    work()
    await vi.waitUntil(() => receiver.metrics().length > 0)
    expect(receiver.metrics().map(({ name }) => name)).toContain('calls')
  })

  test('OTEL_LOG_LEVEL is followed from the first line on', () => {
    const [logs, told] = [vi.spyOn(diag, 'setLogger'), vi.spyOn(diag, 'warn')]
    onTestFinished(() => [logs, told].forEach((spy) => spy.mockRestore()))
    onTestFinished(() => diag.disable())
    set({ OTEL_LOG_LEVEL: 'warn', OTEL_BSP_MAX_QUEUE_SIZE: 'many' })
    begin()
    expect(logs).toHaveBeenCalledExactlyOnceWith(expect.any(DiagConsoleLogger), DiagLogLevel.WARN)
    expect(told).toHaveBeenCalledWith(expect.stringContaining('OTEL_BSP_MAX_QUEUE_SIZE'))
    expect(logs).toHaveBeenCalledBefore(told)
  })

  test('OTEL_PROPAGATORS says which headers carry a trace on', () => {
    const inject = () => {
      const carrier: Record<string, string> = {}
      const span = trace.getTracer('app').startSpan('caller')
      propagation.inject(trace.setSpan(context.active(), span), carrier)
      return Object.keys(carrier)
    }
    begin()
    expect(inject()).toEqual(['traceparent'])
    void telemetry?.shutdown()
    set({ OTEL_PROPAGATORS: 'none' })
    begin()
    expect(inject()).toEqual([])
  })

  test.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf, http/json'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'otlp, none'],
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'both', 'cumulative, delta, lowmemory'],
    ['OTEL_PROPAGATORS', 'b3', 'tracecontext, baggage, none'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'always_on, always_off, traceidratio, parentbased_always_on'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'gzip, none'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '-5', 'milliseconds above 0'],
  ])('%s=%s is an error that says what it takes', (name, value, takes) => {
    set({ [name]: value })
    expect(() => begin()).toThrow(
      expect.objectContaining({
        name: 'TelemetryError',
        code: 'unsupported_variable',
        message: expect.stringContaining(takes),
      }),
    )
    expect(trace.getTracer('app').startSpan('none').isRecording()).toBe(false)
  })
})

describe('one SDK a process', () => {
  test('a second start is an error, and the first goes on', async () => {
    begin()
    expect(() => startTelemetry({ serviceName: 'again' })).toThrow(expect.objectContaining({ code: 'already_started' }))
    work()
    await telemetry?.flush()
    expect(receiver.spans()).toHaveLength(3)
  })

  test('beside an SDK of the app’s own it is an error, and changes nothing', () => {
    const own = new BasicTracerProvider()
    trace.setGlobalTracerProvider(own)
    expect(() => begin()).toThrow(/registered already/)
    expect(metrics.getMeterProvider().getMeter('app').constructor.name).toBe('NoopMeter')
    trace.disable()
  })

  test('after a shutdown it can be started again', async () => {
    await begin().shutdown()
    begin()
    work()
    await telemetry?.flush()
    expect(receiver.spans()).toHaveLength(3)
  })

  test.each(['before the first', 'under the first', 'between the two'])(
    'a client that was made %s start tells the second',
    async (when) => {
      let auth: AuthClient | undefined
      const createWhen = (now: string): void => {
        if (now === when) auth = createClient()
      }
      createWhen('before the first')
      begin()
      createWhen('under the first')
      await auth?.signOut()
      await telemetry?.shutdown()
      createWhen('between the two')
      await auth?.signOut()
      receiver.received.length = 0
      begin()
      await auth?.signOut()
      await telemetry?.flush()
      expect(receiver.spans().map(({ name }) => name)).toEqual(['authflight.sign_out'])
    },
  )

  test('a tracer begins active spans too, and what looks behind the API’s provider can flush', async () => {
    begin()
    const active = trace.getTracer('app').startActiveSpan('active', {}, context.active(), (span) => {
      span.end()
      return trace.getActiveSpan() === span
    })
    const delegate = (trace.getTracerProvider() as ProxyTracerProvider).getDelegate() as BasicTracerProvider
    await delegate.forceFlush()
    await receiver.until(() => receiver.received.length > 0)
    expect([active, receiver.spans().map(({ name }) => name)]).toEqual([true, ['active']])
  })

  test('a context manager of the app’s own stays, also after the shutdown', async () => {
    const own = new AsyncLocalStorageContextManager().enable()
    context.setGlobalContextManager(own)
    await begin().shutdown()
    const key = Symbol('kept')
    expect(context.with(context.active().setValue(key, 1), () => context.active().getValue(key))).toBe(1)
    context.disable()
  })
})

describe('shutdown', () => {
  test('delivers what there is, twice is once, and later work is not recorded', async () => {
    const { shutdown, flush } = begin()
    work()
    await Promise.all([shutdown(), shutdown()])
    expect(receiver.spans()).toHaveLength(3)
    expect(receiver.requestsTo('/v1/traces')).toHaveLength(1)
    expect(trace.getTracer('app').startSpan('later').isRecording()).toBe(false)
    await flush()
    expect(receiver.received).toHaveLength(2)
  })

  test('asks a receiver that hangs once: a second try would take another timeout', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '100')
    const asked: (string | undefined)[] = []
    const hanging = http.createServer(({ url }) => void asked.push(url))
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => hanging.closeAllConnections())
    onTestFinished(() => void hanging.close())
    const { port } = hanging.address() as AddressInfo
    const { shutdown } = begin({ endpoint: `http://127.0.0.1:${port}` })
    work()
    await shutdown()
    expect(asked.toSorted()).toEqual(['/v1/metrics', '/v1/traces'])
  })

  test('settles when nobody listens at the endpoint', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1')
    const { shutdown } = begin()
    work()
    await receiver.stop()
    await shutdown()
    expect(receiver.received).toEqual([])
  })
})
