import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import { readRequest } from './support/schema.ts'

function createSpans() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider
    .getTracer('app')
    .startSpan('span', { attributes: { text: 'a' } })
    .end()
  return exporter.getFinishedSpans()
}
const json = (): string => new TextDecoder().decode(JsonTraceSerializer.serializeRequest(createSpans()))
const readJson = (text: string) => readRequest('/v1/traces', 'application/json', Buffer.from(text))
const protobuf = (): Uint8Array => ProtobufTraceSerializer.serializeRequest(createSpans()) ?? new Uint8Array()
const readProtobuf = (bytes: Uint8Array) => readRequest('/v1/traces', 'application/x-protobuf', bytes)

test('what OpenTelemetry writes keeps to its schema', () => {
  expect([readJson(json()), readProtobuf(protobuf())]).toEqual([
    { resourceSpans: [expect.anything()] },
    { resourceSpans: [expect.anything()] },
  ])
})

test.each([
  ['a field that the schema does not know', '"name":"span"', '"name":"span","nam":"span"', 'unknown fields'],
  ['a number where a text belongs', '"name":"span"', '"name":7', 'unknown fields'],
  ['a text where a list belongs', '"attributes":[', '"attributes":"","was":[', 'unknown fields'],
])('JSON with %s does not', (_, from, to, fault) => {
  expect(json()).toContain(from)
  expect(() => readJson(json().replace(from, to))).toThrow(fault)
})

test.each([
  // Field 1000, a number: the schema has none of that.
  ['a field that the schema does not know', (bytes: Uint8Array) => [...bytes, 0xc0, 0x3e, 0x01], 'unknown fields'],
  // Field 1 is a list of messages, not a number.
  ['a number where a message belongs', (bytes: Uint8Array) => [...bytes, 0x08, 0x01], 'out of range'],
  ['an end in the middle', (bytes: Uint8Array) => bytes.slice(0, -1), 'out of range'],
])('protobuf with %s does not', (_, change, fault) => {
  expect(() => readProtobuf(Uint8Array.from(change(protobuf())))).toThrow(fault)
})
