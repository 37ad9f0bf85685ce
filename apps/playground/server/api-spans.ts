import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Handler } from './http.ts'
import { postTo } from './otlp-proxy.ts'

/** The API with a span around each request, as an instrumented server has. */
export interface TracedApi {
  readonly serve: Handler
  /** Sends what has not been sent. A collector that does not take it is nobody's trouble any more. */
  close(): Promise<void>
}

/**
 * Nothing is registered: the playground's other servers, and other playgrounds in this process, are not traced.
 *
 * @param collector the base address
 * @param headers go there with the spans
 */
export function traceApi(api: Handler, collector: URL, headers: Readonly<Record<string, string>> = {}): TracedApi {
  const exporter = exportTo(collector, headers)
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'authflight-playground-api' }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000, maxQueueSize: 16_384 })],
  })
  const tracer = provider.getTracer('authflight-playground')
  return {
    serve(request, response, url) {
      const method = request.method ?? 'GET'
      const route = url.pathname.replace(/^\/api\/items\/\d+$/, '/api/items/:n')
      const attributes = { 'http.request.method': method, 'http.route': route }
      const span = tracer.startSpan(
        `${method} ${route}`,
        { kind: SpanKind.SERVER, attributes },
        readParent(request.headers['traceparent']),
      )
      response.once('close', () => {
        span.setAttribute('http.response.status_code', response.statusCode)
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
      return api(request, response, url)
    },
    close: () => provider.shutdown().catch(() => {}),
  }
}

/** OpenTelemetry's own exporter always adds the headers of the environment. They may hold the key of another collector. */
const exportTo = (collector: URL, headers: Readonly<Record<string, string>>): SpanExporter => ({
  export(spans, tell) {
    const body = Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? [])
    void postTo(collector, 'v1/traces', { ...headers, 'content-type': 'application/json' }, body)
      .then(({ ok }) => ok)
      .catch(() => false)
      .then((isTaken) => tell({ code: isTaken ? ExportResultCode.SUCCESS : ExportResultCode.FAILED }))
  },
  shutdown: async () => {},
})

/** W3C Trace Context, version 00. What is none begins a trace of its own. */
function readParent(header: string | string[] | undefined): Context {
  const [, traceId, spanId, flags] = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(String(header)) ?? []
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT
  const traceFlags = Number.parseInt(flags ?? '', 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}
