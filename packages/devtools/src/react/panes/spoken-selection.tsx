import { describe } from '../../model/describe.ts'
import { usePanel } from '../context.ts'
import { useView } from '../hooks/use-store.ts'

/** Tells a screen reader what was selected, or which step is looked at: a canvas says nothing. */
export function SpokenSelection() {
  const { model, view, names } = usePanel()
  const selectedId = useView(view, () => view.selected)
  const race = useView(view, () => view.race)
  const step = useView(view, () => view.step)
  const row = model.columns.rowOf(selectedId)
  const steps = race?.steps ?? []
  const isStep = steps[step]?.record === selectedId
  const lead = isStep ? `Step ${step + 1} of ${steps.length}: ${steps[step]!.text}. ` : ''
  return row === undefined ? null : lead + describe(model, row, names).spoken
}
