import { diag, DiagConsoleLogger } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { detectResources, envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources'
import {
  checkCompression,
  checkSampler,
  isDisabled,
  isExported,
  readLogLevel,
  readMetricTimes,
  readPropagators,
  readProtocol,
  readTemporality,
} from './environment.ts'
import { contentTypes } from './exporters.ts'
import { nodeSend } from './node-send.ts'
import { checkOptions, type TelemetryOptions } from './options.ts'
import { passContextOn, type Signal, start, type Telemetry } from './start.ts'

export { withoutAttemptSpans } from './attempt-spans.ts'
export { TelemetryError, type TelemetryErrorCode } from './errors.ts'
export type { Protocol, TelemetryOptions } from './options.ts'
export type { Telemetry } from './start.ts'

/**
 * Registers an OpenTelemetry SDK for a process that has none. What is not given comes from the standard variables (`OTEL_SERVICE_NAME`,
 * `OTEL_EXPORTER_OTLP_ENDPOINT`, …); what is given wins over them. Up to 16 MiB are kept while the receiver cannot be reached. It keeps no process
 * alive: call `shutdown()` before yours ends.
 *
 * @throws {TelemetryError} `invalid_option`; `unsupported_variable`, such as a protocol that is not OTLP over HTTP; `already_started` where an SDK
 * is registered
 */
export function startTelemetry(options: Partial<TelemetryOptions> = {}): Telemetry {
  const checked = checkOptions(options)
  const passing = { contextManager: new AsyncLocalStorageContextManager(), propagators: readPropagators() }
  if (isDisabled()) return passThrough(passing)
  if (checked.sampler === undefined) checkSampler()
  const level = readLogLevel()
  if (level !== undefined) diag.setLogger(new DiagConsoleLogger(), level)
  const signal = (name: 'traces' | 'metrics', caps: 'TRACES' | 'METRICS'): Signal | null => {
    if (!isExported(caps)) return null
    checkCompression(caps)
    const protocol = checked.protocol ?? readProtocol(caps)
    const { endpoint: url, headers } = checked
    return { protocol, send: nodeSend(name, { url, headers, contentType: contentTypes[protocol] }) }
  }
  return start(checked, {
    traces: signal('traces', 'TRACES'),
    metrics: signal('metrics', 'METRICS'),
    ...passing,
    // Not the detectors of process and host: a command line may hold a key, and a host name a person's.
    resource: detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }),
    temporality: readTemporality(),
    reader: readMetricTimes(),
    largestRequest: 1024 * 1024,
    outbox: { flyingBytes: 4 * 1024 * 1024, flyingRequests: 4, keptBytes: 16 * 1024 * 1024 },
    isOnline: () => true,
    watch: () => () => {},
  })
}

/** What `OTEL_SDK_DISABLED=true` asks for: nothing is recorded, and the trace of whoever calls goes on to whoever is called. */
function passThrough(passing: Parameters<typeof passContextOn>[0]): Telemetry {
  let withdraw: (() => void) | null = passContextOn(passing)
  return {
    flush: async () => {},
    async shutdown() {
      withdraw?.()
      withdraw = null
    },
  }
}
