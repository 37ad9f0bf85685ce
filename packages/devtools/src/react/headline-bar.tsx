import { CheckCircle2, CircleDot, CircleSlash2, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { RecordModel } from '../model/record-model.ts'
import { recordTime } from '../model/relay.ts'
import type { TimelineView } from '../timeline/view.ts'
import { composeHeadline, type Headline } from '../verdicts/headline.ts'
import { useStore } from './hooks.ts'

const icons = {
  good: CheckCircle2,
  bad: TriangleAlert,
  warning: TriangleAlert,
  notice: CircleSlash2,
  open: LoaderCircle,
  idle: CircleDot,
} as const

/** One sentence: what happened last. */
export function HeadlineBar({ model, view }: { readonly model: RecordModel; readonly view: TimelineView }) {
  useStore(model)
  const headline: Headline = composeHeadline(model)
  const Icon = icons[headline.tone]
  const { record } = headline
  return (
    <div className="af-headline" data-tone={headline.tone}>
      <Icon size={15} aria-hidden className="af-headline-icon" />
      <p>{headline.sentence}</p>
      {record !== null && (
        <button type="button" className="af-link" onClick={() => view.reveal(record, recordTime(), true)}>
          Show
        </button>
      )}
    </div>
  )
}
