import { callEach } from './events.ts'
import type { Mirror } from './mirror.ts'
import type { Realm } from '../realm/realm.ts'
import type { AuthSnapshot, SignedOutReason } from '../base/session.ts'

/** Whom a client shows: a pointer to the mirror of one account, or to nobody. Moving it touches no slot. */
export interface Shown {
  readonly mirror: Mirror | null
  readonly snapshot: AuthSnapshot
  /**
   * Shows another account, or nobody, and why. What `leave` and `arrive` change in mirrors, before and after the pointer moves, is seen
   * together with it: an app that looks never sees nobody between one account and the next.
   */
  point(to: () => Mirror | null, reason: SignedOutReason | null, leave?: () => void, arrive?: () => void): void
  /** A mirror has changed. */
  review(mirror: Mirror): void
  /** Calls the listener after each change of the snapshot. Returns unsubscribe. */
  subscribe(listener: () => void): () => void
  close(): void
}

/** `left`: the account shown was replaced elsewhere; somebody should look up by whom, and point there. Until then it stays in sight. */
export function createShown(realm: Pick<Realm, 'reportError'>, left: (mirror: Mirror) => void): Shown {
  let mirror: Mirror | null = null
  let nobody: AuthSnapshot = { status: 'restoring' }
  let snapshot: AuthSnapshot = nobody
  let isMoving = false
  const listeners = new Set<() => void>()

  function review(changed: Mirror): void {
    if (isMoving || changed !== mirror) return
    const { snapshot: seen } = changed
    if (seen.status !== 'signed-out') return show(seen)
    if (seen.reason === 'replaced') return left(changed)
    mirror = null
    show((nobody = seen))
  }

  function show(next: AuthSnapshot): void {
    if (next === snapshot) return
    snapshot = next
    callEach(listeners, realm)
  }

  return {
    get mirror() {
      return mirror
    },
    get snapshot() {
      return snapshot
    },
    point(to, reason, leave, arrive) {
      isMoving = true
      leave?.()
      mirror = to()
      arrive?.()
      isMoving = false
      if (!mirror?.held) {
        mirror = null
        if (snapshot.status !== 'signed-out') nobody = { status: 'signed-out', reason }
      }
      show(mirror?.snapshot ?? nobody)
    },
    review,
    subscribe(listener) {
      // One of its own for each, so that who subscribes the same function twice is called twice and leaves twice.
      const own = (): void => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    close() {
      mirror = null
      listeners.clear()
    },
  }
}
