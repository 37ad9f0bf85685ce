import type { AuthRecord } from '@authflight/client'
import { carriers } from './otlp.ts'
import { asObject, listOf, toNumber, toRecord, wordOr } from './read-otlp.ts'

type Unknown = Readonly<Record<string, unknown>>

/**
 * The records in what Jaeger's query service gives, and its _Download JSON_: traces with spans whose times are epoch microseconds, and beside
 * them processes, which tell of resources. A scope's attributes do not come through Jaeger, so a tab's clients are one.
 */
export function readJaeger(traces: unknown): AuthRecord[] {
  return listOf(traces).flatMap((trace) => {
    const processes = asObject(trace['processes'])
    return listOf(trace['spans'])
      .map((span) => readSpan(span, asObject(processes[wordOr(span['processID'], '')])))
      .filter((record) => record !== null)
  })
}

function readSpan(span: Unknown, process: Unknown): AuthRecord | null {
  const tags = readTags(span['tags'])
  const references = listOf(span['references'])
  const isParent = ({ refType }: Unknown) => refType === 'CHILD_OF'
  const tab = wordOr(readTags(process['tags'])[carriers.tab], 'file')
  const startedAt = toNumber(span['startTime'])
  const same = {
    name: span['operationName'],
    ...idsOf(span),
    parentSpanId: idsOf(references.find(isParent) ?? {}).spanId,
    links: references.filter((reference) => !isParent(reference)).map(idsOf),
    status: { code: tags['otel.status_code'] },
  }
  return toRecord(same, {
    isClient: tags['span.kind'] === 'client',
    startedAt: startedAt / 1000,
    endedAt: (startedAt + toNumber(span['duration'])) / 1000,
    attributes: Object.fromEntries(
      Object.entries(tags).filter(([key]) => /^(authflight|http|server|error)\./.test(key)),
    ),
    client: tab,
    tab,
  })
}

function readTags(list: unknown): Record<string, unknown> {
  const read: Record<string, unknown> = Object.create(null)
  for (const { key, type, value } of listOf(list))
    // Some stores of Jaeger's give numbers as text.
    if (typeof key === 'string') read[key] = type === 'int64' || type === 'float64' ? toNumber(value) : value
  return read
}

/** Zeros that lead an id are left out by some versions. */
function idsOf({ traceID, spanID }: Unknown) {
  const padded = (id: unknown, digits: number) => (typeof id === 'string' ? id.padStart(digits, '0') : undefined)
  return { traceId: padded(traceID, 32), spanId: padded(spanID, 16) }
}
