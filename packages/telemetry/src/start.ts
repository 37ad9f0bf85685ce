import {
  type ContextManager,
  context,
  metrics,
  propagation,
  type ProxyTracerProvider,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  type AggregationTemporalitySelector,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PeriodicExportingMetricReaderOptions,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { withoutAttemptSpans } from './attempt-spans.ts'
import { TelemetryError } from './errors.ts'
import { createMetricExporter, createSpanExporter } from './exporters.ts'
import type { CheckedOptions, Protocol } from './options.ts'
import { createOutbox, type OutboxLimits, type Send } from './outbox.ts'
import { run, standingProvider } from './standing-provider.ts'

export interface Telemetry {
  /** Hands everything over to the network now. Settles when it is delivered, or cannot be for now. Never rejects. */
  flush(): Promise<void>
  /**
   * Flushes, takes the providers out of the OpenTelemetry API and ends all timers. Settles when all that waits was tried once, each request for at
   * most the export timeout (10 s). A second call is the first. Never rejects.
   */
  shutdown(): Promise<void>
}

export interface Signal {
  readonly protocol: Protocol
  readonly send: Send
}

/** What differs between a page and a process. A signal that is null is not exported. */
export interface Surroundings {
  readonly traces: Signal | null
  readonly metrics: Signal | null
  readonly contextManager: ContextManager
  readonly propagators: readonly TextMapPropagator[]
  readonly resource: Resource
  readonly temporality: AggregationTemporalitySelector
  readonly reader: Omit<PeriodicExportingMetricReaderOptions, 'exporter'>
  /** Bytes of one request, if it can be divided. */
  readonly largestRequest: number
  readonly outbox: OutboxLimits
  isOnline(): boolean
  /** Calls `flush` when the page may be about to go, `wake` when the network is back. Returns the way to stop. */
  watch(flush: () => void, wake: () => void): () => void
}

export const w3cPropagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]

/** @throws {TelemetryError} `already_started`, when something has registered an SDK before */
export function start(options: CheckedOptions, around: Surroundings): Telemetry {
  // Before anything is made: a reader of metrics begins its timer by itself.
  if (hasTracers()) throw alreadyStarted()
  const { serviceName, sampler, resource: more, attemptSpans } = options
  const outbox = createOutbox(around.outbox, () => around.isOnline())
  const named = resourceFromAttributes({ ...more, ...(serviceName !== undefined && { 'service.name': serviceName }) })
  const resource = defaultResource().merge(around.resource).merge(named)
  const { traces, metrics: measured } = around
  const tracers = new BasicTracerProvider({
    resource,
    ...(sampler && { sampler }),
    spanProcessors: traces
      ? [
          new BatchSpanProcessor(createSpanExporter(outbox, traces.send, traces.protocol, around.largestRequest), {
            disableAutoFlushOnDocumentHide: true,
          }),
        ]
      : [],
  })
  const meters = new MeterProvider({
    resource,
    readers: measured
      ? [
          new PeriodicExportingMetricReader({
            ...around.reader,
            exporter: createMetricExporter(
              outbox,
              measured.send,
              measured.protocol,
              around.largestRequest,
              around.temporality,
            ),
          }),
        ]
      : [],
  })

  const withdraw = register(tracers, meters, around, attemptSpans)
  const handOver = async (): Promise<void> => {
    // Spans are in the outbox before this line is left: a page that is being hidden has no later.
    await Promise.allSettled([tracers.forceFlush(), meters.forceFlush()])
  }
  const hurry = (): void => {
    void handOver()
    outbox.wake()
  }
  const stopWatching = around.watch(hurry, () => outbox.wake())
  let ending: Promise<void> | null = null

  async function end(): Promise<void> {
    stopWatching()
    withdraw()
    const handedOver = Promise.allSettled([tracers.shutdown(), meters.shutdown()])
    // One try for all, also for what waited for a later one: a second would take another timeout.
    outbox.tryLast()
    await handedOver
    await outbox.drain()
    outbox.close()
  }
  return {
    async flush() {
      if (ending) return ending
      await handOver()
      outbox.wake()
      await outbox.drain()
    },
    shutdown: () => (ending ??= end()),
  }
}

const alreadyStarted = (): TelemetryError =>
  new TelemetryError(
    'already_started',
    'An OpenTelemetry SDK is registered already. Authflight uses it as it is: take this startTelemetry() away. ' +
      'After a hot update call shutdown() of the one before.',
  )

/** Offers all to the API, and gives the way to take back what was ours. */
function register(
  tracers: BasicTracerProvider,
  meters: MeterProvider,
  around: Surroundings,
  attemptSpans: boolean,
): () => void {
  if (!trace.setGlobalTracerProvider(standingProvider)) throw alreadyStarted()
  run(tracers, attemptSpans ? tracers : withoutAttemptSpans(tracers))
  const hasMeters = metrics.setGlobalMeterProvider(meters)
  const withdraw = passContextOn(around)
  return () => {
    run(null, null)
    trace.disable()
    if (hasMeters) metrics.disable()
    withdraw()
  }
}

/** Traces of others go through, whether or not there are any of ours. Gives the way to take back what was ours. */
export function passContextOn({
  contextManager,
  propagators,
}: Pick<Surroundings, 'contextManager' | 'propagators'>): () => void {
  const hasContext = context.setGlobalContextManager(contextManager.enable())
  const hasPropagator =
    propagators.length > 0 &&
    propagation.setGlobalPropagator(new CompositePropagator({ propagators: [...propagators] }))
  return () => {
    if (hasContext) context.disable()
    if (hasPropagator) propagation.disable()
  }
}

/** Asked first, because the API complains in the console when it is given a second one. */
function hasTracers(): boolean {
  const global = trace.getTracerProvider() as Partial<ProxyTracerProvider>
  const delegate = global.getDelegate?.()
  return delegate !== undefined && 'shutdown' in delegate
}
