/** The part of OTLP's JSON encoding that carries spans (opentelemetry-proto, trace/v1; ids are hex, 64-bit numbers are text). */
export interface OtlpTraces {
  readonly resourceSpans: readonly OtlpResourceSpans[]
}

export interface OtlpResourceSpans {
  readonly resource: { readonly attributes: readonly OtlpAttribute[] }
  readonly scopeSpans: readonly OtlpScopeSpans[]
}

export interface OtlpScopeSpans {
  readonly scope: { readonly name: string; readonly attributes: readonly OtlpAttribute[] }
  readonly spans: readonly OtlpSpan[]
}

export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code?: number }
}

export interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }

/** SpanKind and StatusCode. */
export const kinds = { internal: 1, client: 3 } as const
export const failed = 2

/** Where a record's own fields travel that spans have not. A realm is an instance of the service. */
export const carriers = {
  tab: 'service.instance.id',
  client: 'authflight.client',
  /** Marks an operation that was still open: its end says nothing. */
  open: 'authflight.record.open',
} as const

export const scopeName = '@authflight/client'
