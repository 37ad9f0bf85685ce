import { mayPresentAgain, type Verdict } from './answers.ts'
import { type Claim, type ClaimWatch, readClaim, releaseClaim } from './claim.ts'
import { rule } from './commit-guard.ts'
import type { AuthError, DiscardReason } from './errors.ts'
import { type Fault, sessionOver } from './failures.ts'
import { owe } from './owed.ts'
import type { Outcome, Parts } from './parts.ts'
import { type Pauses, untilDone } from './pauses.ts'
import { discard } from './revocation.ts'
import type { SignedOutReason } from './session.ts'
import { asForeign, bury, find, guardScope, parseSlot, type SlotRecord, withTokens } from './slot.ts'
import type { View } from './storage/store.ts'
import { warnOnce } from './storage/weakness.ts'
import type { ErrorType } from './telemetry/attributes.ts'
import type { Operation } from './telemetry/operation.ts'

/** Whose answer lands where. */
export interface Approach {
  readonly flight: { readonly id: string; readonly operation: Operation }
  readonly key: string
  /** The slot as it was when the flight began. */
  readonly slot: SlotRecord
  readonly at: string
  /** The id of the claim that the answer was got under. */
  readonly claimId: string
}

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
  land(approach: Approach, verdict: Verdict): Promise<Landed>
  /** Takes what another party has committed. Writes nothing. */
  adopt(key: string, slot: SlotRecord): Outcome
  /** The session was left by somebody while its refresh was under way. */
  leave(key: string, slot: SlotRecord, departure: Departure): Outcome
  /** Nothing is lost; a pause begins. */
  fail(key: string, slot: SlotRecord, fault: Fault, retryAfter: number | null): Outcome
}

/** That and why the session of a writer is not in its slot any more. `left`: what its tombstone says. */
export interface Departure {
  readonly reason: DiscardReason
  readonly left: SignedOutReason | null
}

type Rotated = Extract<Verdict, { kind: 'rotated' }>

interface Contested {
  readonly kind: 'contested'
  readonly by: Claim
}

/** What a transaction has done with the verdict. */
type Decision =
  | { readonly kind: 'rotated' | 'renewed'; readonly slot: SlotRecord }
  | { readonly kind: 'adopt'; readonly slot: SlotRecord }
  /** `taken`: the same account has signed in again since. */
  | ({ readonly kind: 'discard'; readonly taken: boolean } & Departure)
  | { readonly kind: 'rejected'; readonly reason: SignedOutReason; readonly error: AuthError }
  | {
      readonly kind: 'failed'
      readonly error: AuthError
      readonly errorType: ErrorType
      readonly retryAfter: number | null
    }
  | Contested

export function createLandings(parts: Parts, watch: ClaimWatch, pauses: Pauses): Landings {
  const { store, name, provider, realm, clock, tabs, telemetry, changed } = parts

  async function land(approach: Approach, verdict: Verdict): Promise<Landed> {
    const receivedAt = clock.now()
    const write = (): Promise<Decision> =>
      store.transact(guardScope(approach.key, name, approach.slot, approach.at), (view) =>
        decide(view, approach, verdict, receivedAt),
      )
    for (;;) {
      const notice = tabs.next()
      let decision: Decision
      try {
        decision = await write()
      } catch (error) {
        if (verdict.kind !== 'rotated') throw error
        return keepInMemory(approach, verdict, receivedAt, write)
      }
      if (decision.kind !== 'contested')
        return { outcome: follow(approach, verdict, decision), paid: Promise.resolve() }
      await watch.pause(decision.by, notice)
    }
  }

  /** The only copy of a session is in memory now. Its claim stays, so nobody presents the old token meanwhile. */
  function keepInMemory(
    approach: Approach,
    verdict: Rotated,
    receivedAt: number,
    write: () => Promise<Decision>,
  ): Landed {
    const { flight, key, slot } = approach
    const next = withTokens(slot, verdict.tokens, receivedAt)
    sayThatWritesFail()
    pauses.end(key)
    changed({ kind: 'held', key, slot: next, source: 'own', flight: flight.id })
    const forget = owe(parts.place, key, next)
    tabs.announce()
    const paid = untilDone(realm, write).then((decision) => {
      forget()
      if (decision.kind === 'rotated' || decision.kind === 'renewed') tabs.announce()
      else if (decision.kind !== 'contested') follow(approach, verdict, decision)
    })
    return { outcome: { kind: next.tokens.refresh === slot.tokens.refresh ? 'renewed' : 'rotated', slot: next }, paid }
  }

  function follow(approach: Approach, verdict: Verdict, decision: Exclude<Decision, Contested>): Outcome {
    const { flight, key, slot } = approach
    tabs.announce()
    switch (decision.kind) {
      case 'rotated':
      case 'renewed':
        flight.operation.event('committed', { 'authflight.session.revision': decision.slot.revision })
        pauses.end(key)
        changed({ kind: 'held', key, slot: decision.slot, source: 'own', flight: flight.id })
        return decision
      case 'adopt':
        // Another client on the same store has landed this very answer: they shared a flight, nobody raced.
        if (verdict.kind !== 'rotated' || decision.slot.tokens.access !== verdict.tokens.accessToken) {
          telemetry
            .open('authflight.contention', {
              parent: flight.operation,
              attributes: { 'authflight.contention.kind': 'lost_race', 'authflight.contention.scope': store.atomic },
            })
            .end({ 'authflight.contention.resolution': 'adopted' })
        }
        return adopt(key, decision.slot)
      case 'discard': {
        const unwanted = verdict.kind === 'rotated' ? verdict.tokens : null
        discard(parts, flight.operation, decision.reason, unwanted, decision.taken || decision.reason === 'cleared')
        return leave(key, slot, decision)
      }
      case 'rejected':
        pauses.end(key)
        changed({ kind: 'ended', key, slot, reason: decision.reason, source: 'own' })
        return decision
      case 'failed':
        flight.operation.event('retry_scheduled')
        return fail(key, slot, decision, decision.retryAfter)
    }
  }

  function decide(view: View, { key, slot, at, claimId }: Approach, verdict: Verdict, receivedAt: number): Decision {
    const found = find(view, key, name, slot.sessionId)
    const ruling = rule(slot, found)
    const current = parseSlot(view.get(key))
    if (ruling.kind === 'discard') {
      releaseClaim(view, at, claimId)
      return { ...ruling, left: found.left, taken: current !== null }
    }
    if (ruling.kind === 'adopt' && current) {
      releaseClaim(view, at, claimId)
      return { kind: 'adopt', slot: current }
    }
    switch (verdict.kind) {
      case 'rotated': {
        const next = withTokens({ ...(current ?? slot), revision: slot.revision }, verdict.tokens, receivedAt)
        view.put(key, next)
        releaseClaim(view, at, claimId)
        return { kind: next.tokens.refresh === slot.tokens.refresh ? 'renewed' : 'rotated', slot: next }
      }
      case 'suspect': {
        // Another party presents the same token: its answer may be the good one, and it is waited for.
        const standing = readClaim(view, at)
        if (standing && standing.id !== claimId && !watch.isAbandoned(standing))
          return { kind: 'contested', by: standing }
        bury(view, key, name, slot, verdict.reason, receivedAt)
        view.delete(at)
        return { kind: 'rejected', reason: verdict.reason, error: verdict.error }
      }
      case 'unspent':
        releaseClaim(view, at, claimId)
        return { ...verdict, kind: 'failed' }
      case 'unknown': {
        const claim = readClaim(view, at)
        if (mayPresentAgain(provider.reuse)) releaseClaim(view, at, claimId)
        else if (claim?.id === claimId) view.put(at, { ...claim, lost: true } satisfies Claim)
        return { ...verdict, kind: 'failed' }
      }
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

  function fail(key: string, slot: SlotRecord, fault: Fault, retryAfter: number | null): Outcome {
    const failure = pauses.fail(key, slot.sessionId, fault, retryAfter)
    changed({ kind: 'failed', key, slot, failure })
    return failure
  }

  return { land, adopt, leave, fail }
}

const sayThatWritesFail = (): void =>
  warnOnce(
    'Authflight: a refreshed session could not be stored. It is kept in memory and written as soon as the store takes it; a reload ' +
      'before that signs out. Free some space, or allow site data for this page.',
  )
