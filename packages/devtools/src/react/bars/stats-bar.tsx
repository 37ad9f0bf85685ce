import { formatCount, formatDuration, formatShare } from '../../model/format.ts'
import { usePanel } from '../context.ts'
import { useStats } from '../hooks/use-stats.ts'

/** The last line: totals of what is held. */
export function StatsBar() {
  const { model } = usePanel()
  const stats = useStats(model)
  const facts: readonly (readonly [string, string])[] = [
    ['flights', formatCount(stats.flights)],
    ['shared', formatShare(stats.shared)],
    ['p50', formatDuration(stats.p50)],
    ['p95', formatDuration(stats.p95)],
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
