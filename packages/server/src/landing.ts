import type { Answer, TokenSet } from '@authflight/client'
import { judge, revoke } from '@authflight/client/presentation'
import type { Operation, Revocation } from '@authflight/client/telemetry'
import { rememberFor, type Stored } from './engine.ts'
import type { Takeoff } from './flight.ts'
import { insist } from './insist.ts'
import type { Locker } from './keyring.ts'
import { aged, type Outcome, outcomeOf, writeLetter } from './outcome.ts'
import { leaseOf, type Parts } from './parts.ts'
import { type Landed, openLetter } from './right.ts'

/** Milliseconds between two tries to publish: an engine that is back must hear of it before anybody presents the token again. */
const longestPause = 500

/** An outcome that presenting can have. */
type Presented = Exclude<Outcome, { kind: 'discarded' }>

export interface Landings {
  /** Publishes what came back, before anybody is given it; where the engine has gone away, when it is back. `lost`: the token was perhaps consumed, and the answer is not to be had. */
  land(outcome: Presented, lost: boolean): Promise<Landed>
  /**
   * Waits on for an answer that has passed its limit, without anybody waiting for this. If it brings tokens, the server has rotated:
   * they take the place of the failure that was published.
   */
  follow(late: Promise<Answer>): void
}

/**
 * Hands a presenter's outcome to the engine, which knows what happened meanwhile.
 *
 * ```
 *  presenter   claim ──── present ─────────────────── publish: stored → everybody gets it
 *  sign-out           └── end ───────────────────────     ·  : ended  → nobody gets it, it is revoked
 *  successor                 lease ran out: claim, publish ·  : superseded → everybody gets the successor's
 * ```
 */
export function createLandings(
  parts: Parts,
  {
    token,
    locker,
    holder,
    operation,
    isAwaited,
    isEnded,
  }: Pick<Takeoff, 'token' | 'isAwaited' | 'isEnded'> & {
    readonly locker: Locker
    readonly holder: string
    readonly operation: Operation
  },
): Landings {
  const { engine, telemetry, realm, resultTtl } = parts
  const { clock } = realm
  const { place, display } = locker

  /** Gives an outcome to the engine, as often as it is called: what is left of it by then. */
  function publisher(outcome: Presented, lost: boolean): (isGiven: () => boolean) => Promise<Stored> {
    const cameAt = clock.monotonic()
    return async (isGiven) => {
      const left = aged(outcome, Math.floor(clock.monotonic() - cameAt))
      const sealed = await locker.seal(writeLetter({ outcome: left, link: operation.link }))
      const awaited = isGiven()
      if ('tokens' in left) return engine.publish(place, holder, sealed, { ttl: resultTtl, awaited })
      // An engine keeps nothing for no time.
      const ttl = left.kind === 'failed' ? Math.max(left.retryAfter ?? 0, 1) : resultTtl
      return engine.fail(place, holder, sealed, { ttl, lost, awaited })
    }
  }

  /** What stands in the place of an outcome that came too late; null where nothing does that opens. */
  async function adopt(stored: Extract<Stored, { kind: 'superseded' }>): Promise<Outcome | null> {
    const letter = stored.outcome && (await openLetter(locker.open, stored.outcome))
    if (!letter) return null
    telemetry
      .open('authflight.contention', {
        parent: operation,
        links: [letter.link],
        attributes: { 'authflight.contention.kind': 'lost_race', 'authflight.contention.scope': engine.scope },
      })
      .end({ 'authflight.contention.resolution': 'adopted' })
    return letter.outcome
  }

  /** `isDiscarded`: their session was ended, and whoever is handed the tokens here has discarded them. */
  async function land(outcome: Presented, lost: boolean, isDiscarded: () => boolean): Promise<Landed> {
    const publish = publisher(outcome, lost)
    // Where the server kept the token, nothing is lost with the result: who comes later presents it for a younger one.
    const isGiven = (): boolean => outcome.kind === 'renewed' || isAwaited()
    const stored = await publish(isGiven).catch((): Stored => {
      // Whoever waits here has it all the same. In other processes it is a lost answer for as long as the engine does not know of it.
      const wasGiven = isGiven()
      const ms = 'tokens' in outcome && !wasGiven ? rememberFor : leaseOf(parts)
      insist(clock, ms, longestPause, async () => {
        const late = await publish(() => wasGiven)
        if ('tokens' in outcome && isDiscarded()) return
        if (late.kind === 'ended') discard(parts, operation, 'tokens' in outcome ? outcome.tokens : null)
        // Forgotten meanwhile, and nobody was given them. Not revoked: who came since may hold others of the same grant.
        if (late.kind === 'superseded' && !late.outcome && 'tokens' in outcome && !wasGiven) {
          discard(parts, operation, null, 'cleared')
        }
      })
      return { kind: 'stored' }
    })
    if (stored.kind === 'ended') {
      discard(parts, operation, 'tokens' in outcome ? outcome.tokens : null)
      return { outcome: { kind: 'discarded' }, via: 'presented' }
    }
    const better = stored.kind === 'superseded' ? await adopt(stored) : null
    if (better) return { outcome: better, via: 'waited' }
    if (outcome.kind === 'rejected') {
      const attributes = { 'authflight.session_end.reason': outcome.reason, 'authflight.session.id': display }
      telemetry.open('authflight.session_end', { parent: operation, attributes }).end()
    }
    const isForgotten = stored.kind === 'superseded' && outcome.kind === 'rotated'
    return { outcome, via: 'presented', ...(isForgotten && { forgotten: outcome.tokens }) }
  }

  return {
    land: (outcome, lost) => land(outcome, lost, isEnded),
    follow(late) {
      const arrived = async (answer: Answer): Promise<void> => {
        const verdict = judge(answer, parts)
        if (verdict.kind !== 'rotated') return
        const { forgotten } = await land(outcomeOf(verdict, token, 0), false, () => false)
        if (forgotten) discard(parts, operation, forgotten, 'cleared')
      }
      late.then(arrived).catch(() => {})
    },
  }
}

/**
 * Records that the session was ended meanwhile, or that nobody knows of it any more (`cleared`), and revokes the tokens that nobody owns now.
 * Nobody waits for that.
 */
export function discard(
  parts: Parts,
  parent: Operation,
  unwanted: TokenSet | null,
  reason: 'signed_out' | 'cleared' = 'signed_out',
): void {
  const operation = parts.telemetry.open('authflight.discard', {
    parent,
    attributes: { 'authflight.discard.reason': reason },
  })
  if (!unwanted) return operation.end()
  const end = (revocation: Revocation): void => operation.end({ 'authflight.discard.revocation': revocation })
  // The server kept the token that was presented: the sign-out knows that one itself.
  if (unwanted.refreshToken === null) return end('skipped')
  // Where a token may be presented again, others may have the same successor, or one of the same grant.
  if (reason === 'cleared' && parts.profile !== 'fatal') return end('skipped')
  if (!parts.revoke) return end('unsupported')
  void revoke({ ...parts, provider: { revoke: parts.revoke } }, unwanted).then(end)
}
