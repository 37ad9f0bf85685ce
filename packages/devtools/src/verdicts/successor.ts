import type { AuthRecord } from '@authflight/client'
import { text } from '../model/names.ts'
import type { EndCase } from './end-case.ts'

/** Tabs that follow hear of a sign-in elsewhere within this time; milliseconds. */
const hearing = 5_000

/**
 * The sign-in that took the session's place. Followers tell the same reason: it was in the tab that stored another session then, by no refresh; of
 * several in one that ended this session too, and then the nearest.
 */
export function successorOf({ model, session, ends, at }: EndCase): AuthRecord | undefined {
  const rank = ({ tab }: AuthRecord) => (ends.some((end) => end.tab === tab) ? 0 : 1)
  const away = ({ startedAt }: AuthRecord) => Math.abs(startedAt - at)
  const [next] = model.columns.records
    .filter(
      (record) =>
        record.name === 'authflight.record.committed' &&
        text(record.attributes, 'flight.id') === undefined &&
        text(record.attributes, 'session.id') !== session.id &&
        away(record) < hearing &&
        !isBeside(model, record),
    )
    .sort((a, b) => rank(a) - rank(b) || away(a) - away(b))
  return next
}

/** Nobody was left for it: the client that stored it had a session, and had ended none. */
function isBeside({ columns }: EndCase['model'], commit: AuthRecord): boolean {
  const before = columns.records.findLast(
    (record) =>
      record !== commit &&
      record.client === commit.client &&
      record.startedAt <= commit.startedAt &&
      /\.(committed|store_change|session_end)$/.test(record.name),
  )
  return before !== undefined && !/ended|session_end/.test(text(before.attributes, 'store.change') ?? before.name)
}
