import type { AuthRecord } from '@authflight/client'
import { Labels } from '../model/lanes.ts'
import { isZeroLength } from '../model/names.ts'
import { nameOf, outcomeOf } from '../model/words.ts'

/** One event of the Trace Event Format, which Perfetto and Chrome's tracing read. Times are microseconds. */
export interface TraceEvent {
  readonly ph: 'b' | 'e' | 'i' | 'M'
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly id?: string
  readonly s?: 't'
  readonly args?: Readonly<Record<string, unknown>>
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms'
  readonly traceEvents: readonly TraceEvent[]
}

/** Which events belong together: all of one flight are nested under one id. */
function groupOf(record: AuthRecord): string {
  if (record.name === 'authflight.refresh' || record.name === 'authflight.wait') return record.id
  return record.parentId ?? record.id
}

/**
 * Records as a Chrome trace: a process a tab, a thread a client, an asynchronous slice an operation, since flights overlap; an
 * instant for what has no length. What is still open ends with the recording.
 */
export function writeChromeTrace(records: readonly AuthRecord[]): ChromeTrace {
  const labels = new Labels()
  for (const { tab, client } of records) labels.see(tab, client)
  const tabs = numberAll(records.map(({ tab }) => tab))
  const clients = numberAll(records.map(({ tab, client }) => `${tab} ${client}`))
  const last = records.reduce((latest, record) => Math.max(latest, record.endedAt ?? record.startedAt), 0)
  const place = ({ tab, client }: AuthRecord) => {
    return { pid: tabs.get(tab)!, tid: clients.get(`${tab} ${client}`)! }
  }
  const firsts = new Map<string, AuthRecord>()
  for (const record of records)
    if (!firsts.has(`${record.tab} ${record.client}`)) firsts.set(`${record.tab} ${record.client}`, record)
  const metadata = [...firsts.values()].flatMap((record): TraceEvent[] => [
    { ph: 'M', name: 'process_name', ...place(record), args: { name: labels.tab(record.tab) } },
    { ph: 'M', name: 'thread_name', ...place(record), args: { name: labels.client(record.tab, record.client) } },
  ])
  const events = records.flatMap((record): TraceEvent[] => {
    const outcome = outcomeOf(record)
    const name =
      outcome === '' || outcome === nameOf(record)
        ? nameOf(record)
        : `${nameOf(record)}: ${outcome.replaceAll('_', ' ')}`
    const shared = { name, cat: record.name, ...place(record) }
    const ts = toMicroseconds(record.startedAt)
    if (isZeroLength(record)) return [{ ...shared, ph: 'i', s: 't', ts, args: record.attributes }]
    const id = groupOf(record)
    return [
      { ...shared, ph: 'b', id, ts, args: record.attributes },
      { ...shared, ph: 'e', id, ts: toMicroseconds(record.endedAt ?? last) },
    ]
  })
  return { displayTimeUnit: 'ms', traceEvents: [...metadata, ...events] }
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

/** Each word with its number, from 1 in order of appearance. */
function numberAll(words: readonly string[]): Map<string, number> {
  return new Map([...new Set(words)].map((word, index) => [word, index + 1]))
}
