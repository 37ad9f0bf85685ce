import { type AuthRecord, recorderHook } from '@authflight/client'
import { context, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'
import { heard } from '../../../../scripts/test/heard-spans.ts'

/** Registers a real OpenTelemetry SDK for the length of this test. */
export function startSdk() {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter), heard] }))
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  onTestFinished(() => {
    trace.disable()
    context.disable()
  })
  const app = trace.getTracer('app')
  return {
    exporter,
    /** Those of our own that have ended, as far as they say something. */
    spans: (name?: string) =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.instrumentationScope.name === '@authflight/client')
        .filter((span) => name === undefined || span.name === name)
        .map((span) => ({
          id: span.spanContext().spanId,
          parentId: span.parentSpanContext?.spanId ?? null,
          links: span.links.map((link) => link.context.spanId),
          name: span.name,
          isError: span.status.code === 2,
          attributes: span.attributes,
        })),
    /** Calls under a span of the app's. */
    within<R>(call: () => R): { readonly span: Span; readonly result: R } {
      const span = app.startSpan('request')
      return { span, result: context.with(trace.setSpan(context.active(), span), call) }
    },
  }
}

/** All records of this process from now on. */
export function recordAll(): AuthRecord[] {
  const records: AuthRecord[] = []
  const stops: (() => void)[] = []
  stops.push(recorderHook().subscribe((source) => stops.push(source.subscribe((record) => records.push(record)))))
  onTestFinished(() => {
    for (const stop of stops) stop()
  })
  return records
}
