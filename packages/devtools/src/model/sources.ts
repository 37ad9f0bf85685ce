import { recorderHook, type AuthRecord, type RecorderHook, type RecordSource } from '@authflight/client'
import type { RecordModel } from './record-model.ts'

/**
 * Reads every ring of this realm into the model: first what it holds, then each record as it is made, so a panel that opens
 * late shows what came before. Returns the way to stop.
 */
export function readSources(model: RecordModel, hook: RecorderHook = recorderHook()): () => void {
  const onSource = (source: RecordSource) => {
    model.localTabs.add(source.tab)
    model.addAll(source.snapshot())
  }
  return eachSource(hook, onSource, (record) => model.add(record))
}

/** Follows the sources of a hook. A source that is not shaped like one, or that throws, is passed over: the hook may be forged. */
export function eachSource(
  hook: RecorderHook,
  onSource: (source: RecordSource) => void,
  onRecord: (record: AuthRecord) => void,
): () => void {
  const stops: (() => void)[] = []
  stops.push(
    hook.subscribe((source) => {
      if (typeof source?.subscribe !== 'function' || typeof source.snapshot !== 'function') return
      try {
        onSource(source)
        stops.push(source.subscribe(onRecord))
      } catch {
        // There is nothing of it to show.
      }
    }),
  )
  return () => {
    for (const stop of stops.splice(0)) if (typeof stop === 'function') stop()
  }
}
