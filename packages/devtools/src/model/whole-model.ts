import type { AuthRecord } from '@authflight/client'
import { RecordModel } from './record-model.ts'

/**
 * A model of all that a recording holds. A page that others were heard after is taken for gone: what it had open is shown as ended where it was
 * heard last.
 */
export function modelOf(records: readonly unknown[]): RecordModel {
  const model = new RecordModel({ limit: Infinity })
  model.addAll(records)
  model.settle()
  const heard = lastHeard(model.columns.records)
  const end = Math.max(...heard.values())
  for (const [tab, at] of heard) if (at < end) model.silence(tab, at)
  return model
}

/** When each tab was heard last. */
export function lastHeard(records: readonly AuthRecord[]): ReadonlyMap<string, number> {
  const heard = new Map<string, number>()
  for (const { tab, startedAt, endedAt = startedAt } of records) heard.set(tab, Math.max(heard.get(tab) ?? 0, endedAt))
  return heard
}
