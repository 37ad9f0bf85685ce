import type { Recording } from '../formats/recording.ts'
import type { RecordModel } from '../model/record-model.ts'
import { loadLate } from './load-late.ts'

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
  const heard = new Map<string, number>()
  for (const { tab, startedAt, endedAt = startedAt } of model.addEarlier(records))
    heard.set(tab, Math.max(heard.get(tab) ?? 0, endedAt))
  // A tab that lives may have begun something just before this page came; what it tells of its end is taken still.
  for (const [tab, at] of heard) model.silence(tab, at)
}
