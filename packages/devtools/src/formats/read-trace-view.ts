import type { AuthRecord } from '@authflight/client'
import { carriers } from './otlp.ts'
import { asObject, listOf, toRecord, toNumber, wordOr } from './read-otlp.ts'

/**
 * The records in what the embedded trace view (`autotel-devtools`) gives back: traces with spans whose times are epoch
 * milliseconds and whose attributes are an object, the resource's among them.
 */
export function readTraceView(traces: unknown): AuthRecord[] {
  return listOf(traces)
    .flatMap((trace) => listOf(trace['spans']))
    .map((span) => {
      const all = asObject(span['attributes'])
      const tab = wordOr(all[carriers.tab], 'file')
      return toRecord(span, {
        isClient: span['kind'] === 'CLIENT',
        startedAt: toNumber(span['startTime']),
        endedAt: toNumber(span['endTime']),
        attributes: Object.fromEntries(
          Object.entries(all).filter(([key]) => /^(authflight|http|server|error)\./.test(key)),
        ),
        client: tab,
        tab,
      })
    })
    .filter((record) => record !== null)
}
