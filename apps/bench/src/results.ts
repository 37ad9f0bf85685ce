import { cpus, release, totalmem, type } from 'node:os'
import type { FreshRow } from './measures/fresh.ts'
import type { PanelResult } from './measures/panel.ts'
import type { SizeRow } from './measures/sizes.ts'
import type { ProcessesRow } from './processes/crowd.ts'
import type { StormRow } from './measures/storm.ts'
import type { TelemetryRow } from './measures/telemetry.ts'
import type { TabsResult } from './tabs/rounds.ts'

/** What one run measured; null what it was not asked for. */
export interface Results {
  /** ISO 8601. */
  readonly at: string
  readonly machine: Machine
  readonly fresh: readonly FreshRow[] | null
  readonly storm: readonly StormRow[] | null
  readonly telemetry: readonly TelemetryRow[] | null
  readonly sizes: readonly SizeRow[] | null
  readonly processes: readonly ProcessesRow[] | null
  readonly panel: PanelResult | null
  readonly tabs: { readonly browser: string; readonly rows: readonly TabsResult[] } | null
}

/** Nothing that names a person or a host. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  /** GiB. */
  readonly memory: number
  readonly system: string
  readonly node: string
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || process.arch,
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  }
}
