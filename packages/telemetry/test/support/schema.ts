// OpenTelemetry's own schema, as generated from its .proto files for an earlier line of its exporter.
import schema from 'otlp-schema/build/src/generated/root.js'

/** What protobufjs makes of a message type; its own declarations stop short of it. */
interface MessageType {
  decode(bytes: Uint8Array): object
  encode(message: object): { finish(): Uint8Array }
  fromObject(plain: object): object
  toObject(message: object, options: object): Record<string, unknown>
  verify(message: object): string | null
}
type Service = Readonly<Record<string, MessageType>>
const { trace, metrics } = (
  schema as unknown as { opentelemetry: { proto: { collector: Record<'trace' | 'metrics', { v1: Service }> } } }
).opentelemetry.proto.collector

const typeOf = (path: string): MessageType => {
  const type = path.endsWith('/v1/traces')
    ? trace.v1['ExportTraceServiceRequest']
    : metrics.v1['ExportMetricsServiceRequest']
  if (!type) throw new Error('The schema lacks a request.')
  return type
}

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

function readProtobuf(type: MessageType, body: Uint8Array): Record<string, unknown> {
  const message = type.decode(body)
  complain(type.verify(message))
  // A field that the schema does not know would be gone now.
  if (type.encode(message).finish().length !== body.length) throw new Error('The request holds unknown fields.')
  return mapIds(type.toObject(message, asJson), (id) => Buffer.from(id, 'base64').toString('hex'))
}

function readJson(type: MessageType, body: Uint8Array): Record<string, unknown> {
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

/** Keys in order, no empty lists, and numbers as texts: a 64-bit number may be written either way. */
function sort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sort)
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !Array.isArray(inner) || inner.length > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sort(inner)]),
  )
}
