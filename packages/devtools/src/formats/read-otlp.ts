import type { AuthRecord } from '@authflight/client'
import { readRecord } from '../model/record-shape.ts'
import { carriers, failed, kinds } from './otlp.ts'

type Unknown = Readonly<Record<string, unknown>>

/** The records in one OTLP document, those of other scopes left out. Nothing about the document is taken for granted. */
export function readOtlp(document: Unknown): AuthRecord[] {
  return listOf(document['resourceSpans']).flatMap((resourceSpans) => {
    const resource = readAttributes(asObject(resourceSpans['resource'])['attributes'])
    const scopes = [...listOf(resourceSpans['scopeSpans']), ...listOf(resourceSpans['instrumentationLibrarySpans'])]
    return scopes.flatMap((scopeSpans) => {
      const scope = readAttributes(asObject(scopeSpans['scope'])['attributes'])
      const tab = wordOr(resource[carriers.tab], 'file')
      const client = wordOr(scope[carriers.client], tab)
      return listOf(scopeSpans['spans'])
        .map((span) => readSpan(span, tab, client))
        .filter((record) => record !== null)
    })
  })
}

function readSpan(span: Unknown, tab: string, client: string): AuthRecord | null {
  const { name } = span
  if (typeof name !== 'string' || !name.startsWith('authflight.')) return null
  const { [carriers.open]: isOpen, ...attributes } = readAttributes(span['attributes'])
  return toRecord({
    id: span['spanId'],
    traceId: span['traceId'],
    parentId: span['parentSpanId'],
    links: listOf(span['links']).map((link) => ({ traceId: link['traceId'], id: link['spanId'] })),
    name,
    isClient: span['kind'] === kinds.client || span['kind'] === 'SPAN_KIND_CLIENT',
    startedAt: toMilliseconds(span['startTimeUnixNano']),
    endedAt: isOpen === true ? undefined : toMilliseconds(span['endTimeUnixNano']),
    isFailed: isFailed(asObject(span['status'])['code']),
    attributes,
    client,
    tab,
  })
}

interface SpanFields {
  readonly id: unknown
  readonly traceId: unknown
  readonly parentId: unknown
  readonly links: readonly unknown[]
  readonly name: string
  readonly isClient: boolean
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly isFailed: boolean
  readonly attributes: Unknown
  readonly client: string
  readonly tab: string
}

/** A record of what a span says; `null` where that has not the shape of one. */
export function toRecord({ parentId, endedAt, isClient, isFailed: hasFailed, ...same }: SpanFields): AuthRecord | null {
  return readRecord({
    ...same,
    v: 1,
    // Both forms of "none" are met in files.
    ...(parentId === undefined || parentId === '' || parentId === null ? {} : { parentId }),
    ...(endedAt === undefined ? {} : { endedAt }),
    kind: same.name.startsWith('authflight.record.') ? 'point' : isClient ? 'client' : 'internal',
    status: hasFailed ? 'error' : 'unset',
  })
}

export function asObject(value: unknown): Unknown {
  return typeof value === 'object' && value !== null ? (value as Unknown) : {}
}

export function listOf(value: unknown): Unknown[] {
  return Array.isArray(value) ? value.map(asObject) : []
}

export function wordOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value.length > 0 && value.length <= 64 ? value : otherwise
}

export function isFailed(code: unknown): boolean {
  return code === failed || code === 'STATUS_CODE_ERROR' || code === 'ERROR'
}

function readAttributes(list: unknown): Record<string, unknown> {
  const read: Record<string, unknown> = Object.create(null)
  for (const { key, value } of listOf(list)) if (typeof key === 'string') read[key] = readValue(asObject(value))
  return read
}

function readValue(value: Unknown): unknown {
  if ('stringValue' in value) return value['stringValue']
  if ('boolValue' in value) return value['boolValue']
  if ('intValue' in value) return Number(value['intValue'])
  return value['doubleValue']
}

function toMilliseconds(nanoseconds: unknown): number {
  if (typeof nanoseconds === 'number') return Math.round(nanoseconds / 1000) / 1000
  if (typeof nanoseconds !== 'string' || !/^\d{1,20}$/.test(nanoseconds)) return Number.NaN
  return Number(BigInt(nanoseconds) / 1000n) / 1000
}
