import { inTabs, withoutRecorder, withRing, withSdk } from './clients/clients.ts'
import { type PanelRow, panelMotions } from './measures/panel.ts'
import { panelSize } from './measures/sizes.ts'
import type { StormFigures } from './measures/storm.ts'
import { telemetryParts } from './measures/telemetry.ts'
import type { MeasureName } from './options.ts'
import type { Results } from './results.ts'
import { writeNumber } from './table.ts'

/** What a figure of a run may be. */
export interface Bar {
  readonly measure: MeasureName
  readonly what: string
  /** Default `most`. */
  readonly limit: { readonly most: number } | { readonly least: number }
  readonly unit: string
  /** Null where this run did not measure it. NaN, which is within no limit, where it tried and got no figure. */
  read(results: Results): number | null
}

export interface Judgement {
  readonly bar: Bar
  readonly value: number | null
  readonly verdict: 'met' | 'BROKEN' | 'not asked for'
}

/** What is said of a bar that no run of this app can see: where it is measured, and where what came of it is written. */
export const elsewhere = [
  '1,000,000 seeded schedules: npm run explore plays them; the last whole run is in docs/explorer.md',
] as const

const storm = 100_000
const ofStorm =
  (client: string, read: (figures: StormFigures) => number) =>
  ({ storm: rows }: Results): number | null => {
    if (!rows) return null
    const figures = rows.find((row) => row.client === client && row.waiters === storm)?.result
    return figures ? read(figures) : Number.NaN
  }

const ofTabs = (read: (row: NonNullable<Results['tabs']>['rows'][number]) => number) => (results: Results) => {
  if (!results.tabs) return null
  const row = results.tabs.rows.find(({ client }) => client === inTabs.name)
  return row ? read(row) : Number.NaN
}

const ofProcesses = (read: (row: NonNullable<Results['processes']>[number]) => number) => (results: Results) => {
  if (!results.processes) return null
  const row = results.processes.find(({ way }) => way === 'Redis')
  return row ? read(row) : Number.NaN
}

const ofFresh =
  (client: string) =>
  ({ fresh }: Results): number | null =>
    fresh && (fresh.find((row) => row.client === client)?.ratio.median ?? Number.NaN)

const ofSize =
  (what: string) =>
  ({ sizes }: Results): number | null =>
    sizes && (sizes.find((row) => row.what === what)?.kB ?? Number.NaN)

const ofTelemetry =
  (what: string, read: (row: NonNullable<Results['telemetry']>[number]) => number) =>
  ({ telemetry }: Results): number | null => {
    const row = telemetry?.find((part) => part.what === what)
    return telemetry && (row ? read(row) : Number.NaN)
  }

const ofPanel =
  (motion: PanelRow['motion'], read: (row: PanelRow) => number) =>
  ({ panel }: Results): number | null => {
    const row = panel?.rows.find((each) => each.motion === motion)
    return panel && (row ? read(row) : Number.NaN)
  }

const bar = (measure: MeasureName, what: string, limit: Bar['limit'], unit: string, read: Bar['read']): Bar => ({
  measure,
  what,
  limit,
  unit,
  read,
})

const stormBars = (client: string, most: number): Bar[] => [
  bar(
    'storm',
    `100,000, ${client}: requests`,
    { most: 1 },
    '',
    ofStorm(client, ({ requests }) => requests),
  ),
  bar(
    'storm',
    `100,000, ${client}: served`,
    { least: storm },
    '',
    ofStorm(client, ({ served }) => served),
  ),
  bar(
    'storm',
    `100,000, ${client}: CPU`,
    { most },
    '×',
    ofStorm(client, ({ cpu }) => cpu.ratio.median),
  ),
  bar(
    'storm',
    `100,000, ${client}: heap`,
    { most },
    '×',
    ofStorm(client, ({ heap }) => heap.ratio.median),
  ),
]

/** The quality bars that this app can see. */
export const bars: readonly Bar[] = [
  bar(
    'tabs',
    'two tabs: rounds',
    { least: 1_000 },
    '',
    ofTabs(({ rounds }) => rounds),
  ),
  bar(
    'tabs',
    'two tabs: logouts',
    { most: 0 },
    '',
    ofTabs(({ logouts }) => logouts),
  ),
  bar(
    'tabs',
    'two tabs: reuses',
    { most: 0 },
    '',
    ofTabs(({ reuses }) => reuses),
  ),
  bar(
    'tabs',
    'two tabs: requests a round',
    { most: 1 },
    '',
    ofTabs(({ requests, rounds }) => requests / rounds),
  ),
  bar(
    'processes',
    '8 processes × 100 callers, Redis: requests',
    { most: 1 },
    '',
    ofProcesses(({ calls }) => calls),
  ),
  bar(
    'processes',
    '8 processes × 100 callers, Redis: failures',
    { most: 0 },
    '',
    ofProcesses(({ failures }) => failures),
  ),
  ...[withoutRecorder, withRing, withSdk].map(({ name }) =>
    bar('fresh', `fresh session, ${name}`, { most: 2 }, '×', ofFresh(name)),
  ),
  ...stormBars(withoutRecorder.name, 2),
  ...stormBars(withRing.name, 3),
  bar('sizes', 'client', { most: 9 }, ' kB', ofSize('authflight')),
  bar('sizes', 'client with gotrue', { most: 12 }, ' kB', ofSize('authflight with gotrue')),
  bar('sizes', 'client with oauth', { most: 18 }, ' kB', ofSize('authflight with oauth')),
  bar('sizes', 'client with oauth and DPoP', { most: 20 }, ' kB', ofSize('authflight with oauth and DPoP')),
  bar('sizes', panelSize.opened, { most: 45 }, ' kB', ofSize(panelSize.opened)),
  bar('sizes', panelSize.production, { most: 0.1 }, ' kB', ofSize(panelSize.production)),
  ...panelMotions.flatMap((motion) => [
    bar(
      'panel',
      `panel, ${motion}: median frame`,
      { most: 1.1 },
      '×',
      ofPanel(motion, ({ medianRatio }) => medianRatio.median),
    ),
    bar(
      'panel',
      `panel, ${motion}: p95 frame`,
      { most: 2 },
      '×',
      ofPanel(motion, ({ p95Ratio }) => p95Ratio.median),
    ),
  ]),
  bar(
    'telemetry',
    telemetryParts.recorderOff,
    { most: 2 },
    '× a no-op span',
    ofTelemetry(telemetryParts.recorderOff, ({ ratio }) => ratio.median),
  ),
  ...[telemetryParts.recorded, telemetryParts.aggregated].map((part) =>
    bar(
      'telemetry',
      part,
      { most: 2 },
      ' µs',
      ofTelemetry(part, ({ cost }) => cost.median / 1_000),
    ),
  ),
]

export function judgeBars(results: Results): Judgement[] {
  return bars.map((each) => {
    const value = each.read(results)
    return { bar: each, value, verdict: value === null ? 'not asked for' : isWithin(value, each) ? 'met' : 'BROKEN' }
  })
}

const isWithin = (value: number, { limit }: Bar): boolean =>
  'most' in limit ? value <= limit.most : value >= limit.least

/** One line for a bar: what, the figure, its limit, the verdict. */
export function writeJudgement({ bar: { what, limit, unit }, value, verdict }: Judgement): string {
  const bound = 'most' in limit ? `≤ ${writeNumber(limit.most)}` : `≥ ${writeNumber(limit.least)}`
  const figure = value === null ? '' : `${writeNumber(value)}${unit}`
  return `${verdict.padEnd(14)}${what.padEnd(50)}${figure.padStart(22)}   ${bound}${unit}`
}
