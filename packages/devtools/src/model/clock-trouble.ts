import type { AuthRecord } from '@authflight/client'
import { number, text, toneOf } from './names.ts'
import { type Page, pagePoints } from './page-points.ts'
import type { Generation, Sessions } from './sessions.ts'

/** What a refresh that went well shows of a clock that was wrong. */
export interface ClockTrouble {
  /** What it presented. */
  readonly generation: Generation
  /** Of the token's life when it began, milliseconds; negative where that was over, and the clock said that it was not. */
  readonly left: number
  /** When the client noticed that the clock had jumped, if it did. */
  readonly jump: AuthRecord | undefined
}

/** Of a token's life, how much must be left for a refresh at expiry to be too early. */
const tooEarly = 0.3
/** A call that began with a good token may take so long to be refused, milliseconds. */
const slowCall = 30_000

/**
 * Records are stamped by a clock that nobody sets; tokens die by the one that people do. Where the two disagree on when a token died, that one
 * was moved, or the machine slept. A jump alone proves nothing: every sleep is one, and a refresh after it may be like any other.
 */
export function findClockTrouble(
  held: Page & { readonly sessions: Sessions },
  record: AuthRecord,
): ClockTrouble | null {
  const { name, attributes, tab, startedAt, endedAt = startedAt } = record
  if (name !== 'authflight.refresh' || !['good', 'adopted'].includes(toneOf(record))) return null
  const generation = held.sessions.all
    .get(text(attributes, 'session.id') ?? '')
    ?.byRevision.get(number(attributes, 'session.revision') ?? -1)
  if (generation === undefined || generation.expiresAt === Infinity) return null
  const { from, expiresAt } = generation
  const left = expiresAt - startedAt
  const trigger = text(attributes, 'refresh.trigger') ?? ''
  const isLate = trigger === 'unauthorized' && left < 0
  const isEarly = ['expiry', 'clock_jump'].includes(trigger) && left > 2_000 && left > tooEarly * (expiresAt - from)
  if (!isLate && !isEarly) return null
  // It may be noticed as late as the new token is timed.
  const jump = pagePoints(held, from, endedAt).findLast(
    (point) => point.name === 'authflight.record.clock_jump' && point.tab === tab,
  )
  const by = ((jump && number(jump.attributes, 'clock.jump')) ?? 0) * 1000
  return isEarly || left < -slowCall || by < left ? { generation, left, jump } : null
}
