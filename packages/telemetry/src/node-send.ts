import { ExportResultCode } from '@opentelemetry/core'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import {
  type IExporterMetricsHelper,
  type ISerializer,
  MetricsExporterMetricsHelper,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import type { Send } from './outbox.ts'

export interface Target {
  /** Undefined: what the environment says, else `http://localhost:4318`. */
  readonly url: string | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly contentType: string
}

/** What is sent has been written already. */
const asItIs: ISerializer<Uint8Array, unknown> = {
  serializeRequest: (body) => body,
  // The answer tells how many items were turned away, in one of two formats; that much is in the receiver's own log.
  deserializeResponse: () => ({}),
}

/**
 * Sends by OpenTelemetry's own transport for Node, which knows `OTEL_EXPORTER_OTLP_*`: address, headers, compression, timeout, certificates. It tries
 * again by itself within its timeout.
 */
export function nodeSend(signal: 'traces' | 'metrics', { url, headers, contentType }: Target): Send {
  const helper: IExporterMetricsHelper<Uint8Array> = {
    name: (signal === 'traces' ? TraceExporterMetricsHelper : MetricsExporterMetricsHelper).name,
    countItems: () => 1,
  }
  const delegate = createOtlpHttpExportDelegate(
    convertLegacyHttpOptions(
      { ...(url !== undefined && { url: `${url}/v1/${signal}` }), ...(headers && { headers: { ...headers } }) },
      signal.toUpperCase(),
      `v1/${signal}`,
      { 'Content-Type': contentType },
    ),
    asItIs,
    'otlp_http_exporter',
    helper,
    undefined,
  )
  return (body) =>
    new Promise((resolve) => {
      delegate.export(body, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) resolve({ kind: 'taken' })
        // Only an answer that rules out another try carries its status.
        else if (typeof (error as { code?: unknown } | undefined)?.code === 'number') resolve({ kind: 'refused' })
        else resolve({ kind: 'later', afterMs: null })
      })
    })
}
