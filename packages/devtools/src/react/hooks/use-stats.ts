import { useMemo } from 'react'
import type { RecordModel } from '../../model/record-model.ts'
import { countStats, type Stats } from '../../model/stats.ts'
import { useStore } from './use-store.ts'

/** Totals of what the model holds, as they change. */
export function useStats(model: RecordModel): Stats {
  const version = useStore(model, 1_000)
  // The version stands for what the model holds.
  // oxlint-disable-next-line exhaustive-deps
  return useMemo(() => countStats(model), [model, version])
}
