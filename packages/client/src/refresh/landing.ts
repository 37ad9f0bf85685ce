import type { Operation } from '../telemetry/operation.ts'
import type { Verdict } from '../providers/answers.ts'
import type { ClaimWatch } from '../claim/claim-watch.ts'
import type { Departure } from '../slot/commit-guard.ts'
import { type Approach, type Contested, createDecide, type Decision, scopeOf, whereIs } from './decision.ts'
import { type Fault, sessionOver } from './failures.ts'
import type { Minted } from '../slot/minted.ts'
import { owe } from '../slot/owed.ts'
import type { Outcome, Parts } from '../slot/parts.ts'
import { type Pauses, untilDone } from './pauses.ts'
import { discard } from './revocation.ts'
import { type SlotRecord, withTokens } from '../slot/slot.ts'
import { warnOnce } from '../storage/weakness.ts'
import { openContention } from '../telemetry/contention.ts'
import { asForeign } from '../slot/tombstone.ts'

export interface Landed {
  readonly outcome: Outcome
  /** Settles when nothing is owed to the store any more. Until then the claim has to stay. */
  readonly paid: Promise<void>
}

export interface Landings {
  /**
   * Lets the server's verdict change the slot if the guard agrees, in the transaction that takes the claim away. New tokens that
   * the store does not take are kept in memory and given to everybody who waits; the write is tried until it succeeds.
   */
  land(approach: Approach, verdict: Verdict<Minted>): Promise<Landed>
  /** Takes what another party has committed. Writes nothing. */
  adopt(key: string, slot: SlotRecord): Outcome
  /** The session was left by somebody while its refresh was under way. */
  leave(key: string, slot: SlotRecord, departure: Departure): Outcome
  /** Nothing is lost; a pause begins. */
  fail(key: string, slot: SlotRecord, fault: Fault, retryAfter?: number | null): Outcome
}

type Rotated = Extract<Verdict<Minted>, { kind: 'rotated' }>

interface Written {
  readonly here: Approach
  readonly decision: Decision
}

export function createLandings(parts: Parts, watch: ClaimWatch, pauses: Pauses): Landings {
  const { store, place, name, realm, clock, tabs, telemetry, changed } = parts
  const decide = createDecide(parts, watch)

  async function land(approach: Approach, verdict: Verdict<Minted>): Promise<Landed> {
    const receivedAt = clock.now()
    const write = (by?: Operation): Promise<Written> =>
      store.transact(
        scopeOf(name, approach, verdict),
        (view) => {
          const here = whereIs(view, parts, approach)
          return { here, decision: decide(view, here, verdict, receivedAt) }
        },
        by,
      )
    for (;;) {
      const notice = tabs.next()
      let written: Written
      try {
        written = await write(approach.flight.operation)
      } catch (error) {
        if (verdict.kind !== 'rotated') throw error
        return keepInMemory(approach, verdict, receivedAt, write)
      }
      const { here, decision } = written
      if (decision.kind !== 'contested') return { outcome: follow(here, verdict, decision), paid: Promise.resolve() }
      await watch.pause(decision.by, notice)
    }
  }

  /** The only copy of a session is in memory now. Its claim stays, so nobody presents the old token meanwhile. */
  function keepInMemory(
    approach: Approach,
    verdict: Rotated,
    receivedAt: number,
    write: () => Promise<Written>,
  ): Landed {
    const { flight, key, slot } = approach
    const next = withTokens(slot, verdict.tokens, receivedAt)
    sayThatWritesFail()
    pauses.end(key)
    changed({ kind: 'held', key, slot: next, source: 'own', flight: flight.id })
    const forget = owe(place, key, next)
    tabs.announce(flight.operation)
    const paid = untilDone(realm, write).then(({ here, decision }) => {
      forget()
      if (decision.kind !== 'contested') follow(here, verdict, decision)
    })
    return { outcome: { kind: next.tokens.refresh === slot.tokens.refresh ? 'renewed' : 'rotated', slot: next }, paid }
  }

  function follow(approach: Approach, verdict: Verdict<Minted>, decision: Exclude<Decision, Contested>): Outcome {
    const { flight, key, slot } = approach
    tabs.announce(flight.operation)
    switch (decision.kind) {
      case 'rotated':
      case 'renewed':
        flight.operation.event('committed', { 'authflight.session.revision': decision.slot.revision })
        pauses.end(key)
        if (decision.replaced)
          changed({ kind: 'ended', ...decision.replaced, reason: 'replaced', source: 'own', by: flight.operation })
        changed({ kind: 'held', key, slot: decision.slot, source: 'own', flight: flight.id })
        return decision
      case 'adopt':
        // Another client on the same store has landed this very answer: they shared a flight, nobody raced.
        if (verdict.kind !== 'rotated' || decision.slot.tokens.access !== verdict.tokens.accessToken) {
          openContention(telemetry, 'lost_race', store.atomic, flight.operation)('adopted')
        }
        return adopt(key, decision.slot)
      case 'discard': {
        const unwanted = verdict.kind === 'rotated' ? verdict.tokens : null
        const user = slot.user ?? unwanted?.user ?? null
        discard(parts, flight.operation, decision.reason, unwanted, user)
        return leave(key, slot, decision)
      }
      case 'rejected':
        pauses.end(key)
        changed({ kind: 'ended', key, slot, reason: decision.reason, source: 'own', by: flight.operation })
        return decision
      case 'failed':
        flight.operation.event('retry_scheduled')
        return fail(key, slot, decision, decision.retryAfter)
    }
  }

  function adopt(key: string, slot: SlotRecord): Outcome {
    pauses.end(key)
    changed({ kind: 'held', key, slot, source: 'foreign', flight: null })
    return { kind: 'adopted', slot }
  }

  function leave(key: string, slot: SlotRecord, { reason, left }: Departure): Outcome {
    const why = reason === 'replaced' ? 'replaced' : asForeign(left)
    pauses.end(key)
    changed({ kind: 'ended', key, slot, reason: why, source: 'foreign' })
    // Nobody left it: another party was told by the server that it is over.
    const isOver = left !== null && left !== 'user' && left !== 'replaced'
    return isOver ? { kind: 'rejected', reason: left, error: sessionOver() } : { kind: 'discarded', reason }
  }

  function fail(key: string, slot: SlotRecord, fault: Fault, retryAfter: number | null = null): Outcome {
    const failure = pauses.fail(key, slot.sessionId, fault, retryAfter)
    changed({ kind: 'failed', key, slot, failure })
    return failure
  }

  return { land, adopt, leave, fail }
}

const sayThatWritesFail = (): void =>
  warnOnce(
    'Authflight: a session could not be stored. It is kept in memory until it is; a reload before that signs out. ' +
      'Allow site data for this page and free some space.',
  )
