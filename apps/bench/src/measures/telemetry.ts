import type { TelemetryResult } from '../alone/telemetry.ts'
import { runAlone } from '../alone/task.ts'
import { ratios, type Spread, spread } from '../statistics.ts'

export interface TelemetryRow {
  readonly what: string
  /** Nanoseconds of processor time. */
  readonly cost: Spread
  /** By the no-op span of the same round. */
  readonly ratio: Spread
}

export const telemetryParts: Readonly<Record<keyof TelemetryResult, string>> = {
  noopSpan: 'bare no-op span of the OpenTelemetry API',
  recorderOff: 'a wait, recorder off',
  recordedAtFirst: 'a wait, ring, among the first 32 of its flight, in a new process',
  recorded: 'a wait, ring, among the first 32 of its flight',
  aggregated: 'a wait, ring, after them',
}

const rounds = 5
/** Milliseconds. */
const patience = 60_000

/** What one wait costs in telemetry, with no SDK registered. */
export async function measureTelemetry(): Promise<TelemetryRow[]> {
  const told: TelemetryResult[] = []
  for (let round = 1; round <= rounds; round += 1) {
    told.push(...(await runAlone<TelemetryResult>({ measure: 'telemetry' }, patience)).results)
  }
  const costs = (part: keyof TelemetryResult): number[] => told.map((result) => result[part])
  return (Object.keys(telemetryParts) as (keyof TelemetryResult)[]).map((part) => ({
    what: telemetryParts[part],
    cost: spread(costs(part)),
    ratio: spread(ratios(costs(part), costs('noopSpan'))),
  }))
}
