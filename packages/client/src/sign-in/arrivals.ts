import type { Attempt, Attempts } from './attempts.ts'
import { claimPrefix, isBeingPresented } from '../claim/claim.ts'
import { AuthRefreshDiscardedError, type DiscardReason } from '../base/errors.ts'
import { knows } from '../slot/handed-over.ts'
import { isLeft, newest, slotsOf } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { untilDone } from '../refresh/pauses.ts'
import { giveBack, tokensOf } from '../refresh/revocation.ts'
import { type Held, pointTo, readShown, shownKey, slotKey, slotPrefix, type SlotRecord } from '../slot/slot.ts'
import type { Scope, View } from '../storage/store.ts'
import { bury, digestsOf, leftWith, tombstoneKey, tombstonePrefix } from '../slot/tombstone.ts'

/** Who is signed in now, and who was replaced by that. */
export interface Arrival extends Held {
  readonly replaced: readonly Held[]
}

/** How one is to come in. */
export interface Manner {
  /** The account shown before stays signed in. */
  readonly beside: boolean
  /** The store has certainly not taken it. */
  readonly lost?: () => void
  /** A session may have its token, or may have had it: one that is stored is the one then, and where one was left nothing comes of it. */
  readonly mayBeHere?: boolean
}

/** How attempts become sessions. */
export interface Arrivals {
  /**
   * Makes a session of an attempt, in one transaction: its slot, the pointer to it, the end of those it replaces. `marked`: the attempt
   * as its marker holds it. Tells the server of the ended ones without waiting for it.
   * @throws {AuthRefreshDiscardedError} `signed_out` when a sign-out came first; the new tokens are revoked then. `replaced` where it may be here, and is or was.
   */
  settle(attempt: Attempt, marked: Held, before: Held | null, manner: Manner): Promise<Arrival>
  /** The same for a session that is here already: it is shown, and nothing of it changes. */
  adopt(attempt: Attempt, held: Held, before: Held | null, beside: boolean): Promise<Arrival>
}

/** `arrived`: told of each session as soon as it is stored, so that nothing comes between that and its being shown. */
export function createArrivals(
  parts: Parts,
  attempts: Pick<Attempts, 'close'>,
  arrived: (arrival: Arrival) => void,
): Arrivals {
  const { store, place, name, clock, tabs } = parts
  const shownAt = shownKey(name)

  function commit(
    view: View,
    attempt: Attempt,
    { key: at, slot: given }: Held,
    before: Held | null,
    { beside, mayBeHere }: Manner,
  ): Arrival | DiscardReason {
    if (view.get(at) === undefined || attempt.isLeft) return 'signed_out'
    const slots = slotsOf(parts, view)
    // A refresh of the attempt may have brought a newer revision than the one its caller knows.
    const slot = newest(place, at, view.get(at)) ?? given
    if (mayBeHere && slots.some((other) => knows(slot.digest, other))) return 'replaced'
    if (mayBeHere && wasLeft(view, slots, slot)) {
      view.delete(at)
      return 'signed_out'
    }
    const same = slots.filter((other) => isSame(slot, other.slot))
    const [again] = same
    const key = again?.key ?? slotKey(name, slot.display.account)
    const replaced = replace(view, slots, same, before, beside)
    const account = again?.slot.display.account ?? slot.display.account
    const held = { key, slot: { ...slot, display: { ...slot.display, account } } }
    view.put(key, held.slot)
    pointTo(view, shownAt, key)
    view.delete(at)
    return { ...held, replaced }
  }

  /** Whether a session had one of the tokens of an attempt, and was left: also where the store has yet to delete it. */
  const wasLeft = (view: View, slots: readonly Held[], slot: SlotRecord): boolean =>
    leftWith(view, name, digestsOf(slot)) !== null ||
    slots.some((other) => isLeft(place, other.slot) && isBehind(slot, other.slot))

  /** Whom this client shows, whom the store says was shown last, and `also`: one sign-in replaces them all. */
  function replace(
    view: View,
    slots: readonly Held[],
    also: readonly Held[],
    before: Held | null,
    beside: boolean,
  ): readonly Held[] {
    const places = new Set([
      ...also.map(({ key }) => key),
      ...(beside ? [] : [before?.key, readShown(view.get(shownAt))]),
    ])
    const replaced = slots.filter((other) => places.has(other.key))
    for (const other of replaced) bury(view, other.key, name, other.slot, 'replaced', clock.now())
    return replaced
  }

  const scopeOf = (at: string, ...more: readonly string[]): Scope => ({
    keys: [at, shownAt],
    prefixes: [slotPrefix(name), tombstonePrefix(name), ...more],
  })

  async function adopt(attempt: Attempt, held: Held, before: Held | null, beside: boolean): Promise<Arrival> {
    const { at } = attempt
    const seen: { arrival: Arrival | null } = { arrival: null }
    const decide = (view: View): Arrival | null => {
      const slots = slotsOf(parts, view)
      const standing = slots.find((other) => other.key === held.key && isOf(other, held.slot))
      // Somebody who was on the way with the same token has made it of this very attempt.
      const isMade = standing?.slot.sessionId === attempt.sessionId
      if (!standing || attempt.isLeft || (view.get(at) === undefined && !isMade)) return null
      if (isInVain(view, at, standing)) view.delete(at)
      // Who is shown already is shown by whoever else is meant elsewhere: nothing changes, for nobody.
      if (before?.key === held.key) return { ...standing, replaced: [] }
      const others = slots.filter(({ key }) => key !== held.key)
      const replaced = replace(view, others, [], before, beside)
      pointTo(view, shownAt, held.key)
      return { ...standing, replaced }
    }
    const arrival = await store
      .transact(scopeOf(at, claimPrefix), (view) => (seen.arrival = decide(view)))
      .catch((error: unknown) => {
        if (seen.arrival && isLate(error)) void clearUp(seen.arrival)
        throw error
      })
    if (!arrival) throw new AuthRefreshDiscardedError('signed_out')
    return tell(attempt, arrival)
  }

  /** Whether an attempt holds nothing that its session has not. What is being presented will want a place there, in which the session finds it. */
  function isInVain(view: View, at: string, session: Held): boolean {
    const slot = newest(place, at, view.get(at))
    return slot === null || (knows(slot.digest, session) && !isBeingPresented(view, slot))
  }

  async function settle(attempt: Attempt, marked: Held, before: Held | null, manner: Manner): Promise<Arrival> {
    // Known before it is stored: a sign-out that comes now finds it.
    attempt.sessionId = marked.slot.sessionId
    attempt.tokens = tokensOf(marked.slot)
    const seen: { made: Arrival | DiscardReason | null } = { made: null }
    const made = await store
      .transact(scopeOf(marked.key), (view) => (seen.made = commit(view, attempt, marked, before, manner)))
      .catch((error: unknown) => {
        // A store that has only not answered may have written it all the same.
        if (isArrival(seen.made) && isLate(error)) void clearUp(seen.made, manner.lost)
        else manner.lost?.()
        throw error
      })
    if (isArrival(made)) return tell(attempt, made)
    if (made === 'signed_out') void giveBack(parts, tokensOf(marked.slot), marked.slot.user)
    // They are of a session that is in use.
    else attempt.sessionId = attempt.tokens = null
    throw new AuthRefreshDiscardedError(made)
  }

  /** Once the store tells whether it has written an arrival: revokes those that it has replaced, or it is lost. */
  async function clearUp(arrival: Arrival, lost?: () => void): Promise<void> {
    const { replaced } = arrival
    const left = ({ slot }: Held): string => tombstoneKey(name, slot.sessionId)
    const { isWritten, buried } = await untilDone(parts.realm, () =>
      store.transact({ keys: [arrival, ...replaced].map(left), prefixes: [slotPrefix(name)] }, (view) => {
        const isBuried = (held: Held): boolean => view.get(left(held)) !== undefined
        const isStored = slotsOf(parts, view).some((other) => isOf(other, arrival.slot))
        return { isWritten: isStored || isBuried(arrival), buried: replaced.filter(isBuried) }
      }),
    )
    release({ ...arrival, replaced: buried })
    if (!isWritten) lost?.()
  }

  /** The server need not keep whom this replaced. */
  function release({ replaced }: Arrival): void {
    for (const { slot } of replaced) void giveBack(parts, tokensOf(slot), slot.user)
  }

  /**
   * ```
   *  attempt    ── stored ───────────────────── told?
   *  sign-out          └── ends what is stored ──┘
   * ```
   */
  function tell(attempt: Attempt, arrival: Arrival): Arrival {
    tabs.announce()
    release(arrival)
    if (attempt.isLeft || isLeft(place, arrival.slot)) throw new AuthRefreshDiscardedError('signed_out')
    attempts.close(attempt)
    arrived(arrival)
    return arrival
  }

  return { settle, adopt }
}

const isArrival = (made: Arrival | DiscardReason | null): made is Arrival => typeof made === 'object' && made !== null
/** Whether a session has a token that was spent since, and of which came what the attempt has. */
const isBehind = (attempt: SlotRecord, { digest }: SlotRecord): boolean => knows(digest, { slot: attempt })
/** Of one account, or of one grant. */
const isSame = (attempt: SlotRecord, other: SlotRecord): boolean =>
  (attempt.identity !== null && attempt.identity === other.identity) || isBehind(attempt, other)
const isLate = (error: unknown): boolean => (error as Partial<Error> | null)?.name === 'TimeoutError'
const isOf = ({ slot }: Held, { sessionId }: SlotRecord): boolean => slot.sessionId === sessionId
