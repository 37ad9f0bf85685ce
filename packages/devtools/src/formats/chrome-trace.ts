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
  const last = records.reduce((latest, record) => Math.max(latest, record.endedAt ?? record.startedAt), 0)
  const processes = new Map<string, number>()
  const threads = new Map<string, number>()
  const metadata: TraceEvent[] = []
  const events: TraceEvent[] = []
  for (const record of records) {
    const { tab, client, attributes: args } = record
    const known = threads.size
    const place = { pid: numberOf(processes, tab), tid: numberOf(threads, `${tab} ${client}`) }
    if (threads.size > known)
      metadata.push(
        { ph: 'M', name: 'process_name', ...place, args: { name: labels.tab(tab) } },
        { ph: 'M', name: 'thread_name', ...place, args: { name: labels.client(tab, client) } },
      )
    const outcome = outcomeOf(record)
    const isTold = outcome === '' || outcome === nameOf(record)
    const name = nameOf(record) + (isTold ? '' : `: ${outcome.replaceAll('_', ' ')}`)
    const shared = { name, cat: record.name, ...place }
    const ts = toMicroseconds(record.startedAt)
    if (isZeroLength(record)) events.push({ ...shared, ph: 'i', s: 't', ts, args })
    else {
      const id = groupOf(record)
      events.push(
        { ...shared, ph: 'b', id, ts, args },
        { ...shared, ph: 'e', id, ts: toMicroseconds(record.endedAt ?? last) },
      )
    }
  }
  return { displayTimeUnit: 'ms', traceEvents: [...metadata, ...events] }
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

/** From 1, in order of appearance. */
function numberOf(numbers: Map<string, number>, word: string): number {
  if (!numbers.has(word)) numbers.set(word, numbers.size + 1)
  return numbers.get(word)!
}
