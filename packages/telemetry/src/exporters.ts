import { ExportResultCode } from '@opentelemetry/core'
import {
  type ISerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import type { AggregationTemporalitySelector, PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Protocol } from './options.ts'
import type { Outbox, Send } from './outbox.ts'

const serializers = {
  'http/json': { spans: JsonTraceSerializer, metrics: JsonMetricsSerializer },
  'http/protobuf': { spans: ProtobufTraceSerializer, metrics: ProtobufMetricsSerializer },
} as const

export const contentTypes: Readonly<Record<Protocol, string>> = {
  'http/json': 'application/json',
  'http/protobuf': 'application/x-protobuf',
}

/**
 * Writes spans as OTLP requests of at most `largest` bytes and puts them into the outbox, where they count as exported: from
 * there on they are bounded and tried again, and the processor can go on.
 */
export const createSpanExporter = (outbox: Outbox, send: Send, protocol: Protocol, largest: number): SpanExporter => ({
  export(spans, done) {
    for (const body of pack(spans, serializers[protocol].spans, largest)) outbox.put(body, send)
    done({ code: ExportResultCode.SUCCESS })
  },
  forceFlush: () => outbox.drain(),
  shutdown: () => outbox.drain(),
})

/** The same for metrics. `selectAggregationTemporality`: delta where nobody remembers a total, as in a page that goes. */
export const createMetricExporter = (
  outbox: Outbox,
  send: Send,
  protocol: Protocol,
  selectAggregationTemporality: AggregationTemporalitySelector,
): PushMetricExporter => ({
  export(metrics, done) {
    const body = serializers[protocol].metrics.serializeRequest(metrics)
    if (body) outbox.put(body, send)
    done({ code: ExportResultCode.SUCCESS })
  },
  selectAggregationTemporality,
  forceFlush: async () => {},
  shutdown: async () => {},
})

/** Halves what is too large. One span alone is not divided. */
export function pack(
  spans: ReadableSpan[],
  serializer: ISerializer<ReadableSpan[], unknown>,
  largest: number,
): Uint8Array[] {
  const body = serializer.serializeRequest(spans)
  if (!body) return []
  if (body.byteLength <= largest || spans.length <= 1) return [body]
  const middle = spans.length >> 1
  return [...pack(spans.slice(0, middle), serializer, largest), ...pack(spans.slice(middle), serializer, largest)]
}
