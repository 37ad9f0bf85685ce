import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packMetrics, packSpans } from '../src/exporters.ts'

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
      const bodies = packSpans(createSpans(fillings), JsonTraceSerializer, 4_000)
      expect(bodies.flatMap(namesIn)).toEqual(fillings.map((_, at) => `${at}`))
      for (const body of bodies) expect(body.byteLength <= 4_000 || namesIn(body).length === 1).toBe(true)
    }),
    { numRuns: 50 },
  )
})

class ReaderOfTests extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Counters and histograms in turn, with so many series each, each series with an attribute of so many characters. */
async function createMetrics(fillings: readonly (readonly number[])[]): Promise<ResourceMetrics> {
  const reader = new ReaderOfTests()
  const provider = new MeterProvider({ readers: [reader] })
  for (const [at, series] of fillings.entries()) {
    const meter = provider.getMeter(`scope ${at % 2}`)
    const [counter, histogram] = [meter.createCounter(`counter ${at}`), meter.createHistogram(`histogram ${at}`)]
    for (const [nth, filling] of series.entries()) {
      const attributes = { series: nth, filling: 'x'.repeat(filling) }
      counter.add(at, attributes)
      histogram.record(at, attributes)
    }
  }
  return (await reader.collect()).resourceMetrics
}

/** Each point with the scope and the metric that it stands under. */
function pointsIn(body: Uint8Array): string[] {
  const { resourceMetrics } = JSON.parse(new TextDecoder().decode(body)) as { resourceMetrics: Scoped[] }
  return resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.flatMap(
        ({ name, sum, histogram, ...rest }) =>
          (sum ?? histogram)?.dataPoints.map((point) => JSON.stringify([scope, name, rest, point])) ?? [],
      ),
    ),
  )
}

interface Scoped {
  readonly scopeMetrics: readonly {
    readonly scope: unknown
    readonly metrics: readonly {
      readonly name: string
      readonly sum?: { readonly dataPoints: readonly unknown[] }
      readonly histogram?: { readonly dataPoints: readonly unknown[] }
    }[]
  }[]
}

test('points of metrics are packed whole, in order and under their metric, and only a lone one is larger than a request may be', async () => {
  const series = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(fc.array(series, { maxLength: 4 }), async (fillings) => {
      const metrics = await createMetrics(fillings)
      const [whole] = packMetrics(metrics, JsonMetricsSerializer, Infinity)
      const bodies = packMetrics(metrics, JsonMetricsSerializer, 4_000)
      expect(bodies.flatMap(pointsIn)).toEqual(whole ? pointsIn(whole) : [])
      for (const body of bodies) expect(body.byteLength <= 4_000 || pointsIn(body).length === 1).toBe(true)
    }),
    { numRuns: 50 },
  )
})
