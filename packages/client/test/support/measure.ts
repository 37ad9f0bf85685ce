import { type Attributes, type MeterProvider as ApiMeterProvider, metrics } from '@opentelemetry/api'
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished } from 'vitest'

/** One series of a metric, as it stands. */
export interface Series {
  readonly metric: string
  readonly unit: string
  readonly attributes: Attributes
  /** Of a counter the sum; of a histogram how many. */
  readonly count: number
  readonly sum: number
  readonly boundaries: readonly number[] | null
  /** How many in each bucket, the one beyond the last bound too. */
  readonly buckets: readonly number[] | null
}

class ReaderOfTests extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Registers a real metrics SDK for the length of this test. */
export function startMeters() {
  const reader = new ReaderOfTests()
  register(new MeterProvider({ readers: [reader] }))
  return async (metric?: string): Promise<Series[]> => {
    const { resourceMetrics } = await reader.collect()
    return resourceMetrics.scopeMetrics
      .filter(({ scope }) => scope.name === '@authflight/client')
      .flatMap((scope) => scope.metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) => ({
          metric: descriptor.name,
          unit: descriptor.unit,
          attributes,
          count: typeof value === 'number' ? value : value.count,
          sum: typeof value === 'number' ? value : (value.sum ?? 0),
          boundaries: typeof value === 'number' ? null : value.buckets.boundaries,
          buckets: typeof value === 'number' ? null : value.buckets.counts,
        })),
      )
      .filter((series) => metric === undefined || series.metric === metric)
  }
}

/** Counts what is under way from here on: with the test it has come back to 0. */
export function countUnderWay(): void {
  const read = startMeters()
  onTestFinished(async () => {
    const active = (await read()).filter(({ metric }) => metric.endsWith('.active'))
    expect(active.map(({ metric }) => metric)).toContain('authflight.refresh.active')
    expect(active.filter(({ count }) => count !== 0)).toEqual([])
  })
}

/** Registers anything as the SDK for the length of this test. */
export function register(provider: ApiMeterProvider): void {
  metrics.setGlobalMeterProvider(provider)
  onTestFinished(() => metrics.disable())
}
