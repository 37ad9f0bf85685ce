import { context, trace } from '@opentelemetry/api'
import { StackContextManager } from '@opentelemetry/sdk-trace'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'

test('this run is one of the third line, with its API, in a browser', () => {
  const exporter = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  context.setGlobalContextManager(new StackContextManager().enable())
  trace.getTracer('app').startSpan('span').end()
  const span = exporter.getFinishedSpans()[0]
  const api = (globalThis as Record<symbol, { version?: string } | undefined>)[Symbol.for('opentelemetry.js.api.1')]
  expect([span?.resource.attributes['telemetry.sdk.version'], api?.version]).toEqual(['3.1.1', '1.10.0'])
})
