import type { AuthRecord } from '@authflight/client'
import { errorType, httpStatus, number, text } from './names.ts'
import { formatCount, formatDuration } from './format.ts'
import type { RecordModel } from './record-model.ts'

/** What the enums of the records read like. An unknown value reads as itself, without underscores. */
const words: Readonly<Record<string, string>> = {
  signed_out: 'signed out',
  replaced: 'replaced by another sign-in',
  cleared: 'storage cleared',
  claim_wait: 'waited for a claim',
  lock_wait: 'waited for a lock',
  lost_race: 'lost a race',
  rotated_elsewhere: 'rotated elsewhere',
  claim_orphaned: 'orphaned claim',
  lock_timeout: 'lock timed out',
  gave_up: 'gave up',
  user: 'signed out here',
  other_tab: 'signed out in another tab',
  expired: 'the session expired',
  rejected: 'rejected by the server',
  revoked: 'revoked by the server',
  reuse: 'a used refresh token came again',
  lost_answer: 'the answer was lost',
  key_lost: 'its key is gone',
  storage_cleared: 'storage was cleared',
  _OTHER: 'another error',
  bfcache: 'restored from the back-forward cache',
}

export function reads(value: string): string {
  return Object.hasOwn(words, value) ? words[value]! : value.replaceAll('_', ' ')
}

/** The same of a row, by where it is shown to end. */
export const outcomeAt = ({ columns }: Pick<RecordModel, 'columns'>, row: number): string =>
  outcomeOf(columns.record(row), columns.endedAt[row])

/**
 * One or two words for what became of it; `open` while it is under way.
 *
 * @param end where it is shown to end; one that was under way when its tab fell silent was `cut off`
 */
export function outcomeOf(record: AuthRecord, end = Infinity): string {
  if (record.kind !== 'point' && record.endedAt === undefined) return end === Infinity ? 'open' : 'cut off'
  const { attributes } = record
  switch (record.name) {
    case 'authflight.refresh':
      return text(attributes, 'refresh.outcome') ?? 'ended'
    case 'authflight.token_request':
      return errorType(attributes) ?? 'answered'
    case 'authflight.wait':
      return text(attributes, 'wait.outcome') ?? 'ended'
    case 'authflight.discard':
      return reads(text(attributes, 'discard.reason') ?? 'discarded')
    case 'authflight.contention':
      return reads(text(attributes, 'contention.resolution') ?? 'ended')
    case 'authflight.session_end':
      return reads(text(attributes, 'session_end.reason') ?? 'unknown')
    case 'authflight.storage':
      return text(attributes, 'storage.result') ?? 'ended'
    default:
      return ''
  }
}

/** What an instant says on its lane, as short as it can be, and which tab told it, as lanes of instants are of all tabs. */
export function instantLabel(record: AuthRecord, tabLetter: string): string {
  const what = whatHappened(record)
  return tabLetter === '' ? what : `${what} · ${tabLetter}`
}

function whatHappened(record: AuthRecord): string {
  const { attributes } = record
  switch (record.name) {
    case 'authflight.record.committed':
      return `gen ${number(attributes, 'session.revision') ?? '?'}`
    case 'authflight.record.store_change': {
      const change = text(attributes, 'store.change') ?? 'changed'
      return { ended: 'removed', foreign: 'seen' }[change] ?? change
    }
    case 'authflight.record.claim':
      return `claim ${text(attributes, 'claim.state') ?? ''}`
    case 'authflight.record.event':
      return text(attributes, 'event.name') ?? 'event'
    case 'authflight.record.timer_armed':
      return `timer ${formatDuration((number(attributes, 'timer.due_in') ?? 0) * 1000)}`
    case 'authflight.record.timer_fired':
      return 'timer fired'
    case 'authflight.record.page_state':
      return reads(text(attributes, 'page.state') ?? 'page')
    case 'authflight.record.network':
      return text(attributes, 'network.state') ?? 'network'
    case 'authflight.record.clock_jump':
      return `clock jump ${formatDuration((number(attributes, 'clock.jump') ?? 0) * 1000)}`
    case 'authflight.session_end':
      return `session ended: ${outcomeOf(record)}`
    default:
      return nameOf(record)
  }
}

/** The kind of thing a record is, in plain words. */
export function nameOf(record: AuthRecord): string {
  const { attributes } = record
  switch (record.name) {
    case 'authflight.token_request': {
      const status = httpStatus(attributes)
      return `${String(attributes['http.request.method'] ?? 'POST')} token${status === undefined ? '' : ` ${status}`}`
    }
    case 'authflight.contention':
      return reads(text(attributes, 'contention.kind') ?? 'contention')
    case 'authflight.session_end':
      return 'session end'
    case 'authflight.record.waits':
      return `${formatCount(number(attributes, 'wait.count') ?? 0)} more waits`
    default:
      return record.name.replace(/^authflight\.(record\.)?/, '').replaceAll('_', ' ')
  }
}
