import type { AuthRecord } from '@authflight/client'
import { isWord, readRecord } from '../model/record-shape.ts'
import { carriers, failed, kinds } from './otlp.ts'

type Unknown = Readonly<Record<string, unknown>>

/** The records in one OTLP document, those of other scopes left out. Nothing about the document is taken for granted. */
export function readOtlp(document: Unknown): AuthRecord[] {
  return listOf(document['resourceSpans']).flatMap((resourceSpans) => {
    const resource = readAttributes(asObject(resourceSpans['resource'])['attributes'])
    return listOf(resourceSpans['scopeSpans']).flatMap((scopeSpans) => {
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
  return toRecord(span, {
    isClient: span['kind'] === kinds.client || span['kind'] === 'SPAN_KIND_CLIENT',
    startedAt: toMilliseconds(span['startTimeUnixNano']),
    endedAt: toMilliseconds(span['endTimeUnixNano']),
    attributes: readAttributes(span['attributes']),
    client,
    tab,
  })
}

/** What each format writes in its own way. */
interface SpanFields {
  readonly isClient: boolean
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Unknown
  readonly client: string
  readonly tab: string
}

/** A record of what a span says; `null` where that has not the shape of one. */
export function toRecord(span: Unknown, { isClient, endedAt, attributes, ...same }: SpanFields): AuthRecord | null {
  const { name, spanId: id, traceId, parentSpanId: parentId } = span
  const { code } = asObject(span['status'])
  const { [carriers.open]: isOpen, ...own } = attributes
  return readRecord({
    ...same,
    v: 1,
    id,
    traceId,
    // Both forms of "none" are met in files.
    ...(parentId === undefined || parentId === '' || parentId === null ? {} : { parentId }),
    links: listOf(span['links']).map((link) => ({ traceId: link['traceId'], id: link['spanId'] })),
    name,
    kind:
      typeof name === 'string' && name.startsWith('authflight.record.') ? 'point' : isClient ? 'client' : 'internal',
    ...(isOpen === true ? {} : { endedAt }),
    status: code === failed || code === 'STATUS_CODE_ERROR' || code === 'ERROR' ? 'error' : 'unset',
    attributes: own,
  })
}

export function asObject(value: unknown): Unknown {
  return typeof value === 'object' && value !== null ? (value as Unknown) : {}
}

export function listOf(value: unknown): Unknown[] {
  return Array.isArray(value) ? value.map(asObject) : []
}

/** An object in a file may throw where it is made a number. */
export function toNumber(value: unknown): number {
  return typeof value === 'object' ? Number.NaN : Number(value)
}

export function wordOr(value: unknown, otherwise: string): string {
  return isWord(value) ? value : otherwise
}

function readAttributes(list: unknown): Record<string, unknown> {
  const read: Record<string, unknown> = Object.create(null)
  for (const { key, value } of listOf(list)) if (typeof key === 'string') read[key] = readValue(asObject(value))
  return read
}

function readValue(value: Unknown): unknown {
  if ('stringValue' in value) return value['stringValue']
  if ('boolValue' in value) return value['boolValue']
  if ('intValue' in value) return toNumber(value['intValue'])
  return value['doubleValue']
}

function toMilliseconds(nanoseconds: unknown): number {
  if (typeof nanoseconds === 'number') return Math.round(nanoseconds / 1000) / 1000
  if (typeof nanoseconds !== 'string' || !/^\d{1,20}$/.test(nanoseconds)) return Number.NaN
  return Number(BigInt(nanoseconds) / 1000n) / 1000
}
