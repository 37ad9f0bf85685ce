import type { Recording } from '../../formats/recording.ts'
import type { RecordModel } from '../../model/record-model.ts'
import { lastHeard } from '../../model/whole-model.ts'
import { loadLate } from '../load-late.ts'

/**
 * Keeps the records of this page for its next visit, and shows in the model what earlier visits and closed tabs have left. What a page that is
 * gone had open is shown as ended where it fell silent. Returns the way to stop keeping; what is shown stays.
 */
export function keepVisits(model: RecordModel): () => void {
  let isOver = false
  let stop = (): void => {}
  loadLate().then(
    ({ keepRecords, recallRecords }) => {
      if (isOver) return
      stop = keepRecords()
      void recallRecords().then((kept) => isOver || show(model, kept))
    },
    // No network, or a page that may load nothing: then there is this visit only.
    () => {},
  )
  return () => {
    isOver = true
    stop()
  }
}

function show(model: RecordModel, { records }: Recording): void {
  // A tab that lives may have begun something just before this page came; what it tells of its end is taken still.
  for (const [tab, at] of lastHeard(model.addEarlier(records))) model.silence(tab, at)
}
