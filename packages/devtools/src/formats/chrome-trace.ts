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

/** Which slices belong together: all of one flight are nested under one id. */
function groupOf(record: AuthRecord): string {
  if (record.name === 'authflight.refresh' || record.name === 'authflight.wait') return record.id
  return record.parentId ?? record.id
}

/** Viewers know slices that may nest by category and id together. */
const cat = 'authflight'

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
  const slices: Slice[] = []
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
    const shared = { name, cat, ...place }
    const ts = toMicroseconds(record.startedAt)
    if (isZeroLength(record)) events.push({ ...shared, ph: 'i', s: 't', ts, args })
    else {
      const end = toMicroseconds(record.endedAt ?? last)
      slices.push({ begin: { ...shared, ph: 'b', id: groupOf(record), ts, args }, ts, end })
    }
  }
  return { displayTimeUnit: 'ms', traceEvents: [...metadata, ...events, ...nest(slices)] }
}

interface Slice {
  readonly begin: TraceEvent
  readonly ts: number
  readonly end: number
}

/**
 * Begins and ends in such an order that of each id the last that began is the first that ends, as viewers take them. A slice that
 * outlasts the one that it would lie in has an id of its own.
 */
function nest(slices: readonly Slice[]): TraceEvent[] {
  const open = new Map<string, Slice[]>()
  const events: TraceEvent[] = []
  const end = (until: number, stack: Slice[]) => {
    while (stack.length > 0 && stack.at(-1)!.end <= until) {
      const { begin, end: ts } = stack.pop()!
      const { args: _, ...shared } = begin
      events.push({ ...shared, ph: 'e', ts })
    }
  }
  for (const slice of slices.toSorted((a, b) => a.ts - b.ts || b.end - a.end)) {
    let id = slice.begin.id!
    let stack = open.get(id) ?? []
    end(slice.ts, stack)
    if (stack.length > 0 && stack.at(-1)!.end < slice.end) {
      id += `+${events.length}`
      stack = []
    }
    open.set(id, stack)
    const begin = { ...slice.begin, id }
    stack.push({ ...slice, begin })
    events.push(begin)
  }
  for (const stack of open.values()) end(Infinity, stack)
  return events
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

/** From 1, in order of appearance. */
function numberOf(numbers: Map<string, number>, word: string): number {
  if (!numbers.has(word)) numbers.set(word, numbers.size + 1)
  return numbers.get(word)!
}
