import { useMemo } from 'react'
import { formatCount, formatDuration } from '../model/format.ts'
import { countStats } from '../model/stats.ts'
import { usePanel } from './context.ts'
import { useStore } from './hooks.ts'

/** The last line: totals of what is held. */
export function StatsBar() {
  const { model } = usePanel()
  const version = useStore(model, 500)
  // The version stands for what the model holds.
  // oxlint-disable-next-line exhaustive-deps
  const stats = useMemo(() => countStats(model), [model, version])
  const facts: readonly (readonly [string, string])[] = [
    ['flights', formatCount(stats.flights)],
    [
      'shared',
      stats.shared === null ? '–' : `${(stats.shared * 100).toFixed(stats.shared > 0.99 && stats.shared < 1 ? 1 : 0)}%`,
    ],
    ['p50', stats.p50 === null ? '–' : formatDuration(stats.p50)],
    ['p95', stats.p95 === null ? '–' : formatDuration(stats.p95)],
    ['waiters', formatCount(stats.waiters)],
    ['discards', formatCount(stats.discards)],
    ['contentions', formatCount(stats.contentions)],
    ...(stats.busy > 0 ? ([['429', formatCount(stats.busy)]] as const) : []),
    ...(model.malformed > 0 ? ([['dropped', formatCount(model.malformed)]] as const) : []),
    ...(model.evicted > 0 ? ([['evicted', formatCount(model.evicted)]] as const) : []),
  ]
  return (
    <dl className="af-stats">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
