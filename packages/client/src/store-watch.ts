import type { Accounts } from './accounts.ts'
import { type Clock, rest } from './clock.ts'
import type { Change } from './parts.ts'
import type { SignedOutReason } from './session.ts'
import type { Shown } from './shown.ts'

export interface StoreWatch {
  /** Somebody says that the store changed, truly or not: it is read again, one read at a time, 20 a second at most. */
  look(): void
  stop(): void
}

/** Follows what other tabs and clients do to the stored session. */
export function watchStore(
  clock: Clock,
  accounts: Accounts,
  shown: Shown,
  loaded: Promise<unknown>,
  changed: (change: Change) => void,
): StoreWatch {
  let busy = false
  let again = false
  let stopped = false

  async function lookWhileTold(): Promise<void> {
    busy = true
    do {
      again = false
      // A store that cannot be read now says nothing about the session; the next notice, or the next refresh, asks again.
      await loaded.then(readAgain).catch(() => {})
      await rest(clock, 50)
    } while (again && !stopped)
    busy = false
  }

  async function readAgain(): Promise<void> {
    const { held } = shown
    if (held) {
      const { key } = held
      const { slot, left } = await accounts.read(held)
      if (slot) changed({ kind: 'held', key, slot, source: 'foreign', flight: null })
      else changed({ kind: 'ended', key, slot: held.slot, reason: asForeign(left), source: 'foreign' })
    }
    if (shown.held || stopped) return
    const other = await accounts.load()
    if (other && !shown.held && !stopped) shown.signIn(other, 'foreign')
  }

  return {
    look() {
      again = true
      if (!busy && !stopped) void lookWhileTold()
    },
    stop() {
      stopped = true
    },
  }
}

/** What another tab's tombstone means here. A slot that is gone without one was cleared by somebody. */
const asForeign = (left: SignedOutReason | null): SignedOutReason =>
  left === null ? 'storage_cleared' : left === 'user' ? 'other_tab' : left
