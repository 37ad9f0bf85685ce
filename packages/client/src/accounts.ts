import { claimOf } from './claim.ts'
import { AuthRetryableFetchError } from './errors.ts'
import { newest } from './owed.ts'
import type { Parts } from './parts.ts'
import { untilDone } from './pauses.ts'
import { revoke } from './revocation.ts'
import type { SignedOutReason } from './session.ts'
import {
  attemptPrefix,
  bury,
  find,
  parseSlot,
  readShown,
  shownKey,
  type SlotRecord,
  tombstoneKey,
  tombstonePrefix,
} from './slot.ts'

/** The slot of an account, where it is kept. */
export interface Held {
  readonly key: string
  readonly slot: SlotRecord
}

export interface Accounts {
  /** The account last shown under this name. */
  load(): Promise<Held | null>
  /** What a slot holds now, and why the session held so far is not in it any more, where a tombstone tells. */
  read(held: Held): Promise<{ readonly slot: SlotRecord | null; readonly left: SignedOutReason | null }>
  /**
   * Ends a session here and removes all sign-ins under way. Tells the server without waiting for it. From the call on the session
   * is not loaded again, also when the store fails to delete it: that is then tried until it succeeds.
   * @throws {AuthRetryableFetchError} `storage_error` when the store has not deleted it yet.
   */
  signOut(shown: Held | null): Promise<void>
  /** Ends a session that nothing can keep alive; false where its slot has moved on, and holds another revision or session. */
  expire(held: Held): Promise<boolean>
}

export function createAccounts(parts: Parts): Accounts {
  const { store, place, name, realm, clock, tabs } = parts
  const shownAt = shownKey(name)
  const attempts = attemptPrefix(name)
  /** Sessions signed out here, also while the store still holds them because a delete has failed: they are not served again. */
  const left = new Set<string>()

  async function load(): Promise<Held | null> {
    let key = await store.transact({ keys: [shownAt] }, (view) => readShown(view.get(shownAt)))
    while (key !== null) {
      const wanted: string = key
      const seen = await store.transact({ keys: [shownAt, wanted] }, (view) => ({
        key: readShown(view.get(shownAt)),
        slot: newest(place, wanted, parseSlot(view.get(wanted))),
      }))
      // Somebody else was shown in between: what was read belongs to nobody any more.
      if (seen.key === wanted) {
        return seen.slot && !left.has(seen.slot.sessionId) ? { key: wanted, slot: seen.slot } : null
      }
      key = seen.key
    }
    return null
  }

  async function signOut(shown: Held | null): Promise<void> {
    if (shown) left.add(shown.slot.sessionId)
    const calledAt = clock.now()
    const claim = shown && (await claimOf(parts, shown.slot))
    /** `late`: the store had failed before, and somebody may have signed in since. That one stays. */
    const erase = async (late: boolean): Promise<void> => {
      const ended = await store.transact(
        {
          keys: [shownAt, ...(shown && claim ? [shown.key, claim] : [])],
          prefixes: [attempts, tombstonePrefix(name)],
        },
        (view) => {
          for (const [key, attempt] of view.list(attempts)) if (!beganAfter(attempt, calledAt)) view.delete(key)
          const slot = shown && parseSlot(view.get(shown.key))
          if (!shown || !slot || (late && slot.sessionId !== shown.slot.sessionId)) return null
          bury(view, shown.key, name, slot, 'user', clock.now())
          // A refresh that has not left yet finds its claim gone, and does not leave.
          if (claim) view.delete(claim)
          if (readShown(view.get(shownAt)) === shown.key) view.put(shownAt, { v: 1, slot: null })
          return slot
        },
      )
      tabs.announce()
      // Another tab's sign-in of this account may have come into the slot, and on the screen, while this waited.
      if (shown && ended) parts.changed({ kind: 'ended', key: shown.key, slot: ended, reason: 'user', source: 'own' })
      // What the store held is revoked, and what this client held where that was newer. Late, that was done already.
      for (const token of new Set([ended?.tokens.refresh, late ? null : shown?.slot.tokens.refresh])) {
        if (token) void revoke(parts, token)
      }
    }
    try {
      await erase(false)
    } catch {
      if (shown?.slot.tokens.refresh) void revoke(parts, shown.slot.tokens.refresh)
      void untilDone(realm, () => erase(true))
      throw new AuthRetryableFetchError(
        'storage_error',
        'You are signed out here, but the stored session could not be deleted yet. That is tried again while this page is open; ' +
          'to be sure, clear the data of this page.',
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

  return {
    load,
    read: ({ key, slot }) =>
      store.transact({ keys: [key, tombstoneKey(name, slot.sessionId)] }, (view) => ({
        slot: newest(place, key, parseSlot(view.get(key))),
        left: find(view, key, name, slot.sessionId).left,
      })),
    signOut,
    expire,
  }
}

/** Whether a sign-in was begun after that time. One that cannot be read was begun by nobody. */
const beganAfter = (attempt: unknown, at: number): boolean => ((attempt as { begun?: number } | null)?.begun ?? 0) > at
