import { claimOf } from '../claim/claim.ts'
import { readClock, type Reading } from '../realm/clock-jumps.ts'
import { AuthRetryableFetchError } from '../base/errors.ts'
import type { Attempt } from '../sign-in/attempts.ts'
import { handBack } from '../slot/handed-over.ts'
import { deleted, isLeft, leave, readSlots, servable as servableIn, slotsOf } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { untilDone } from '../refresh/pauses.ts'
import type { LeavingTokens, SignOutScope } from '../providers/provider.ts'
import { mayShareGrant, revoke, tokensOf } from '../refresh/revocation.ts'
import type { SignedOutReason } from '../base/session.ts'
import {
  attemptPrefix,
  type Held,
  parseSlot,
  pointTo,
  readShown,
  shownKey,
  slotPrefix,
  type SlotRecord,
} from '../slot/slot.ts'
import type { Revocation } from '../telemetry/attributes.ts'
import type { View } from '../storage/store.ts'
import type { Operation } from '../telemetry/operation.ts'
import { bury, find, tombstoneKey, tombstonePrefix } from '../slot/tombstone.ts'

/** What became of a session that was held: what its slot holds now, and why it was left, where a tombstone tells. */
export interface Present {
  readonly slot: SlotRecord | null
  readonly left: SignedOutReason | null
}

export interface SignOutWish {
  /** The sign-ins of this client that end as well, with all others that were begun before; null: none does. */
  readonly attempts: readonly Attempt[] | null
  /** Tells what was begun after the call. */
  readonly isLater: (record: unknown) => boolean
  readonly scope: Exclude<SignOutScope, 'others'>
  /** The call that asks for it. */
  readonly by: Operation
}

export interface Accounts {
  /** The account last shown under this name. */
  loadShown(): Promise<Held | null>
  /** The same in one transaction, which reads all accounts: who comes in from here on is another matter. */
  shownNow(): Promise<Held | null>
  /** What these slots hold now; `sessionId`: of the session held so far. In one transaction. */
  read(held: readonly { readonly key: string; readonly sessionId: string | null }[]): Promise<readonly Present[]>
  /** All accounts that hold a session. */
  list(): Promise<readonly Held[]>
  /** Makes an account the one last shown; null where it holds no session. */
  show(key: string): Promise<Held | null>
  /** Tells from now on which attempts and sessions were begun later. Nobody can tell who has seen the clock move: those count as begun before. */
  fromNow(): SignOutWish['isLater']
  /**
   * Ends a session here. Tells the server without waiting for it, and gives what will come of that. From the call on the session is not loaded
   * again, also when the store fails to delete it: that is then tried until it succeeds.
   * @throws {AuthRetryableFetchError} `storage_error` when the store has not deleted it yet.
   */
  signOut(held: Held | null, wish: SignOutWish): Promise<readonly Promise<Revocation>[]>
  /** Ends a session that nothing can keep alive; false where its slot has moved on, and holds another revision or session. */
  expire(held: Held): Promise<boolean>
}

export function createAccounts(parts: Parts): Accounts {
  const { store, place, name, realm, clock, tabs } = parts
  const shownAt = shownKey(name)
  const attempts = attemptPrefix(name)
  const servable = (key: string, record: unknown): SlotRecord | null => servableIn(place, key, record)
  // What tells later whether it was set back.
  readClock(clock)

  async function loadShown(): Promise<Held | null> {
    let key = await store.transact({ keys: [shownAt] }, (view) => readShown(view.get(shownAt)))
    while (key !== null) {
      const wanted: string = key
      const seen = await store.transact({ keys: [shownAt, wanted] }, (view) => ({
        key: readShown(view.get(shownAt)),
        slot: servable(wanted, view.get(wanted)),
      }))
      // Somebody else was shown in between: what was read belongs to nobody any more.
      if (seen.key === wanted) return seen.slot && { key: wanted, slot: seen.slot }
      key = seen.key
    }
    return null
  }

  const read: Accounts['read'] = (held) =>
    store.transact(
      {
        keys: held.flatMap(({ key, sessionId }) => (sessionId === null ? [key] : [key, tombstoneKey(name, sessionId)])),
      },
      (view) =>
        held.map(({ key, sessionId }) => ({
          slot: servable(key, view.get(key)),
          left:
            sessionId === null ? null : isLeft(place, { sessionId }) ? 'user' : find(view, key, name, sessionId).left,
        })),
    )

  const list: Accounts['list'] = async () => (await readSlots(parts)).filter(({ slot }) => !isLeft(place, slot))

  const show: Accounts['show'] = (key) =>
    store.transact({ keys: [shownAt, key] }, (view) => {
      const slot = servable(key, view.get(key))
      if (slot) pointTo(view, shownAt, key)
      return slot && { key, slot }
    })

  function shownNow(): Promise<Held | null> {
    return store.transact({ keys: [shownAt], prefixes: [slotPrefix(name)] }, (view) => {
      const key = readShown(view.get(shownAt))
      return slotsOf(parts, view).find((it) => it.key === key) ?? null
    })
  }

  function fromNow(): SignOutWish['isLater'] {
    const call = readClock(clock)
    return (record) => beganBetween(record, call, clock.now())
  }

  /** Takes the attempts away that are under way. Gives those whose tokens no session can share that stays. */
  function eraseAttempts(view: View, staying: readonly Held[], isLater: SignOutWish['isLater']): readonly SlotRecord[] {
    handBack(view, parts, staying)
    const begun = view.list(attempts).filter(([, record]) => !isLater(record))
    return begun.flatMap(([key, record]) => {
      view.delete(key)
      const slot = parseSlot(record)
      if (!slot) return []
      bury(view, key, name, slot, 'user', clock.now())
      const isShared = staying.some(
        (it) => mayShareGrant(tokensOf(slot), slot.user, it.slot) && !isLeft(place, it.slot),
      )
      return isShared ? [] : [slot]
    })
  }

  const signOut: Accounts['signOut'] = async (held, { attempts: own, isLater, scope, by }) => {
    if (held) leave(place, held.slot.sessionId)
    const claim = held && (await claimOf(parts, held.slot))
    const revocations: Promise<Revocation>[] = []
    const forget = (tokens: LeavingTokens): void => void revocations.push(revoke(parts, tokens, scope))
    /** What the slot of the account holds: the session that was held, or one that was begun before, by another tab. */
    const isMeant = (slot: SlotRecord, late: boolean): boolean =>
      slot.sessionId === held?.slot.sessionId || (!late && !isLater(slot))
    /** What the last try took away of attempts, whether the store has said so or not. */
    let unfinished: readonly SlotRecord[] = []
    /** `late`: the store had failed before, and somebody may have signed in since. That one stays. */
    const erase = async (late: boolean): Promise<void> => {
      const ended = await store.transact(
        {
          keys: [shownAt, ...(held && claim ? [held.key, claim] : [])],
          // Only what is under way may be anywhere, and of anybody.
          prefixes: [attempts, tombstonePrefix(name), ...(own ? [slotPrefix(name)] : [])],
        },
        (view) => {
          const slots = slotsOf(parts, view)
          const leaving = slots.filter(
            ({ key, slot }) => own?.some(isMakerOf(slot)) || (held?.key === key && isMeant(slot, late)),
          )
          unfinished = own
            ? eraseAttempts(
                view,
                slots.filter((it) => !leaving.includes(it)),
                isLater,
              )
            : []
          for (const { key, slot } of leaving) {
            bury(view, key, name, slot, 'user', clock.now())
            if (readShown(view.get(shownAt)) === key) pointTo(view, shownAt, null)
          }
          // A refresh that has not left yet finds its claim gone, and does not leave.
          if (claim && leaving.some(({ key }) => key === held.key)) view.delete(claim)
          return leaving
        },
        late ? undefined : by,
      )
      for (const id of [held?.slot.sessionId, ...ended.map(({ slot }) => slot.sessionId)]) if (id) deleted(place, id)
      tabs.announce()
      // Another tab's sign-in of this account may have come into the slot, and on the screen, while this waited.
      for (const one of ended) parts.changed({ kind: 'ended', ...one, reason: 'user', source: 'own' })
      for (const slot of unfinished) forget(tokensOf(slot))
      // What the store held is revoked, and what this client held where that was newer. Late, that was done already.
      for (const { slot } of ended) forget(tokensOf(slot))
      const known = ended.some(({ slot }) => slot.tokens.refresh === held?.slot.tokens.refresh)
      if (held && !known && !late) forget(tokensOf(held.slot))
    }
    try {
      await erase(false)
      return revocations
    } catch {
      if (held) forget(tokensOf(held.slot))
      // A store that does not answer may have ended them all the same, and then a later look finds nothing to revoke.
      for (const { tokens } of own ?? []) if (tokens) forget(tokens)
      for (const slot of unfinished) forget(tokensOf(slot))
      void untilDone(realm, () => erase(true))
      throw new AuthRetryableFetchError(
        'storage_error',
        'You are signed out here, but the session could not be deleted yet. That goes on while this page is open.',
      )
    }
  }

  async function expire({ key, slot }: Held): Promise<boolean> {
    const isOver = await store.transact({ keys: [key], prefixes: [tombstonePrefix(name)] }, (view) => {
      const current = parseSlot(view.get(key))
      if (current?.sessionId !== slot.sessionId || current.revision !== slot.revision) return false
      bury(view, key, name, current, 'expired', clock.now())
      return true
    })
    if (isOver) tabs.announce()
    return isOver
  }

  return { loadShown, shownNow, read, list, show, fromNow, signOut, expire }
}

const isMakerOf =
  ({ sessionId }: SlotRecord) =>
  (attempt: Attempt): boolean =>
    attempt.sessionId === sessionId

/**
 * Whether an attempt or a session was begun between a call and now. One that cannot be read was begun by nobody, and one from the future before the
 * clock was set back.
 */
function beganBetween(record: unknown, call: Reading, now: number): boolean {
  const begun = (record as { begun?: number } | null)?.begun ?? 0
  return call.isSteady && begun > call.now && begun <= now
}
