import { context, type Span as ApiSpan, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  type IdGenerator,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'
import { heard } from '../../../../scripts/test/heard-spans.ts'
import { type AuthRecord, recorderHook, type RecordLink } from '../../src/index.ts'

/** An operation as both readers know it. */
export interface Seen {
  readonly id: string
  readonly traceId: string
  readonly parentId: string | null
  readonly links: readonly RecordLink[]
  readonly name: string
  readonly kind: string
  readonly startedAt: number
  readonly endedAt: number
  readonly status: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** All records of this realm from now on, in the order of their making. Forgets with the test. */
export function recordAll() {
  const records: AuthRecord[] = []
  const stops: (() => void)[] = []
  stops.push(recorderHook().subscribe((source) => stops.push(source.subscribe((record) => records.push(record)))))
  onTestFinished(() => {
    for (const stop of stops) stop()
  })
  const last = () => [...new Map(records.map((record) => [record.id, record])).values()]
  return {
    records,
    /** Of each operation that has ended its last record. */
    operations: (name?: AuthRecord['name']): Seen[] =>
      last()
        .filter((record) => record.kind !== 'point' && record.endedAt !== undefined)
        .filter((record) => name === undefined || record.name === name)
        .map(seeRecord),
    named: (name: AuthRecord['name']) => records.filter((record) => record.name === name),
    clear: () => void (records.length = 0),
  }
}

export interface SdkOptions {
  readonly sampler?: Sampler
  /** Comes before the exporter. */
  readonly processor?: SpanProcessor
  readonly idGenerator?: IdGenerator
}

/** Registers a real OpenTelemetry SDK for the length of this test. */
export function startSdk({ sampler, processor, idGenerator }: SdkOptions = {}) {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    ...(sampler && { sampler }),
    ...(idGenerator && { idGenerator }),
    spanProcessors: [...(processor ? [processor] : []), new SimpleSpanProcessor(exporter), heard],
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(resetApi)
  const app = trace.getTracer('app')
  return {
    exporter,
    /** Our own spans that have ended, in order of their start. */
    spans: (name?: string): Seen[] =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.instrumentationScope.name === '@authflight/client')
        .filter((span) => name === undefined || span.name === name)
        .map(seeSpan)
        .toSorted((a, b) => a.startedAt - b.startedAt),
    /** Calls under a span of the app's. */
    within<R>(call: () => R): { span: ApiSpan; result: R } {
      const span = app.startSpan('caller')
      return { span, result: context.with(trace.setSpan(context.active(), span), call) }
    },
  }
}

/** Whatever a test registered with the API is gone. */
export function resetApi(): void {
  trace.disable()
  context.disable()
}

const inMs = ([seconds, nanos]: readonly [number, number]): number => seconds * 1_000 + nanos / 1_000_000

function seeSpan(span: ReadableSpan): Seen {
  const { traceId, spanId } = span.spanContext()
  return {
    id: spanId,
    traceId,
    parentId: span.parentSpanContext?.spanId ?? null,
    links: span.links.map((link) => ({ traceId: link.context.traceId, id: link.context.spanId })),
    name: span.name,
    kind: span.kind === SpanKind.CLIENT ? 'client' : span.kind === SpanKind.INTERNAL ? 'internal' : 'other',
    startedAt: inMs(span.startTime),
    endedAt: inMs(span.endTime),
    status: span.status.code === SpanStatusCode.ERROR ? 'error' : 'unset',
    attributes: span.attributes,
  }
}

export function seeRecord(record: AuthRecord): Seen {
  const {
    id,
    traceId,
    parentId = null,
    links,
    name,
    kind,
    startedAt,
    endedAt = Number.NaN,
    status,
    attributes,
  } = record
  return { id, traceId, parentId, links, name, kind, startedAt, endedAt, status, attributes }
}
