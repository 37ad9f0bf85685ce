import { CheckCircle2, CircleDot, CircleSlash2, TriangleAlert } from 'lucide-react'
import { composeHeadline } from '../verdicts/headline.ts'
import { usePanel } from './context.ts'
import { copyReport } from './files.ts'
import { useStore } from './use-store.ts'

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
  const { model, view, names, change, toTimeline, say } = usePanel()
  useStore(model)
  const { tone, sentence, record, verdict, others } = composeHeadline(model, names)
  const Icon = icons[tone]
  const race = tone !== 'good' && verdict !== null && verdict.steps.length > 1 ? verdict : null
  const show = () => {
    toTimeline()
    if (race !== null) view.showRace(race)
    else if (record !== null) view.reveal(record, true)
  }
  const isTrouble = tone === 'bad' || tone === 'warning'
  return (
    <div className="af-headline" data-tone={tone}>
      <Icon className="af-headline-icon" />
      <p>{sentence}</p>
      <span className="af-headline-acts">
        {record !== null && (
          <button
            type="button"
            className="af-link"
            onClick={show}
            title={tone === 'good' ? undefined : 'From cause to effect (r)'}
          >
            {race === null ? 'Show' : 'Show race'}
          </button>
        )}
        {isTrouble && record !== null && (
          <button
            type="button"
            className="af-link"
            onClick={() =>
              void copyReport(model, record).then(
                () => say('The report is on the clipboard.'),
                () => say('The clipboard is not to be had here. Save the report from the menu.'),
              )
            }
          >
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
