import { context, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { StackContextManager } from '@opentelemetry/sdk-trace'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'

/**
 * Registers an OpenTelemetry SDK, as an app would. It must run before the client is made: a span needs its SDK from the
 * start. The client's records get the ids of these spans, also when nothing is exported.
 */
export function startTelemetry({ exported }: { exported: boolean }): void {
  context.setGlobalContextManager(new StackContextManager().enable())
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'authflight-playground' }),
      spanProcessors: exported ? [exportingProcessor()] : [],
    }),
  )
}

/** Batches spans and, by itself, sends what it holds when the page is hidden or left. */
function exportingProcessor(): BatchSpanProcessor {
  const url = new URL('/otlp/v1/traces', location.href).href
  // A storm of 1,000 calls ends 1,000 spans at once, and a developer presses the button more than once.
  return new BatchSpanProcessor(new OTLPTraceExporter({ url }), { scheduledDelayMillis: 1_000, maxQueueSize: 16_384 })
}
