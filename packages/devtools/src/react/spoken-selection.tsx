import { describe } from '../model/describe.ts'
import type { RecordModel } from '../model/record-model.ts'
import type { TimelineView } from '../timeline/view.ts'
import { useSelected } from './hooks.ts'

/** Tells a screen reader what was selected: a canvas says nothing. */
export function SpokenSelection({ model, view }: { readonly model: RecordModel; readonly view: TimelineView }) {
  const selectedId = useSelected(view)
  const row = selectedId === null ? undefined : model.columns.rowOf(selectedId)
  return (
    <p className="af-unseen" role="status" aria-live="polite">
      {row === undefined ? '' : describe(model, row).spoken}
    </p>
  )
}
