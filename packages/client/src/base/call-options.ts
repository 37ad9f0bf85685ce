import type { Context } from '@opentelemetry/api'

/** What every asynchronous method takes. */
export interface CallOptions {
  /** Lets this caller go; the work it shares goes on for the others. */
  readonly signal?: AbortSignal | undefined
  /** The caller's OpenTelemetry context, for where the context manager has lost it. Default: the active one. */
  readonly otelContext?: Context | undefined
}
