import type { OperationName, PointName } from './registry.ts'

export type { OperationName, PointName }

/**
 * A record is one observable operation as plain JSON: the same name, ids and attributes as its span. An operation yields a
 * start record and, under the same `id`, an end record. It crosses postMessage, BroadcastChannel and files unchanged, and
 * holds no token, no identity and no free text.
 */
export interface AuthRecord {
  readonly v: 1
  /** 16 hex digits: the span's id where an SDK made a span, else random. */
  readonly id: string
  /** 32 hex digits. */
  readonly traceId: string
  readonly parentId?: string
  readonly links: readonly RecordLink[]
  readonly name: OperationName | PointName
  readonly kind: 'internal' | 'client' | 'point'
  /** Epoch milliseconds with a sub-millisecond part. */
  readonly startedAt: number
  /** Absent while the operation is open. */
  readonly endedAt?: number
  readonly status: 'unset' | 'error'
  readonly attributes: RecordAttributes
  /** Random display id of the client that recorded it. */
  readonly client: string
  /** Random id of the realm (tab, worker, process) that recorded it. */
  readonly tab: string
}

export interface RecordLink {
  readonly traceId: string
  readonly id: string
}

export type AttributeValue = string | number | boolean
export type RecordAttributes = Readonly<Record<string, AttributeValue>>
