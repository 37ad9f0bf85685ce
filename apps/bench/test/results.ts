import { panelMotions, type PanelResult } from '../src/measures/panel.ts'
import type { StormRow } from '../src/measures/storm.ts'
import type { ProcessesRow } from '../src/processes/crowd.ts'
import type { Results } from '../src/results.ts'
import type { TabsResult } from '../src/tabs/rounds.ts'

/** A run that measured nothing, but for what a test puts into it. */
export const resultsWith = (measured: Partial<Results>): Results => ({
  at: '2026-01-02T03:04:05.678Z',
  machine: { processor: 'Abacus', cores: 2, memory: 24, system: 'Linux 6', node: '24.0.0' },
  fresh: null,
  storm: null,
  telemetry: null,
  sizes: null,
  panel: null,
  tabs: null,
  processes: null,
  ...measured,
})

export const always = (value: number) => ({ median: value, min: value, max: value })

/** A storm of 100,000 that cost so many times the limit. */
export const stormRow = (client: string, cpu: number, heap: number): StormRow => ({
  client,
  waiters: 100_000,
  result: {
    requests: 1,
    served: 100_000,
    cpu: { value: always(300), ratio: always(cpu) },
    wall: { value: always(250), ratio: always(cpu) },
    heap: { value: always(570), ratio: always(heap) },
  },
})

export const tabsRow = (figures: Partial<TabsResult> = {}): TabsResult => ({
  client: 'authflight',
  rounds: 1_000,
  logouts: 0,
  requests: 1_000,
  reuses: 0,
  time: always(66),
  ...figures,
})

export const processesRow = (figures: Partial<ProcessesRow> = {}): ProcessesRow => ({
  way: 'Redis',
  rounds: 5,
  calls: 1,
  failures: 0,
  time: always(80),
  ...figures,
})

/** A panel whose frames took so many times those of an empty loop. */
export const panelResult = (median: number, p95: number): PanelResult => ({
  browser: 'Chromium 150',
  rows: panelMotions.map((motion) => ({
    motion,
    median: always(16.7),
    p95: always(17),
    longest: always(20),
    medianRatio: always(median),
    p95Ratio: always(p95),
  })),
  opening: always(400),
  heap: always(600),
})
