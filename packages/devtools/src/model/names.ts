import type { AuthRecord } from '@authflight/client'

/** Every name a record may have; a record with another name is dropped. */
export const recordNames: readonly string[] = [
  'authflight.refresh',
  'authflight.token_request',
  'authflight.wait',
  'authflight.discard',
  'authflight.contention',
  'authflight.session_end',
  'authflight.sign_in',
  'authflight.sign_out',
  'authflight.set_session',
  'authflight.get_user',
  'authflight.storage',
  'authflight.tab_message',
  'authflight.dispose',
  'authflight.record.committed',
  'authflight.record.store_change',
  'authflight.record.event',
  'authflight.record.timer_armed',
  'authflight.record.timer_fired',
  'authflight.record.page_state',
  'authflight.record.network',
  'authflight.record.clock_jump',
  'authflight.record.claim',
  'authflight.record.waits',
]

/** What a span is drawn as. The order is the code kept in the columns. */
export const tones = [
  'open',
  'good',
  'adopted',
  'discarded',
  'rejected',
  'failed',
  'request',
  'request_failed',
  'contention',
  'wait',
  'left',
  'mark',
] as const
export type Tone = (typeof tones)[number]

/** How an instant is drawn; each shape reads without its colour. The weightiest first; the order is the code kept in the columns. */
export const glyphs = [
  'end',
  'contention',
  'event',
  'committed',
  'removed',
  'stored',
  'page',
  'claim',
  'timer',
] as const
export type Glyph = (typeof glyphs)[number]

export type Attributes = AuthRecord['attributes']

export function text(attributes: Attributes, key: string): string | undefined {
  const value = attributes[`authflight.${key}`]
  return typeof value === 'string' ? value : undefined
}

export function number(attributes: Attributes, key: string): number | undefined {
  const value = attributes[`authflight.${key}`]
  return typeof value === 'number' ? value : undefined
}

export function errorType(attributes: Attributes): string | undefined {
  const value = attributes['error.type']
  return typeof value === 'string' ? value : undefined
}

export function httpStatus(attributes: Attributes): number | undefined {
  const value = attributes['http.response.status_code']
  return typeof value === 'number' ? value : undefined
}

export function toneOf(record: AuthRecord): Tone {
  const open = record.kind !== 'point' && record.endedAt === undefined
  switch (record.name) {
    case 'authflight.refresh':
      return open ? 'open' : outcomeTone(text(record.attributes, 'refresh.outcome'))
    case 'authflight.token_request':
      if (open) return 'open'
      return errorType(record.attributes) === undefined ? 'request' : 'request_failed'
    case 'authflight.storage':
      return text(record.attributes, 'storage.result') === 'failed' ? 'request_failed' : 'mark'
    case 'authflight.wait':
      return ['left', 'timeout'].includes(text(record.attributes, 'wait.outcome') ?? '') ? 'left' : 'wait'
    case 'authflight.discard':
      return 'discarded'
    case 'authflight.contention':
      return 'contention'
    case 'authflight.session_end':
      return isQuietEnd(record) ? 'mark' : 'rejected'
    default:
      return 'mark'
  }
}

function outcomeTone(outcome: string | undefined): Tone {
  switch (outcome) {
    case 'rotated':
    case 'renewed':
      return 'good'
    case 'adopted':
      return 'adopted'
    case 'discarded':
      return 'discarded'
    case 'rejected':
      return 'rejected'
    default:
      return 'failed'
  }
}

/** An end the user asked for, here or in another tab. */
function isQuietEnd(record: AuthRecord): boolean {
  return ['user', 'other_tab'].includes(text(record.attributes, 'session_end.reason') ?? '')
}

const lostResolutions = ['gave_up', 'signed_out']

/** Something `n` and `p` stop at: a flight that did not bring a token, a harmful contention, a session lost. */
export function isProblem(record: AuthRecord): boolean {
  if (record.kind !== 'point' && record.endedAt === undefined) return false
  switch (record.name) {
    case 'authflight.refresh':
      return ['discarded', 'rejected', 'failed'].includes(toneOf(record))
    case 'authflight.contention':
      return (
        text(record.attributes, 'contention.kind') === 'lock_timeout' ||
        lostResolutions.includes(text(record.attributes, 'contention.resolution') ?? '')
      )
    case 'authflight.session_end':
      return !isQuietEnd(record)
    default:
      return false
  }
}

/** It happened at an instant: it has no length to draw. */
export function isZeroLength(record: AuthRecord): boolean {
  return record.kind === 'point' || record.name === 'authflight.session_end'
}

export function glyphOf(record: AuthRecord): Glyph {
  switch (record.name) {
    case 'authflight.record.committed':
      return 'committed'
    case 'authflight.record.store_change':
      return text(record.attributes, 'store.change') === 'ended' ? 'removed' : 'stored'
    case 'authflight.record.claim':
      return 'claim'
    case 'authflight.record.timer_armed':
    case 'authflight.record.timer_fired':
      return 'timer'
    case 'authflight.contention':
      return 'contention'
    case 'authflight.session_end':
      return 'end'
    case 'authflight.record.event':
      return text(record.attributes, 'event.name') === 'SIGNED_OUT' ? 'end' : 'event'
    default:
      return 'page'
  }
}
