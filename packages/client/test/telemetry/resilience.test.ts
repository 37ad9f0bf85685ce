import { type Context, context, type Span, trace, type Tracer, type TracerProvider } from '@opentelemetry/api'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, type Sampler, SamplingDecision, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { setUp } from '../support/app.ts'
import { register } from '../support/measure.ts'
import { recordAll, resetApi, startSdk } from '../support/observe.ts'

afterEach(resetApi)

const fail = (): never => {
  throw new Error('an observer’s fault')
}
const never = (): Promise<never> => new Promise(() => {})
/** The same, where the API expects nothing to come back. */
const neverBack = never as () => void

/** Holds the thread up, as an observer does that computes or reads a file. */
function block(): void {
  const end = performance.now() + 20
  while (performance.now() < end);
}

/** What an app sees of two refreshes by three callers and a sign-out, and what the server saw. */
async function play() {
  const { server, createClient, signIn } = setUp()
  const recorded = recordAll()
  const auth = createClient()
  const results: unknown[] = [(await signIn(auth)).revision]
  for (const result of await Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()])) {
    results.push(result.error, result.data.session?.revision)
  }
  results.push((await auth.refreshSession()).data.session?.revision, await auth.signOut(), auth.getSnapshot())
  await expect.poll(() => server.count('revocation')).toBe(1)
  const requests = server.log.map(({ endpoint, grant, reused }) => [endpoint, grant, reused])
  const operations = recorded.operations().map(({ name, status }) => [name, status])
  return { results, requests, operations }
}

const spanThatThrows = new Proxy({} as Span, { get: () => fail })
/** What it tells of itself cannot be read, and all else does nothing. */
const spanThatTellsNothing = new Proxy({} as Span, {
  get: (_, name) => () => (name === 'spanContext' ? new Proxy({}, { get: fail }) : undefined),
})
const tracerOf = (startSpan: () => Span): Tracer => ({ startSpan, startActiveSpan: fail })
const providerOf = (getTracer: () => Tracer): TracerProvider => ({ getTracer })
const processor = { forceFlush: async () => {}, shutdown: async () => {}, onStart() {}, onEnd() {} }

const faults: [string, () => void][] = [
  ['a span processor that throws at the start', () => void startSdk({ processor: { ...processor, onStart: fail } })],
  ['a span processor that throws at the end', () => void startSdk({ processor: { ...processor, onEnd: fail } })],
  ['a span processor that blocks', () => void startSdk({ processor: { ...processor, onStart: block, onEnd: block } })],
  [
    'a span processor that never comes back',
    () => void startSdk({ processor: { forceFlush: never, shutdown: never, onStart: neverBack, onEnd: neverBack } }),
  ],
  ['a tracer provider that throws', () => void trace.setGlobalTracerProvider(providerOf(fail))],
  ['a tracer that throws', () => void trace.setGlobalTracerProvider(providerOf(() => tracerOf(fail)))],
  [
    'a span whose every method throws',
    () => void trace.setGlobalTracerProvider(providerOf(() => tracerOf(() => spanThatThrows))),
  ],
  [
    'a span whose context cannot be read',
    () => void trace.setGlobalTracerProvider(providerOf(() => tracerOf(() => spanThatTellsNothing))),
  ],
]

/** A context manager that runs what it is given, or not, and throws. */
function installContextManager(run: 'before' | 'after' | 'active'): void {
  const manager = {
    active: run === 'active' ? fail : () => root,
    with<A extends unknown[], R>(_: Context, call: (...of: A) => R, self?: unknown, ...of: A): R {
      if (run === 'before') fail()
      const result = call.apply(self, of)
      if (run === 'after') fail()
      return result
    },
    bind: <T>(_: Context, target: T) => target,
    enable: () => manager,
    disable: () => manager,
  }
  const root = context.active()
  context.setGlobalContextManager(manager)
}
faults.push(
  ['a context manager that throws before it has run what it was given', () => installContextManager('before')],
  ['a context manager that throws after it has run what it was given', () => installContextManager('after')],
  ['a context manager that throws when asked what is active', () => installContextManager('active')],
)

/** A meter whose instruments are as given. */
const installMeter = (instrument: unknown): void => {
  const create = (): never => instrument as never
  register({
    getMeter: () => ({ createHistogram: create, createCounter: create, createUpDownCounter: create }) as never,
  })
}
faults.push(
  ['a meter provider that throws', () => register({ getMeter: fail })],
  ['a meter provider that never comes back', () => register({ getMeter: () => never() as never })],
  ['a meter that throws', () => register({ getMeter: () => new Proxy({} as never, { get: () => fail }) })],
  ['a meter that gives nothing', () => installMeter(undefined)],
  ['instruments that throw', () => installMeter({ add: fail, record: fail })],
  ['instruments that block', () => installMeter({ add: block, record: block })],
  ['instruments that never come back', () => installMeter({ add: never, record: never })],
)

const sampler = (shouldSample: () => unknown): Sampler => ({ shouldSample: shouldSample as Sampler['shouldSample'] })
faults.push(
  ['a sampler that throws', () => void startSdk({ sampler: sampler(fail) })],
  ['a sampler that decides nothing', () => void startSdk({ sampler: sampler(() => undefined) })],
  ['a sampler that never decides', () => void startSdk({ sampler: sampler(never) })],
  [
    'a sampler that blocks',
    () => {
      const shouldSample = () => {
        block()
        return { decision: SamplingDecision.RECORD_AND_SAMPLED }
      }
      startSdk({ sampler: sampler(shouldSample) })
    },
  ],
)

const undisturbed = {
  results: [
    1,
    null,
    2,
    null,
    2,
    null,
    2,
    3,
    { data: { url: null }, error: null },
    { status: 'signed-out', reason: 'user' },
  ],
  requests: [
    ['discovery', null, false],
    ['authorization', null, false],
    ['token', 'authorization_code', false],
    ['token', 'refresh_token', false],
    ['token', 'refresh_token', false],
    ['revocation', null, false],
  ],
  operations: [
    ['authflight.sign_in', 'unset'],
    ['authflight.sign_in', 'unset'],
    ['authflight.token_request', 'unset'],
    ['authflight.refresh', 'unset'],
    ['authflight.wait', 'unset'],
    ['authflight.wait', 'unset'],
    ['authflight.token_request', 'unset'],
    ['authflight.refresh', 'unset'],
    ['authflight.token_request', 'unset'],
    ['authflight.sign_out', 'unset'],
    ['authflight.session_end', 'unset'],
  ],
}

test.each([['nobody', () => {}], ...faults] as typeof faults)(
  '%s changes no result, no request and no record',
  async (_, install) => {
    install()
    expect(await play()).toEqual(undisturbed)
  },
)

type Export = (items: unknown, done: (result: { code: number; error?: Error }) => void) => unknown

const createExporter = (give: Export, end: () => Promise<void>) => ({
  export: vi.fn<Export>(give),
  forceFlush: end,
  shutdown: end,
})
type Exporter = ReturnType<typeof createExporter>

/** How an exporter, of spans or of metrics, may fail: in what it is asked for, and in being asked to end. */
const failing: [string, () => Exporter][] = [
  ['throws', () => createExporter(fail, fail)],
  ['never comes back', () => createExporter(never, never)],
  [
    'blocks',
    () =>
      createExporter(
        (_, done) => {
          block()
          done({ code: 0 })
        },
        async () => block(),
      ),
  ],
  [
    'fails',
    () =>
      createExporter(
        (_, done) => done({ code: 1, error: new Error('an observer’s fault') }),
        () => Promise.reject(new Error('an observer’s fault')),
      ),
  ],
]
const attached: [string, (exporter: Exporter) => void][] = [
  ['spans, each by itself,', (exporter) => void startSdk({ processor: new SimpleSpanProcessor(exporter) })],
  [
    'spans, in batches,',
    (exporter) => void startSdk({ processor: new BatchSpanProcessor(exporter, { maxExportBatchSize: 1 }) }),
  ],
  [
    'metrics',
    (exporter) => {
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1, exportTimeoutMillis: 1 })
      const provider = new MeterProvider({ readers: [reader] })
      register(provider)
      // It may never end; that its interval does is enough.
      onTestFinished(() => void provider.shutdown().catch(() => {}))
    },
  ],
]

test.each(attached.flatMap(([of, attach]) => failing.map(([how, create]) => [of, how, attach, create] as const)))(
  'an exporter of %s that %s changes no result, no request and no record',
  async (_of, _how, attach, create) => {
    const exporter = create()
    attach(exporter)
    expect(await play()).toEqual(undisturbed)
    await expect.poll(() => exporter.export.mock.calls.length).toBeGreaterThan(0)
  },
)

const anySpan = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }

test.each([
  ['throws', fail],
  ['is none', () => ({ ...anySpan, traceId: 'nonsense' })],
  ['is its parent’s', () => anySpan],
])('each span that was started is ended, also where its context %s', async (_how, spanContext) => {
  let open = 0
  const end = (): void => void (open -= 1)
  const startSpan = (): Span => {
    open += 1
    return new Proxy({} as Span, {
      get: (_, name) => (name === 'end' ? end : name === 'spanContext' ? spanContext : () => {}),
    })
  }
  trace.setGlobalTracerProvider(providerOf(() => tracerOf(startSpan)))
  const otelContext = trace.setSpanContext(context.active(), anySpan)
  const { server, createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  await Promise.all([auth.refreshSession({ otelContext }), auth.refreshSession({ otelContext })])
  await auth.signOut()
  await expect.poll(() => server.count('revocation')).toBe(1)
  await expect.poll(() => open).toBe(0)
})

test('a reader of records that throws changes nothing', async () => {
  const { recorderHook } = await import('../../src/index.ts')
  const stops = [recorderHook().subscribe((source) => stops.push(source.subscribe(fail)))]
  expect(await play()).toEqual(undisturbed)
  for (const stop of stops) stop()
})

test.each(['a text', 7, {}, { getValue: 1 }])(
  'an `otelContext` that is none (%j) harms nobody, also below an instrumented fetch',
  async (given) => {
    startSdk()
    const { fetch } = globalThis
    const instrumented = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      context.active().getValue(Symbol('any'))
      return fetch(input, init)
    })
    onTestFinished(() => instrumented.mockRestore())
    const { createClient, signIn } = setUp()
    const auth = createClient()
    await signIn(auth)
    expect(await auth.refreshSession({ otelContext: given as never })).toMatchObject({
      data: { session: { revision: 2 } },
      error: null,
    })
  },
)
