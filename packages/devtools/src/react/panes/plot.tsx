import { formatClock, formatCount, formatDuration } from '../../model/format.ts'

export interface Bin {
  readonly label: string
  readonly count: number
}

const height = 56

/** A small histogram. It is read out as its largest bin; the table has every number. */
export function Plot({ title, bins }: { readonly title: string; readonly bins: readonly Bin[] }) {
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  const largest = bins.find(({ count }) => count === most)
  const spoken =
    total === 0
      ? `${title}: none yet`
      : `${title}: most, ${formatCount(most)} of ${formatCount(total)}, at ${largest?.label}`
  return (
    <section className="af-plot" aria-label={title}>
      <h2>{title}</h2>
      {total === 0 ? (
        <p className="af-muted">None yet.</p>
      ) : (
        <>
          <svg viewBox={`0 0 ${bins.length * 10} ${height}`} preserveAspectRatio="none" role="img" aria-label={spoken}>
            {bins.map(({ label, count }, index) => {
              const tall = count === 0 ? 0 : Math.max(2, (count / most) * height)
              return (
                <rect key={index} x={index * 10 + 1} y={height - tall} width={8} height={tall}>
                  <title>{`${label}: ${formatCount(count)}`}</title>
                </rect>
              )
            })}
          </svg>
          <p className="af-plot-ends af-muted" aria-hidden>
            <span>{bins[0]?.label}</span>
            <span>{bins.at(-1)?.label}</span>
          </p>
        </>
      )}
    </section>
  )
}

/** Equal bins over sorted times. */
export function bins(times: Float64Array, count: number): Bin[] {
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0]
  const width = Math.max(1, to - from) / count
  const counts = Array.from({ length: count }, () => 0)
  for (const time of times) counts[Math.min(count - 1, Math.floor((time - from) / width))]!++
  return counts.map((found, index) => ({ label: formatClock(from + index * width, 0), count: found }))
}

/** Bins that double, from 10 ms up, as far as there is something. */
export function durationBins(durations: Float64Array): Bin[] {
  const counts: number[] = []
  for (const duration of durations) {
    const index = Math.max(0, Math.ceil(Math.log2(Math.max(duration, 1) / 10)))
    while (counts.length <= index) counts.push(0)
    counts[index]!++
  }
  return counts.map((count, index) => ({ label: `≤ ${formatDuration(10 * 2 ** index)}`, count }))
}
