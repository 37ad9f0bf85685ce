import type { AuthRecord } from '@authflight/client'
import { asObject, isFailed, listOf, toRecord, wordOr } from './read-otlp.ts'

/**
 * The records in what the embedded trace view (`autotel-devtools`) gives back: traces with spans whose times are epoch
 * milliseconds and whose attributes are an object, the resource's among them.
 */
export function readTraceView(traces: unknown): AuthRecord[] {
  return listOf(traces)
    .flatMap((trace) => listOf(trace['spans']))
    .map((span) => {
      const { name } = span
      if (typeof name !== 'string' || !name.startsWith('authflight.')) return null
      const all = asObject(span['attributes'])
      const attributes = Object.fromEntries(
        Object.entries(all).filter(([key]) => /^(authflight|http|server|error)\./.test(key)),
      )
      const tab = wordOr(all['service.instance.id'], 'file')
      return toRecord({
        id: span['spanId'],
        traceId: span['traceId'],
        parentId: span['parentSpanId'],
        links: listOf(span['links']).map((link) => ({ traceId: link['traceId'], id: link['spanId'] })),
        name,
        isClient: span['kind'] === 'CLIENT',
        startedAt: Number(span['startTime']),
        endedAt: Number(span['endTime']),
        isFailed: isFailed(asObject(span['status'])['code']),
        attributes,
        client: tab,
        tab,
      })
    })
    .filter((record) => record !== null)
}
