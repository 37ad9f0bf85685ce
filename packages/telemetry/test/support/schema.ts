import { join } from 'node:path'
import protobuf from 'protobufjs'

/** OpenTelemetry's own schema, read from its .proto files by a library that has nothing to do with the exporter. */
const schema = new protobuf.Root()
schema.resolvePath = (_, path) => join(import.meta.dirname, 'proto', path)
const services = {
  traces: 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
  metrics: 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest',
}
schema.loadSync(
  ['trace', 'metrics'].map((signal) => `opentelemetry/proto/collector/${signal}/v1/${signal}_service.proto`),
)

const typeOf = (path: string): protobuf.Type =>
  schema.lookupType(path.endsWith('/v1/traces') ? services.traces : services.metrics)

/**
 * Reads an export request, and throws where it does not keep to the schema: a wrong type, or anything the schema does not know.
 *
 * @returns OTLP JSON: ids in hex, 64-bit numbers as texts
 */
export function readRequest(path: string, contentType: string, body: Uint8Array): Record<string, unknown> {
  const type = typeOf(path)
  return contentType === 'application/json' ? readJson(type, body) : readProtobuf(type, body)
}

const asJson = { longs: String, enums: Number, bytes: String }

function readProtobuf(type: protobuf.Type, body: Uint8Array): Record<string, unknown> {
  const message = type.decode(body)
  complain(type.verify(message))
  // A field that the schema does not know would be gone now.
  if (type.encode(message).finish().length !== body.length) throw new Error('The request holds unknown fields.')
  return mapIds(type.toObject(message, asJson), (id) => Buffer.from(id, 'base64').toString('hex'))
}

function readJson(type: protobuf.Type, body: Uint8Array): Record<string, unknown> {
  const given = JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, unknown>
  // OTLP/JSON writes ids in hex, where the JSON of protobuf has base64 (OTLP 1, "JSON Protobuf Encoding").
  const message = type.fromObject(mapIds(given, (id) => Buffer.from(id, 'hex').toString('base64')))
  complain(type.verify(message))
  const read = mapIds(type.toObject(message, asJson), (id) => Buffer.from(id, 'base64').toString('hex'))
  if (JSON.stringify(sort(read)) !== JSON.stringify(sort(given))) throw new Error('The request holds unknown fields.')
  return read
}

function complain(fault: string | null): void {
  if (fault !== null) throw new Error(`The request is not what the schema says: ${fault}.`)
}

const ids = ['traceId', 'spanId', 'parentSpanId']

function mapIds<T>(value: T, change: (id: string) => string): T {
  if (Array.isArray(value)) return value.map((item) => mapIds(item as unknown, change)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      ids.includes(key) ? change(inner as string) : mapIds(inner as unknown, change),
    ]),
  ) as T
}

/** What OTLP/JSON writes as a number or as a text, since it has 64 bits. */
const longs = ['startTimeUnixNano', 'endTimeUnixNano', 'timeUnixNano', 'intValue', 'asInt', 'count', 'bucketCounts']

/** Keys in order, no empty lists, and 64-bit numbers as texts. */
function sort(value: unknown, isLong = false): unknown {
  if (Array.isArray(value)) return value.map((item) => sort(item, isLong))
  if (typeof value === 'number') return isLong ? String(value) : value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !Array.isArray(inner) || inner.length > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sort(inner, longs.includes(key))]),
  )
}
