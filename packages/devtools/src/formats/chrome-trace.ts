import type { AuthRecord } from '@authflight/client'
import { Labels } from '../model/lanes.ts'
import { isZeroLength } from '../model/names.ts'
import { byStart } from '../model/record-shape.ts'
import { lastHeard } from '../model/whole-model.ts'
import { nameOf, outcomeOf } from '../model/words.ts'

/** One event of the Trace Event Format, which Chrome's Performance panel and Perfetto read. Times are microseconds. */
export interface TraceEvent {
  readonly ph: 'X' | 'I' | 'M'
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly s?: 't'
  readonly args?: Readonly<Record<string, unknown>>
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms'
  readonly traceEvents: readonly TraceEvent[]
}

/** A thread of the trace. Viewers take what overlaps in one for calls inside of each other. */
interface Row {
  /** What its open slices belong to. */
  group: string
  /** When they end, the outermost first. */
  readonly ends: number[]
}

/** What may lie inside of each other: all of one flight. */
function groupOf({ name, id, parentId }: AuthRecord): string {
  return name === 'authflight.refresh' || name === 'authflight.wait' ? id : (parentId ?? id)
}

/**
 * Records as a Chrome trace: a process a tab, a thread a client, and further ones for what overlaps there without belonging together; a
 * slice an operation, an instant for what has no length. What is still open ends where its tab was heard last.
 */
export function writeChromeTrace(records: readonly AuthRecord[]): ChromeTrace {
  const labels = new Labels()
  for (const record of records) labels.see(record)
  const heard = lastHeard(records)
  const last = Math.max(...heard.values())
  const processes = new Map<string, number>()
  const threads = new Map<string, number>()
  const rowsOf = new Map<string, Row[]>()
  const metadata: TraceEvent[] = []
  const events: TraceEvent[] = []

  function placeIn({ tab, client }: AuthRecord, row: number): Pick<TraceEvent, 'pid' | 'tid'> {
    const known = [processes.size, threads.size]
    const place = { pid: numberOf(processes, tab), tid: numberOf(threads, `${tab} ${client} ${row}`) }
    const tell = (kind: string, name: string) =>
      void metadata.push({ ph: 'M', name: `${kind}_name`, ...place, args: { name } })
    if (processes.size > known[0]!) tell('process', labels.tab(tab))
    if (threads.size > known[1]!) tell('thread', labels.client(tab, client) + (row > 0 ? ` · row ${row + 1}` : ''))
    return place
  }

  const timed = records.map((record) => {
    const { startedAt, endedAt = heard.get(record.tab)! } = record
    return { record, endedAt, ts: toMicroseconds(startedAt), end: toMicroseconds(endedAt) }
  })
  const inOrder = timed.toSorted((a, b) => a.ts - b.ts || b.end - a.end || byStart(a.record, b.record))
  for (const { record, endedAt, ts, end } of inOrder) {
    const { tab, client, attributes: args } = record
    const outcome = outcomeOf(record, endedAt < last ? endedAt : Infinity)
    const isTold = outcome === '' || outcome === nameOf(record)
    const name = nameOf(record) + (isTold ? '' : `: ${outcome.replaceAll('_', ' ')}`)
    const shared = { name, cat: 'authflight', ts, args }
    if (isZeroLength(record)) events.push({ ...shared, ...placeIn(record, 0), ph: 'I', s: 't' })
    else {
      const whose = `${tab} ${client}`
      const rows = rowsOf.get(whose) ?? []
      rowsOf.set(whose, rows)
      events.push({ ...shared, ...placeIn(record, takeRow(rows, groupOf(record), ts, end)), ph: 'X', dur: end - ts })
    }
  }
  return { displayTimeUnit: 'ms', traceEvents: [...metadata, ...events] }
}

/** More rows of one client nobody reads: what would need another one shares the last. */
const mostRows = 128

/** The first row where a slice lies inside of its own, else the first that is empty at that time. */
function takeRow(rows: Row[], group: string, ts: number, end: number): number {
  for (const { ends } of rows) while (ends.length > 0 && ends.at(-1)! <= ts) ends.pop()
  let at = rows.findIndex((row) => row.group === group && (row.ends.at(-1) ?? 0) >= end)
  if (at < 0) at = rows.findIndex(({ ends }) => ends.length === 0)
  if (at < 0) at = rows.length < mostRows ? rows.push({ group, ends: [] }) - 1 : mostRows - 1
  const row = rows[at]!
  row.group = group
  row.ends.push(end)
  return at
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

/** From 1, in order of appearance. */
function numberOf(numbers: Map<string, number>, word: string): number {
  if (!numbers.has(word)) numbers.set(word, numbers.size + 1)
  return numbers.get(word)!
}
