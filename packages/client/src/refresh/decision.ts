import { mayPresentAgain, type Verdict } from '../providers/answers.ts'
import { owedElsewhere } from './failures.ts'
import type { ClaimWatch } from '../claim/claim-watch.ts'
import { type Claim, readClaim, releaseClaim, withdrawClaim } from '../claim/claim.ts'
import { type Departure, rule } from '../slot/commit-guard.ts'
import type { AuthError } from '../base/errors.ts'
import type { Minted } from '../slot/minted.ts'
import { slotsOf } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { becomeOne, learns, learningScope } from '../slot/same-account.ts'
import { isAlive } from '../base/schedule.ts'
import type { SignedOutReason } from '../base/session.ts'
import { type Held, slotPrefix, type SlotRecord, withTokens } from '../slot/slot.ts'
import type { Scope, View } from '../storage/store.ts'
import type { ErrorType } from '../telemetry/attributes.ts'
import type { Operation } from '../telemetry/operation.ts'
import { bury, find, guardScope } from '../slot/tombstone.ts'

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

export interface Contested {
  readonly kind: 'contested'
  readonly by: Claim
}

/** What a transaction has done with the verdict. */
export type Decision =
  /** `replaced`: another slot of the same account, which became one with this. */
  | { readonly kind: 'rotated' | 'renewed'; readonly slot: SlotRecord; readonly replaced: Held | null }
  | { readonly kind: 'adopt'; readonly slot: SlotRecord }
  | ({ readonly kind: 'discard' } & Departure)
  | { readonly kind: 'rejected'; readonly reason: SignedOutReason; readonly error: AuthError }
  | {
      readonly kind: 'failed'
      readonly error: AuthError
      readonly errorType: ErrorType
      readonly retryAfter: number | null
    }
  | Contested

/** What the server's verdict does to the slot if the guard agrees: all of it in one transaction, which takes the claim away. */
export function createDecide(parts: Parts, watch: ClaimWatch) {
  const { name, provider, patience } = parts
  return function decide(view: View, approach: Approach, verdict: Verdict<Minted>, receivedAt: number): Decision {
    const { key, slot, at, claimId } = approach
    const ruling = rule(slot, find(view, key, name, slot.sessionId))
    if (ruling.kind === 'discard') {
      releaseClaim(view, at, claimId)
      return ruling
    }
    const here = ruling.slot
    const later = ruling.kind === 'adopt' ? here : null
    if (later && !(later.digest === slot.digest && mattersTo(slot, verdict))) {
      releaseClaim(view, at, claimId)
      return { kind: 'adopt', slot: later }
    }
    switch (verdict.kind) {
      case 'rotated': {
        // What was told of the session meanwhile stays. Of its tokens the store may have lost the latest, or was never given them.
        const { revision, tokens, digest, past } = later ?? slot
        // What the answer tells of the user is older than what was told since it was asked for.
        const told = here.userRevision > slot.userRevision ? { ...verdict.tokens, user: null } : verdict.tokens
        const next = withTokens({ ...here, revision, tokens, digest, past }, told, receivedAt)
        releaseClaim(view, at, claimId)
        const isLearnt = isFinished(name, approach) && learnsBy(approach, verdict)
        const other = isLearnt ? becomeOne(view, parts, { key, slot: next }, receivedAt) : null
        // The same account has signed in again, later than this session: that one stays.
        if (other?.key === key) return { kind: 'discard', reason: 'replaced', left: 'replaced' }
        view.put(key, next)
        return {
          replaced: other,
          kind: next.tokens.refresh === slot.tokens.refresh ? 'renewed' : 'rotated',
          slot: next,
        }
      }
      case 'suspect': {
        // Another party presents the same token: its answer may be the good one, and it is waited for.
        const standing = readClaim(view, at)
        if (standing && standing.id !== claimId && !watch.isAbandoned(standing))
          return watch.isEndless(standing, patience)
            ? { ...owedElsewhere, kind: 'failed', retryAfter: null }
            : { kind: 'contested', by: standing }
        bury(view, key, name, slot, verdict.reason, receivedAt)
        view.delete(at)
        return { kind: 'rejected', reason: verdict.reason, error: verdict.error }
      }
      case 'unspent':
      case 'unknown':
        withdrawClaim(view, at, claimId, verdict.kind === 'unknown' && !mayPresentAgain(provider.reuse))
        return later && isAlive(later.tokens, receivedAt)
          ? { kind: 'adopt', slot: later }
          : { ...verdict, kind: 'failed' }
    }
  }
}

/** Whether the answer tells more of the token that was presented than the session that somebody has renewed with it meanwhile (decision 14). */
const mattersTo = ({ digest }: SlotRecord, verdict: Verdict<Minted>): boolean =>
  verdict.kind === 'rotated' ? (verdict.tokens.digest ?? digest) !== digest : verdict.kind !== 'suspect'

/** Where the session is by now: another party that was handed the same may have finished its attempt. Elsewhere the scope shows no slots. */
export const whereIs = (view: View, parts: Pick<Parts, 'name' | 'place'>, approach: Approach): Approach => ({
  ...approach,
  ...slotsOf(parts, view).find(({ slot }) => slot.sessionId === approach.slot.sessionId),
  slot: approach.slot,
})

/** An attempt has no account yet, and becomes one with another only when it is finished. */
const isFinished = (name: string, { key }: Approach): boolean => key.startsWith(slotPrefix(name))

const learnsBy = ({ slot }: Approach, verdict: Verdict<Minted>): boolean =>
  verdict.kind === 'rotated' && learns(slot, verdict.tokens.identity)

/** What a transaction that decides reads and writes. */
export function scopeOf(name: string, approach: Approach, verdict: Verdict<Minted>): Scope {
  const { key, slot, at } = approach
  const guard = guardScope(key, name, slot, at)
  if (isFinished(name, approach) && !learnsBy(approach, verdict)) return guard
  const learning = learningScope(name)
  return { keys: [...guard.keys, ...learning.keys], prefixes: learning.prefixes }
}
