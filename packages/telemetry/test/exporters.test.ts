import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pack } from '../src/exporters.ts'

function createSpans(fillings: readonly number[]): ReadableSpan[] {
  const exporter = new InMemorySpanExporter()
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('app')
  for (const [at, filling] of fillings.entries())
    tracer.startSpan(`${at}`, { attributes: { filling: 'x'.repeat(filling) } }).end()
  return exporter.getFinishedSpans()
}

const namesIn = (body: Uint8Array): string[] =>
  [...new TextDecoder().decode(body).matchAll(/"name":"(\d+)"/g)].map(([, name]) => name ?? '')

test('spans are packed whole and in order, and only a lone span is larger than a request may be', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }), (fillings) => {
      const bodies = pack(createSpans(fillings), JsonTraceSerializer, 4_000)
      expect(bodies.flatMap(namesIn)).toEqual(fillings.map((_, at) => `${at}`))
      for (const body of bodies) expect(body.byteLength <= 4_000 || namesIn(body).length === 1).toBe(true)
    }),
    { numRuns: 50 },
  )
})
