import type { TextMapPropagator } from '@opentelemetry/api'
import {
  diagLogLevelFromString,
  getBooleanFromEnv,
  getNumberFromEnv,
  getStringFromEnv,
  getStringListFromEnv,
} from '@opentelemetry/core'
import { TelemetryError } from './errors.ts'
import type { Protocol } from './options.ts'
import { w3cPropagators } from './start.ts'
import { temporalities, type TemporalityPreference } from './temporality.ts'

/**
 * The standard variables that OpenTelemetry's packages leave to whoever puts them together. They read the others themselves:
 * OTEL_TRACES_SAMPLER, OTEL_BSP_*, limits, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME, and OTEL_EXPORTER_OTLP_* for the request.
 *
 * A value that cannot be followed is an error with its name: an operator who asks for gRPC must not get silence.
 */

export const isDisabled = (): boolean => getBooleanFromEnv('OTEL_SDK_DISABLED') === true

export const readLogLevel = () => diagLogLevelFromString(getStringFromEnv('OTEL_LOG_LEVEL'))

/** OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER. */
export const isExported = (signal: 'TRACES' | 'METRICS'): boolean =>
  choose([`OTEL_${signal}_EXPORTER`], { otlp: true, none: false }, 'otlp')

/** OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, OTEL_EXPORTER_OTLP_METRICS_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL. */
export const readProtocol = (signal: 'TRACES' | 'METRICS'): Protocol =>
  choose<Protocol>(
    [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    { 'http/protobuf': 'http/protobuf', 'http/json': 'http/json' },
    'http/protobuf',
  )

/** OTEL_TRACES_SAMPLER, which the SDK reads itself, and takes for nothing where it knows no such sampler. */
export const checkSampler = (): unknown => choose(['OTEL_TRACES_SAMPLER'], samplers, 'parentbased_always_on')

const samplers = {
  always_on: true,
  always_off: true,
  traceidratio: true,
  parentbased_always_on: true,
  parentbased_always_off: true,
  parentbased_traceidratio: true,
}

/** OTEL_EXPORTER_OTLP_TRACES_COMPRESSION and the like, which the exporter reads itself. */
export const checkCompression = (signal: 'TRACES' | 'METRICS'): unknown =>
  choose(
    [`OTEL_EXPORTER_OTLP_${signal}_COMPRESSION`, 'OTEL_EXPORTER_OTLP_COMPRESSION'],
    { gzip: true, none: true },
    'none',
  )

export const readTemporality = () =>
  temporalities[
    choose<TemporalityPreference>(
      ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'],
      { cumulative: 'cumulative', delta: 'delta', lowmemory: 'lowmemory' },
      'cumulative',
    )
  ]

/** OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRIC_EXPORT_TIMEOUT: milliseconds. */
export function readMetricTimes(): { exportIntervalMillis?: number; exportTimeoutMillis?: number } {
  const interval = readMilliseconds('OTEL_METRIC_EXPORT_INTERVAL')
  const timeout = readMilliseconds('OTEL_METRIC_EXPORT_TIMEOUT')
  return {
    ...(interval !== undefined && { exportIntervalMillis: interval }),
    // A timeout beyond the interval is one that the reader does not take.
    ...(timeout !== undefined && { exportTimeoutMillis: Math.min(timeout, interval ?? 60_000) }),
  }
}

/** OTEL_PROPAGATORS. */
export function readPropagators(): readonly TextMapPropagator[] {
  const [tracecontext, baggage] = w3cPropagators
  const known: Record<string, TextMapPropagator | undefined> = { tracecontext, baggage, none: undefined }
  return (getStringListFromEnv('OTEL_PROPAGATORS') ?? ['tracecontext', 'baggage']).flatMap((name) => {
    if (!Object.hasOwn(known, name)) fail('OTEL_PROPAGATORS', name, Object.keys(known))
    return known[name] ?? []
  })
}

function readMilliseconds(name: string): number | undefined {
  const value = getNumberFromEnv(name)
  if (value !== undefined && !(value > 0)) fail(name, String(value), ['milliseconds above 0'])
  return value
}

/** The first of these variables that is set. */
function choose<T>(names: readonly string[], choices: Readonly<Record<string, T>>, standard: string): T {
  for (const name of names) {
    const value = getStringFromEnv(name)?.trim().toLowerCase()
    if (value === undefined) continue
    return Object.hasOwn(choices, value) ? (choices[value] as T) : fail(name, value, Object.keys(choices))
  }
  return choices[standard] as T
}

function fail(name: string, value: string, choices: readonly string[]): never {
  throw new TelemetryError(
    'unsupported_variable',
    `${name} is ${JSON.stringify(value)}, which @authflight/telemetry does not do. It takes ${choices.join(', ')}.`,
  )
}
