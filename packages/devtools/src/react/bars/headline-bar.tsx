import { CheckCircle2, CircleDot, CircleSlash2, TriangleAlert } from 'lucide'
import { composeHeadline } from '../../verdicts/headline.ts'
import { usePanel } from '../context.ts'
import { copyReport } from './copy-report.ts'
import { useStore } from '../hooks/use-store.ts'
import { Icon } from '../widgets/icon.tsx'

const icons = {
  good: CheckCircle2,
  bad: TriangleAlert,
  warning: TriangleAlert,
  notice: CircleSlash2,
  open: CircleDot,
  idle: CircleDot,
} as const

/** One sentence: what happened last, and who lost a session by it. */
export function HeadlineBar() {
  const panel = usePanel()
  const { model, view, names, change, toTimeline } = panel
  useStore(model)
  const { tone, sentence, record, verdict, others } = composeHeadline(model, names)
  const incident = tone === 'good' ? null : verdict
  const race = incident !== null && incident.steps.length > 1 ? incident : null
  const show = () => {
    toTimeline()
    if (race !== null) view.showRace(race)
    else if (record !== null) view.reveal(record, true)
  }
  return (
    <div className="af-headline" data-tone={tone}>
      <Icon of={icons[tone]} className="af-headline-icon" />
      <p>{sentence}</p>
      <span className="af-headline-acts">
        {record !== null && (
          <button
            type="button"
            className="af-link"
            onClick={show}
            title={incident === null ? undefined : 'From cause to effect (r)'}
          >
            {race === null ? 'Show' : 'Show race'}
          </button>
        )}
        {incident !== null && (
          <button type="button" className="af-link" onClick={() => void copyReport(panel, incident.record)}>
            Copy report
          </button>
        )}
        {others > 0 && (
          <button type="button" className="af-link" onClick={() => change({ tab: 'why' })}>
            {others} more
          </button>
        )}
      </span>
    </div>
  )
}
