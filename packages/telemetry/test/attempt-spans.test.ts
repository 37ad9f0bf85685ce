import { recorderHook } from '@authflight/client'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startTelemetry, withoutAttemptSpans } from '../src/node.ts'
import { signInToApp } from './support/app.ts'
import { startReceiver } from './support/receiver.ts'

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** Makes a span of each request, below whoever runs: what an instrumentation of `fetch` does. */
function instrumentFetch() {
  const send = globalThis.fetch
  vi.stubGlobal('fetch', async (...of: Parameters<typeof fetch>) => {
    const span = trace.getTracer('instrumentation').startSpan('POST')
    return send(...of).finally(() => span.end())
  })
  onTestFinished(() => void vi.unstubAllGlobals())
}

/** A refresh of a session that is signed in, and nothing else of its life. Gives the records of its attempt. */
async function refresh(forget: () => void) {
  const { auth } = await signInToApp()
  forget()
  const attempts: string[] = []
  const stop = recorderHook().subscribe((source) =>
    source.subscribe(
      ({ name, endedAt }) => void (name === 'authflight.token_request' && endedAt && attempts.push(name)),
    ),
  )
  onTestFinished(stop)
  const { error } = await auth.refreshSession()
  expect(error).toBeNull()
  return attempts.length
}

/** Each span and the one it hangs below. */
const draw = (spans: readonly { name: string; id: string; parent: string | undefined }[]) =>
  spans.map(({ name, parent }) => `${spans.find(({ id }) => id === parent)?.name ?? ''} > ${name}`).toSorted()

/** What the own SDK of an app has made, whose provider is registered as `choose` says. */
async function withOwnSdk(register: (provider: BasicTracerProvider) => void) {
  const exporter = new InMemorySpanExporter()
  register(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(() => {
    trace.disable()
    context.disable()
  })
  instrumentFetch()
  const attempts = await refresh(() => exporter.reset())
  const spans = exporter.getFinishedSpans()
  return {
    attempts,
    drawn: draw(
      spans.map((span) => ({ name: span.name, id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId })),
    ),
  }
}

test('with it the span of the request hangs below that of the attempt', async () => {
  expect(await withOwnSdk((provider) => void trace.setGlobalTracerProvider(provider))).toEqual({
    attempts: 1,
    drawn: [
      ' > authflight.refresh',
      'authflight.refresh > authflight.token_request',
      'authflight.token_request > POST',
    ],
  })
})

test.each<[string, (provider: BasicTracerProvider) => void]>([
  ['is registered', (provider) => void trace.setGlobalTracerProvider(withoutAttemptSpans(provider))],
  [
    'takes the place of one that an SDK has registered by itself',
    (provider) => {
      trace.setGlobalTracerProvider(provider)
      const registered = trace.getTracerProvider()
      trace.disable()
      trace.setGlobalTracerProvider(withoutAttemptSpans(registered))
    },
  ],
])('without it, where the provider %s, it hangs below the refresh, and the record stays', async (_, register) => {
  expect(await withOwnSdk(register)).toEqual({
    attempts: 1,
    drawn: [' > authflight.refresh', 'authflight.refresh > POST'],
  })
})

test('an attempt below nobody, and a span that is begun as the active one, are made as before', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const tracer = withoutAttemptSpans(provider).getTracer('app')
  const lonely = tracer.startSpan('authflight.token_request')
  lonely.end()
  expect(lonely.isRecording()).toBe(false)
  expect(tracer.startActiveSpan('active', (span) => (span.end(), 7))).toBe(7)
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['active'])
})

test.each([
  [true, ['authflight.refresh > authflight.token_request', 'authflight.token_request > POST']],
  [false, ['authflight.refresh > POST']],
])('startTelemetry with attemptSpans %s', async (attemptSpans, expected) => {
  const receiver = await startReceiver()
  onTestFinished(receiver.stop)
  const telemetry = startTelemetry({ serviceName: 'shop', endpoint: receiver.url, attemptSpans })
  onTestFinished(telemetry.shutdown)
  instrumentFetch()
  await refresh(() => {})
  await telemetry.shutdown()
  const drawn = draw(
    receiver.spans().map(({ name, spanId, parentSpanId }) => ({ name, id: spanId, parent: parentSpanId })),
  )
  expect(drawn).toEqual(expect.arrayContaining(expected))
  expect(drawn.some((line) => line.includes('token_request'))).toBe(attemptSpans)
})
