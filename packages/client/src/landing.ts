import { mayPresentAgain, type Verdict } from './answers.ts'
import { type Claim, type ClaimWatch, readClaim, releaseClaim } from './claim.ts'
import { rest } from './clock.ts'
import { rule } from './commit-guard.ts'
import type { DiscardReason } from './errors.ts'
import type { Outcome, Parts } from './parts.ts'
import type { Pauses } from './pauses.ts'
import { discard } from './revocation.ts'
import { backoff } from './schedule.ts'
import type { SignedOutReason } from './session.ts'
import { bury, find, guardScope, parseSlot, type SlotRecord, withTokens } from './slot.ts'
import type { View } from './storage/store.ts'
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

export interface Landings {
  /** Lets the server's verdict change the slot if the guard agrees, in the transaction that takes the claim away. */
  land(approach: Approach, verdict: Verdict): Promise<Outcome>
  /** Takes what another party has committed. Writes nothing. */
  adopt(key: string, slot: SlotRecord): Outcome
  /** The session was left by somebody while its refresh was under way. */
  leave(key: string, slot: SlotRecord, reason: DiscardReason): Outcome
}

export function createLandings(parts: Parts, watch: ClaimWatch, pauses: Pauses): Landings {
  const { store, name, provider, clock, tabs, telemetry, changed } = parts

  async function land(approach: Approach, verdict: Verdict): Promise<Outcome> {
    const { flight, key, slot } = approach
    const receivedAt = clock.now()
    for (;;) {
      const notice = tabs.next()
      const landed = await persist(approach, (view) => decide(view, approach, verdict, receivedAt))
      if (landed.kind === 'contested') {
        await watch.pause(landed.by, notice)
        continue
      }
      tabs.announce()
      switch (landed.kind) {
        case 'rotated':
        case 'renewed':
          flight.operation.event('committed', { 'authflight.session.revision': landed.slot.revision })
          pauses.end(key)
          changed({ kind: 'held', key, slot: landed.slot, source: 'own', flight: flight.id })
          return landed
        case 'adopt':
          telemetry
            .open('authflight.contention', {
              parent: flight.operation,
              attributes: { 'authflight.contention.kind': 'lost_race', 'authflight.contention.scope': store.atomic },
            })
            .end({ 'authflight.contention.resolution': 'adopted' })
          return adopt(key, landed.slot)
        case 'discard': {
          const unwanted = verdict.kind === 'rotated' ? verdict.tokens : null
          discard(parts, flight.operation, landed.reason, unwanted, landed.taken || landed.reason === 'cleared')
          return leave(key, slot, landed.reason)
        }
        case 'rejected':
          pauses.end(key)
          changed({ kind: 'ended', key, slot, reason: landed.reason, source: 'own' })
          return landed
        case 'failed':
          flight.operation.event('retry_scheduled')
          return pauses.fail(key, landed, landed.retryAfter)
      }
    }
  }

  function decide(view: View, { key, slot, at, claimId }: Approach, verdict: Verdict, receivedAt: number) {
    const ruling = rule(slot, find(view, key, name, slot.sessionId))
    const current = parseSlot(view.get(key))
    if (ruling.kind === 'discard') {
      releaseClaim(view, at, claimId)
      return { ...ruling, taken: current !== null } as const
    }
    if (ruling.kind === 'adopt' && current) {
      releaseClaim(view, at, claimId)
      return { kind: 'adopt', slot: current } as const
    }
    switch (verdict.kind) {
      case 'rotated': {
        const next = withTokens({ ...(current ?? slot), revision: slot.revision }, verdict.tokens, receivedAt)
        view.put(key, next)
        releaseClaim(view, at, claimId)
        return { kind: next.tokens.refresh === slot.tokens.refresh ? 'renewed' : 'rotated', slot: next } as const
      }
      case 'suspect': {
        // Another party presents the same token: its answer may be the good one, and it is waited for.
        const standing = readClaim(view, at)
        if (standing && standing.id !== claimId && !watch.isAbandoned(standing))
          return { kind: 'contested', by: standing } as const
        bury(view, key, name, slot, verdict.reason, receivedAt)
        view.delete(at)
        return { kind: 'rejected', reason: verdict.reason, error: verdict.error } as const
      }
      case 'unspent':
        releaseClaim(view, at, claimId)
        return { ...verdict, kind: 'failed' } as const
      case 'unknown': {
        const claim = readClaim(view, at)
        if (mayPresentAgain(provider.reuse)) releaseClaim(view, at, claimId)
        else if (claim?.id === claimId) view.put(at, { ...claim, lost: true } satisfies Claim)
        return { ...verdict, kind: 'failed' } as const
      }
    }
  }

  /** A failing store is tried again for as long as a request may take: the answer in hand may be the only copy. */
  async function persist<R>({ key, slot, at }: Approach, change: (view: View) => R): Promise<R> {
    const giveUp = clock.monotonic() + parts.requestLimit
    for (let tries = 1; ; tries += 1) {
      try {
        return await store.transact(guardScope(key, name, slot, at), change)
      } catch (error) {
        if (clock.monotonic() > giveUp) throw error
        await rest(clock, backoff(tries, null, Math.random()) / 10)
      }
    }
  }

  function adopt(key: string, slot: SlotRecord): Outcome {
    pauses.end(key)
    changed({ kind: 'held', key, slot, source: 'foreign', flight: null })
    return { kind: 'adopted', slot }
  }

  function leave(key: string, slot: SlotRecord, reason: DiscardReason): Outcome {
    const why: Record<DiscardReason, SignedOutReason> = {
      signed_out: 'other_tab',
      replaced: 'replaced',
      cleared: 'storage_cleared',
    }
    pauses.end(key)
    changed({ kind: 'ended', key, slot, reason: why[reason], source: 'foreign' })
    return { kind: 'discarded', reason }
  }

  return { land, adopt, leave }
}
