// The names of the second line, as the tests use them, on the third.
import {
  BatchSpanProcessor as Batch,
  type BatchSpanProcessorOptions,
  SimpleSpanProcessor as Simple,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'

export { InMemorySpanExporter, SamplingDecision } from '@opentelemetry/sdk-trace'
export { TracerProvider as BasicTracerProvider }

export class SimpleSpanProcessor extends Simple {
  constructor(exporter: SpanExporter) {
    super({ exporter })
  }
}

export class BatchSpanProcessor extends Batch {
  constructor(exporter: SpanExporter, config: Omit<BatchSpanProcessorOptions, 'exporter'>) {
    super({ ...config, exporter })
  }
}
