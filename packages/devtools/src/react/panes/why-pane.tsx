import { CircleSlash2, TriangleAlert } from 'lucide'
import { useEffect, useMemo, useRef } from 'react'
import { formatClock, formatDuration } from '../../model/format.ts'
import { fixes } from '../../verdicts/fixes.ts'
import { judge } from '../../verdicts/judge.ts'
import type { Verdict } from '../../verdicts/verdict.ts'
import { usePanel } from '../context.ts'
import { copyReport } from '../bars/copy-report.ts'
import { useStore, useView } from '../hooks/use-store.ts'
import { useLateStyles } from '../look/late-styles.ts'
import { Icon } from '../widgets/icon.tsx'

/** Every incident, newest first: what happened, step by step, what to do, and what was not recorded. */
export function WhyPane() {
  const region = useLateStyles()
  const { model, view, names } = usePanel()
  const version = useStore(model, 500)
  // The version stands for what the model holds.
  // oxlint-disable-next-line exhaustive-deps
  const verdicts = useMemo(() => judge(model, names), [model, names, version])
  const selected = useView(view, () => view.selected)
  const current =
    verdicts.find(({ record }) => record === selected) ??
    verdicts.find(({ steps }) => steps.some(({ record }) => record === selected))
  return (
    <div ref={region} className="af-why" tabIndex={0} role="region" aria-label="Incidents">
      {verdicts.length === 0 && <p className="af-empty-text">Nobody was signed out, and no refresh went wrong.</p>}
      {verdicts.map((verdict) => (
        <Incident key={`${verdict.record} ${verdict.cause}`} verdict={verdict} isCurrent={verdict === current} />
      ))}
    </div>
  )
}

function Incident({ verdict, isCurrent }: { readonly verdict: Verdict; readonly isCurrent: boolean }) {
  const article = useRef<HTMLElement>(null)
  useEffect(() => {
    if (isCurrent) article.current!.scrollIntoView({ block: 'nearest' })
  }, [isCurrent])
  const panel = usePanel()
  const { view, toTimeline } = panel
  const { tone, cause, sentence, steps, missing, at } = verdict
  const fix = fixes[cause]
  const icon = tone === 'notice' ? CircleSlash2 : TriangleAlert
  const goTo = (index: number) => {
    toTimeline()
    view.showRace(verdict)
    for (let step = 0; step < index; step++) view.stepRace(1)
  }
  return (
    <article ref={article} className="af-incident" data-tone={tone} aria-current={isCurrent || undefined}>
      <header>
        <Icon of={icon} />
        <h2>{sentence}</h2>
      </header>
      <p className="af-muted">
        <time>{formatClock(at)}</time> · {cause.replaceAll('_', ' ')}
      </p>
      {steps.length > 0 && (
        <ol className="af-steps">
          {steps.map((step, index) => (
            <li key={`${step.record} ${index}`}>
              <button type="button" onClick={() => goTo(index)} title="Show it on the timeline">
                <span className="af-step-number" aria-hidden>
                  {index + 1}
                </span>
                <span>{step.text}</span>
                <span className="af-muted">+{formatDuration(step.at - steps[0]!.at)}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {fix !== null && (
        <p className="af-fix">
          <strong>What to do</strong> {fix}
        </p>
      )}
      {missing.length > 0 && (
        <p className="af-fix">
          <strong>Not recorded</strong> {missing.join(' ')}
        </p>
      )}
      <p className="af-incident-acts">
        {steps.length > 1 && (
          <button type="button" className="af-pill" onClick={() => goTo(0)}>
            Show race
          </button>
        )}
        <button type="button" className="af-pill" onClick={() => void copyReport(panel, verdict.record)}>
          Copy as Markdown
        </button>
      </p>
    </article>
  )
}
