import { AggregationTemporality, type AggregationTemporalitySelector, InstrumentType } from '@opentelemetry/sdk-metrics'

export type TemporalityPreference = 'cumulative' | 'delta' | 'lowmemory'

const { CUMULATIVE, DELTA } = AggregationTemporality
const upDown = [InstrumentType.UP_DOWN_COUNTER, InstrumentType.OBSERVABLE_UP_DOWN_COUNTER]
const synchronous = [InstrumentType.COUNTER, InstrumentType.HISTOGRAM]

/** OpenTelemetry's three preferences (specification, "OTLP metrics exporter"). What goes up and down is always a total. */
export const temporalities: Readonly<Record<TemporalityPreference, AggregationTemporalitySelector>> = {
  cumulative: () => CUMULATIVE,
  delta: (type) => (upDown.includes(type) ? CUMULATIVE : DELTA),
  lowmemory: (type) => (synchronous.includes(type) ? DELTA : CUMULATIVE),
}
