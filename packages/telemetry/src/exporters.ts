import { ExportResultCode } from '@opentelemetry/core'
import {
  type ISerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import type {
  AggregationTemporalitySelector,
  MetricData,
  PushMetricExporter,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Protocol } from './options.ts'
import type { Outbox, Send } from './outbox.ts'

type Point = MetricData['dataPoints'][number]

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
    for (const body of packSpans(spans, serializers[protocol].spans, largest)) outbox.put(body, send)
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
  largest: number,
  selectAggregationTemporality: AggregationTemporalitySelector,
): PushMetricExporter => ({
  export(metrics, done) {
    for (const body of packMetrics(metrics, serializers[protocol].metrics, largest)) outbox.put(body, send)
    done({ code: ExportResultCode.SUCCESS })
  },
  selectAggregationTemporality,
  forceFlush: async () => {},
  shutdown: async () => {},
})

export const packSpans = (
  spans: readonly ReadableSpan[],
  serializer: ISerializer<ReadableSpan[], unknown>,
  largest: number,
): Uint8Array[] => pack(spans, (some) => serializer.serializeRequest([...some]), largest)

/** Divides between points, so that a metric of many series can be in several requests. */
export function packMetrics(
  metrics: ResourceMetrics,
  serializer: ISerializer<ResourceMetrics, unknown>,
  largest: number,
): Uint8Array[] {
  const all = metrics.scopeMetrics.flatMap((scope) => scope.metrics.flatMap(({ dataPoints }) => [...dataPoints]))
  return pack(all, (some) => serializer.serializeRequest(withOnly(metrics, new Set(some))), largest)
}

function withOnly(all: ResourceMetrics, points: ReadonlySet<Point>): ResourceMetrics {
  const ofMetric = (metric: MetricData): MetricData => {
    const dataPoints = (metric.dataPoints as Point[]).filter((point) => points.has(point))
    return { ...metric, dataPoints } as MetricData
  }
  const scopeMetrics = all.scopeMetrics
    .map((scope) => ({
      ...scope,
      metrics: scope.metrics.map(ofMetric).filter(({ dataPoints }) => dataPoints.length > 0),
    }))
    .filter(({ metrics }) => metrics.length > 0)
  return { ...all, scopeMetrics }
}

/** Halves what is too large. One span or point alone is not divided. */
function pack<T>(
  items: readonly T[],
  write: (items: readonly T[]) => Uint8Array | undefined,
  largest: number,
): Uint8Array[] {
  const body = write(items)
  if (!body) return []
  if (body.byteLength <= largest || items.length <= 1) return [body]
  const middle = items.length >> 1
  return [...pack(items.slice(0, middle), write, largest), ...pack(items.slice(middle), write, largest)]
}
