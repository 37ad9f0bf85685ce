import type { AuthRecord } from '@authflight/client'
import reuse from '../verdicts/recordings/reuse-by-a-copied-tab.json'

/** Records of a session that was lost by reuse: something to see in every tab. */
export const recording = { v: 1 as const, records: reuse.records as unknown as AuthRecord[] }

/** What has to be there before a tab of that is looked at. */
export const ready: Readonly<Record<string, string>> = {
  Timeline: '.af-race',
  Table: '.af-row',
  'Why?': '.af-incident',
  Stats: '.af-tiles',
}
