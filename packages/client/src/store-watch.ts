import type { Accounts } from './accounts.ts'
import { type Clock, rest } from './clock.ts'
import type { Change } from './parts.ts'
import type { Shown } from './shown.ts'
import { asForeign } from './slot.ts'

export interface StoreWatch {
  /** Somebody says that the store changed, truly or not: it is read again, one read at a time, 20 a second at most. */
  look(): void
  /** The page did not run for a while, or heard nothing: what was read before may be wrong. */
  distrust(): void
  /** Whether what was read last can be relied on without another read. */
  readonly isCurrent: boolean
  /** Reads the store, not earlier than now, once for all who ask meanwhile. Resolves also where the store does not answer well. */
  lookNow(): Promise<void>
  stop(): void
}

/** Follows what other tabs and clients do to the stored session. `notifies`: whether they all can tell. */
export function watchStore(
  clock: Clock,
  accounts: Accounts,
  shown: Shown,
  loaded: Promise<unknown>,
  changed: (change: Change) => void,
  notifies: boolean,
): StoreWatch {
  let busy = false
  let again = false
  let stopped = false
  /** How often the page had a gap, and how many of these gaps a read has closed that began after them. */
  let gaps = 0
  let closed = 0
  let reading: Promise<void> | null = null
  /** A read that begins when the one under way has ended: for who asks later than that one began. */
  let following: Promise<void> | null = null

  function look(): void {
    again = true
    if (!busy && !stopped) void lookWhileTold()
  }

  async function lookWhileTold(): Promise<void> {
    busy = true
    do {
      again = false
      await lookNow()
      await rest(clock, 50, 'background')
    } while (again && !stopped)
    busy = false
  }

  function lookNow(): Promise<void> {
    if (!reading) return read()
    following ??= reading.then(read)
    return following
  }

  function read(): Promise<void> {
    following = null
    const before = gaps
    reading = loaded
      .then(readAgain)
      .then(() => void (closed = before))
      // A store that cannot be read now says nothing about the session; the next notice, or the next refresh, asks again.
      .catch(() => {})
      .finally(() => void (reading = null))
    return reading
  }

  async function readAgain(): Promise<void> {
    const { held } = shown
    if (held) {
      const { key } = held
      const { slot, left } = await accounts.read(held)
      // This client has moved on while the store was read: what it said is about before.
      if (shown.held !== held) return look()
      if (slot && slot.sessionId !== held.slot.sessionId) shown.signIn({ key, slot }, 'foreign')
      else if (slot) changed({ kind: 'held', key, slot, source: 'foreign', flight: null })
      // Who took its place is looked up first, so that nobody is shown as signed out in between.
      else if (left !== 'replaced')
        changed({ kind: 'ended', key, slot: held.slot, reason: asForeign(left), source: 'foreign' })
      else await showSuccessor()
      if (shown.held === held && !slot)
        changed({ kind: 'ended', key, slot: held.slot, reason: asForeign(left), source: 'foreign' })
    }
    if (!shown.held) await showSuccessor()
  }

  async function showSuccessor(): Promise<void> {
    const before = shown.held
    const other = await accounts.load()
    if (other && shown.held === before && !stopped) shown.signIn(other, 'foreign')
  }

  return {
    look,
    distrust() {
      gaps += 1
    },
    get isCurrent() {
      return notifies && closed === gaps
    },
    lookNow,
    stop() {
      stopped = true
    },
  }
}
