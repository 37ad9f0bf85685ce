import type { AttributeValue, AuthRecord, RecordAttributes } from '@authflight/client'
import {
  carriers,
  failed,
  kinds,
  type OtlpAttribute,
  type OtlpResourceSpans,
  type OtlpSpan,
  type OtlpTraces,
  type OtlpValue,
  scopeName,
} from './otlp.ts'

/**
 * Records as OTLP JSON: a resource a tab, a scope a client. Points and aggregates become spans without length named
 * `authflight.record.*`, an operation that is still open one that is marked so. Times are kept to the microsecond.
 */
export function writeOtlp(records: readonly AuthRecord[]): OtlpTraces {
  return { resourceSpans: [...groupBy(records, ({ tab }) => tab)].map(([tab, own]) => writeTab(tab, own)) }
}

/** The same, one line of JSON a tab: what OpenTelemetry's file exporter writes. */
export function writeOtlpLines(records: readonly AuthRecord[]): string {
  const lines = writeOtlp(records).resourceSpans.map((resource) => JSON.stringify({ resourceSpans: [resource] }))
  return lines.map((line) => `${line}\n`).join('')
}

function writeTab(tab: string, records: readonly AuthRecord[]): OtlpResourceSpans {
  return {
    resource: { attributes: writeAttributes({ 'service.name': 'authflight', [carriers.tab]: tab }) },
    scopeSpans: [...groupBy(records, ({ client }) => client)].map(([client, own]) => ({
      scope: { name: scopeName, attributes: writeAttributes({ [carriers.client]: client }) },
      spans: own.map(writeSpan),
    })),
  }
}

function writeSpan(record: AuthRecord): OtlpSpan {
  const { id, traceId, parentId, name, kind, startedAt, endedAt, status, links, attributes } = record
  const isOpen = endedAt === undefined
  return {
    traceId,
    spanId: id,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    name,
    kind: kind === 'client' ? kinds.client : kinds.internal,
    startTimeUnixNano: toNanoseconds(startedAt),
    endTimeUnixNano: toNanoseconds(endedAt ?? startedAt),
    attributes: writeAttributes(isOpen ? { ...attributes, [carriers.open]: true } : attributes),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.id })),
    status: status === 'error' ? { code: failed } : {},
  }
}

function writeAttributes(attributes: RecordAttributes): OtlpAttribute[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: writeValue(value) }))
}

function writeValue(value: AttributeValue): OtlpValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** A microsecond is what epoch milliseconds in a double can tell apart. */
function toNanoseconds(milliseconds: number): string {
  return `${BigInt(Math.round(milliseconds * 1000))}000`
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
