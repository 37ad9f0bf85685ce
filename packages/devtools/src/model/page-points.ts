import type { AuthRecord } from '@authflight/client'
import type { Lanes } from './lanes.ts'
import type { SpanColumns } from './span-columns.ts'

export interface Page {
  readonly columns: SpanColumns
  readonly lanes: Lanes
}

/** Points about the page and the network, oldest first, between two times. */
export function pagePoints({ columns, lanes: { page } }: Page, from: number, to: number): AuthRecord[] {
  const rows = page.rows.subarray(page.firstEnding(columns, from), page.firstStarting(columns, to))
  // What an app asks for stands there too, and may last.
  return Array.from(rows, (row) => columns.record(row)).filter(({ startedAt }) => startedAt >= from)
}
