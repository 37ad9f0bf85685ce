import { emptyResource } from '@opentelemetry/resources'
import { StackContextManager } from '@opentelemetry/sdk-trace'
import { contentTypes } from './exporters.ts'
import { fetchSend, keepaliveLimit } from './fetch-send.ts'
import { checkOptions, requireOptions, type TelemetryOptions } from './options.ts'
import { watchPage } from './page.ts'
import { type Signal, start, type Telemetry, w3cPropagators } from './start.ts'
import { temporalities } from './temporality.ts'

/**
 * Registers an OpenTelemetry SDK for a page or a worker that has none: spans in batches and metrics each minute, sent to an OTLP/HTTP receiver,
 * handed over when the page is hidden, kept within bounds (1 MiB) while it is offline. Call it before the auth client is made.
 *
 * @throws {TelemetryError} `invalid_option`, or `already_started` where an SDK is registered
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const checked = checkOptions(options, globalThis.location?.href)
  requireOptions(checked)
  const { endpoint, headers, protocol = 'http/protobuf' } = checked
  const signal = (path: string): Signal => ({
    protocol,
    send: fetchSend(`${endpoint}/v1/${path}`, headers, contentTypes[protocol]),
  })
  return start(checked, {
    traces: signal('traces'),
    metrics: signal('metrics'),
    contextManager: new StackContextManager(),
    propagators: w3cPropagators,
    resource: emptyResource(),
    temporality: temporalities.delta,
    reader: {},
    largestRequest: keepaliveLimit / 2,
    // Browsers refuse a tenth request that is to outlive its page; the app may have some of its own.
    outbox: { flyingBytes: keepaliveLimit, flyingRequests: 6, keptBytes: 1024 * 1024 },
    isOnline: () => globalThis.navigator?.onLine !== false,
    watch: watchPage,
  })
}
