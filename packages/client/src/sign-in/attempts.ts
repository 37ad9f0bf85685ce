import { claimPrefix, forgetClaims, isBeingPresented } from '../claim/claim.ts'
import { AuthError } from '../base/errors.ts'
import { readClock } from '../realm/clock-jumps.ts'
import { handBack } from '../slot/handed-over.ts'
import { newest, slotsOf } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import type { LeavingTokens } from '../providers/provider.ts'
import { giveBack, tokensOf } from '../refresh/revocation.ts'
import { attemptPrefix, parseSlot } from '../slot/slot.ts'
import type { View } from '../storage/store.ts'
import { forgetTombstones, tombstonePrefix } from '../slot/tombstone.ts'

/**
 * The marker of a sign-in or `setSession` under way. It shows and ends nothing; the attempt commits only while its marker is there, and a
 * sign-out takes it away. Once there are tokens, the marker is a slot of its own: refreshed, guarded and claimed as any other is.
 */
export interface Marker {
  readonly v: 1
  /** Epoch milliseconds. */
  readonly begun: number
}

/** An attempt that nobody came back to is forgotten after one day. */
const attemptLife = 24 * 60 * 60 * 1_000

/** An attempt that this client has under way. */
export interface Attempt {
  /** Where its marker stands. */
  readonly at: string
  /** The session that it makes; null as long as there is none. */
  sessionId: string | null
  /** What it would bring, from the same moment on. */
  tokens: LeavingTokens | null
  /** This client was asked to sign out since it began. */
  isLeft: boolean
}

export interface Attempts {
  /** Writes a marker at once: a sign-out from now on ends this attempt. Gives it and when it began. */
  begin(): Promise<{ readonly attempt: Attempt; readonly begun: number }>
  /** Goes on with an attempt whose marker was written before, by whatever page. */
  resume(at: string): Attempt
  /**
   * Moves an attempt on: `change` runs in a transaction that finds the marker standing. `at`: where that is.
   * @throws {AuthError} `attempt_superseded` when a sign-out came first.
   */
  advance<R>(attempt: Attempt, at: string, change: (view: View) => R): Promise<R>
  /** It has ended, well or not. */
  close(attempt: Attempt): void
  /**
   * Gives an attempt up, unless its token was rotated already, or somebody presents it: who comes again with the old one finds the new one
   * there. Never rejects.
   */
  abandon(attempt: Attempt): Promise<void>
  /** This client signs out: what it has under way comes to nothing. Gives that, for what is stored already and not told yet. */
  leave(): readonly Attempt[]
}

export function createAttempts(parts: Parts): Attempts {
  const { store, place, name, realm, clock } = parts
  const prefix = attemptPrefix(name)
  const underWay = new Set<Attempt>()

  function resume(at: string): Attempt {
    const attempt = { at, sessionId: null, tokens: null, isLeft: false }
    underWay.add(attempt)
    return attempt
  }

  async function begin(): Promise<{ attempt: Attempt; begun: number }> {
    const at = prefix + realm.secret()
    const attempt = resume(at)
    const { now: begun } = readClock(clock)
    const old = await store.transact(
      { keys: [], prefixes: ['attempt:', 'slot:', claimPrefix, tombstonePrefix(name)] },
      (view) => {
        forgetClaims(view, begun)
        forgetTombstones(view, name, begun)
        const forgotten = view
          .list(prefix)
          .filter(([, attempt]) => begun - ((attempt as Partial<Marker> | null)?.begun ?? 0) > attemptLife)
          // A clock set forward makes what is under way look old: whose token is being presented will want a place for the next one.
          .filter(([key, attempt]) => !isBeingPresented(view, newest(place, key, attempt)))
        if (forgotten.length > 0) handBack(view, parts, slotsOf(parts, view))
        for (const [key] of forgotten) view.delete(key)
        view.put(at, { v: 1, begun } satisfies Marker)
        return forgotten.flatMap(([, attempt]) => parseSlot(attempt) ?? [])
      },
    )
    // An access token alone may be in a session by now: nothing tells such an attempt from one that was made again.
    for (const slot of old) if (slot.tokens.refresh !== null) void giveBack(parts, tokensOf(slot), slot.user)
    return { attempt, begun }
  }

  async function advance<R>(attempt: Attempt, at: string, change: (view: View) => R): Promise<R> {
    const moved = await store.transact({ keys: [at] }, (view) =>
      view.get(at) === undefined || attempt.isLeft ? null : { by: change(view) },
    )
    if (!moved) throw superseded()
    return moved.by
  }

  function close(attempt: Attempt): void {
    underWay.delete(attempt)
  }

  return {
    begin,
    resume,
    advance,
    close,
    abandon(attempt) {
      close(attempt)
      const { at } = attempt
      return store
        .transact({ keys: [at], prefixes: [claimPrefix] }, (view) => {
          const slot = newest(place, at, view.get(at))
          if ((slot?.revision ?? 1) === 1 && !isBeingPresented(view, slot)) view.delete(at)
        })
        .catch(() => {})
    },
    leave() {
      const leaving = [...underWay]
      for (const attempt of leaving) attempt.isLeft = true
      return leaving
    },
  }
}

const superseded = (): AuthError =>
  new AuthError('attempt_superseded', 'A sign-out came before this sign-in was done. Sign in again.')
