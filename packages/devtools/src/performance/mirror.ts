import { recorderHook, type AuthRecord, type RecorderHook } from '@authflight/client'
import { isZeroLength, type Tone, toneOf } from '../model/names.ts'
import { readRecord } from '../model/record-shape.ts'
import { eachSource } from '../model/sources.ts'
import { instantLabel, outcomeOf, reads } from '../model/words.ts'

export interface MirrorOptions {
  /** Where the records come from. Default: this realm's. */
  readonly hook?: RecorderHook
}

/**
 * Shows what ends from now on in the browser's Performance panel, while that records: operations as bars on tracks of their own, in the
 * group Authflight, and what happens to sessions and to the page as marks. It goes there as user timings (`performance.measure`,
 * `performance.mark`), which are taken back at once, so that the page's own list of them does not grow; who observes user timings sees
 * them go by under names that begin with `authflight`. Changes nothing of the client, and may stay on in production.
 *
 * @returns the way to stop
 */
export function mirrorToPerformance({ hook = recorderHook() }: MirrorOptions = {}): () => void {
  function show(value: unknown): void {
    // The recorder may be forged: what has not the shape of a record is not shown.
    const record = readRecord(value)
    if (record?.endedAt === undefined) return
    try {
      if (!isZeroLength(record)) measure(record, record.endedAt)
      else if (noted.has(record.name)) mark(record)
    } catch {
      // A browser without user timings, or a page that has put something else in their place.
    }
  }
  return eachSource(hook, () => {}, show)
}

/** Instants that say something about what stands beside them. Timers, claims and the store's own are the Authflight panel's. */
const noted = new Set([
  'authflight.session_end',
  'authflight.record.event',
  'authflight.record.page_state',
  'authflight.record.network',
  'authflight.record.clock_jump',
])

function measure(record: AuthRecord, endedAt: number): void {
  const name = `${record.name}: ${reads(outcomeOf(record) || 'done')}`
  const track = tracks[record.name] ?? 'Calls'
  const [start, end] = [record.startedAt, endedAt].map(sinceTheirOrigin)
  const entry = { dataType: 'track-entry', trackGroup: 'Authflight', track, color: colors[toneOf(record)] }
  performance.measure(name, {
    start: start!,
    end: end!,
    detail: { devtools: { ...entry, properties: toldBy(record) } },
  })
  performance.clearMeasures(name)
}

function mark(record: AuthRecord): void {
  const name = `authflight: ${instantLabel(record, '')}`
  const entry = { dataType: 'marker', color: colors[toneOf(record)], properties: toldBy(record) }
  performance.mark(name, { startTime: sinceTheirOrigin(record.startedAt), detail: { devtools: entry } })
  performance.clearMarks(name)
}

const tracks: Readonly<Record<string, string>> = {
  'authflight.refresh': 'Refreshes',
  'authflight.token_request': 'Refreshes',
  'authflight.discard': 'Refreshes',
  'authflight.wait': 'Waits',
  'authflight.contention': 'Contention',
}

/** Of those that the Performance panel knows. */
const colors: Readonly<Record<Tone, string>> = {
  open: 'primary-light',
  good: 'primary',
  adopted: 'primary-light',
  discarded: 'warning',
  rejected: 'error',
  failed: 'error',
  request: 'secondary',
  request_failed: 'error',
  contention: 'warning',
  wait: 'tertiary-light',
  left: 'warning',
  mark: 'tertiary',
}

/** Attributes as recorded: the first part of each key says the same in all of them. */
const toldBy = ({ attributes }: AuthRecord): [string, string][] =>
  Object.entries(attributes).map(([key, value]) => [key.replace(/^authflight\./, ''), String(value)])

/** User timings count from the origin of the page, which may be a little after what a forged record says. */
const sinceTheirOrigin = (at: number): number => Math.max(at - performance.timeOrigin, 0)
