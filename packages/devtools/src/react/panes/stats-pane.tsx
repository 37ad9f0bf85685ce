import { formatCount, formatDuration, formatShare } from '../../model/format.ts'
import type { Tally } from '../../model/stats.ts'
import { reads } from '../../model/words.ts'
import { usePanel } from '../context.ts'
import { useStats } from '../hooks/use-stats.ts'
import { useLateStyles } from '../look/late-styles.ts'
import { bins, durationBins, Plot } from './plot.tsx'

/** What sharing saves, how long refreshes take, and how they end. */
export function StatsPane() {
  const region = useLateStyles()
  const { model } = usePanel()
  const stats = useStats(model)
  const { flights, waiters, shared, p50, p95, durations, starts } = stats
  const tiles: readonly (readonly [string, string, string])[] = [
    ['Shared', formatShare(shared), 'of callers were served by a refresh that another one started'],
    [
      'Saved',
      formatCount(waiters),
      waiters === 1 ? 'token request that was not made' : 'token requests that were not made',
    ],
    ['Refreshes', formatCount(flights), 'each asked the server at most once at a time'],
    ['Median', formatDuration(p50), 'from the decision until everybody can go'],
    ['95th percentile', formatDuration(p95), 'the slow end of the same'],
    ['Asked to wait', formatCount(stats.busy), 'times the server answered 429'],
  ]
  return (
    <div ref={region} className="af-stats-pane" tabIndex={0} role="region" aria-label="Statistics">
      <dl className="af-tiles">
        {tiles.map(([title, value, what]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
            <dd className="af-muted">{what}</dd>
          </div>
        ))}
      </dl>
      <div className="af-plots">
        <Plot title="How long refreshes took" bins={durationBins(durations)} />
        <Plot title="Refreshes over time" bins={bins(starts, 24)} />
        <Bars title="Outcomes" tally={stats.outcomes} />
        <Bars title="Discards by reason" tally={stats.discardReasons} />
        <Bars title="Contention by kind" tally={stats.contentionKinds} />
      </div>
    </div>
  )
}

/** Counts as bars; the words and numbers beside them say all. */
function Bars({ title, tally }: { readonly title: string; readonly tally: Tally }) {
  const most = Math.max(1, ...tally.map(([, count]) => count))
  return (
    <section className="af-plot" aria-label={title}>
      <h2>{title}</h2>
      {tally.length === 0 ? (
        <p className="af-muted">None.</p>
      ) : (
        <dl className="af-bars">
          {tally.map(([value, count]) => (
            <div key={value}>
              <dt>{reads(value)}</dt>
              <dd>
                <span className="af-bar" style={{ width: `${(100 * count) / most}%` }} aria-hidden />
                {formatCount(count)}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
