import type { Accounts } from './accounts.ts'
import type { Clock } from '../realm/clock.ts'
import type { Mirror } from './mirror.ts'
import type { Change } from '../slot/parts.ts'
import type { Held } from '../slot/slot.ts'
import { asForeign } from '../slot/tombstone.ts'

export interface StoreWatch {
  /**
   * Somebody says that the store changed, truly or not: it is read again, one read at a time, 20 a second at most. True where that
   * begins now.
   */
  look(): boolean
  /** The page did not run for a while, or heard nothing: what was read before may be wrong. */
  distrust(): void
  /** Whether what was read last can be relied on without another read. */
  readonly isCurrent: boolean
  /** Reads the store, not earlier than now, once for all who ask meanwhile. Resolves also where the store does not answer well. */
  lookNow(): Promise<void>
  stop(): void
}

/** What is followed, and who is told. */
export interface Watched {
  readonly clock: Clock
  readonly accounts: Pick<Accounts, 'read' | 'loadShown'>
  /** Nothing is read before. */
  readonly loaded: Promise<unknown>
  /** Whether everybody who changes the store can tell, and is heard here. */
  notifies(): boolean
  /** Looks whether there was a gap that nothing has told of. */
  checkClocks(): void
  /** The accounts that this client looks at. */
  mirrors(): readonly Mirror[]
  /** Whom it shows; null: nobody. */
  shown(): Mirror | null
  changed(change: Change): void
  /** Somebody is to be shown in the place of this one, or of nobody. */
  succeed(held: Held, before: Mirror | null): void
}

/** Follows what other tabs and clients do to the stored sessions. */
export function watchStore({
  clock,
  accounts,
  loaded,
  notifies,
  checkClocks,
  mirrors,
  shown,
  changed,
  succeed,
}: Watched): StoreWatch {
  let busy = false
  let again = false
  let stopped = false
  let cancelPause = (): void => {}
  /** How often the page had a gap, and how many of these gaps a read has closed that began after them. */
  let gaps = 0
  let closed = 0
  let reading: Promise<void> | null = null
  /** A read that begins when the one under way has ended: for who asks later than that one began. */
  let following: Promise<void> | null = null

  function look(): boolean {
    again = true
    if (busy || stopped) return false
    void lookWhileTold()
    return true
  }

  async function lookWhileTold(): Promise<void> {
    busy = true
    do {
      again = false
      await lookNow()
      if (!stopped) await pause()
    } while (again && !stopped)
    busy = false
  }

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      cancelPause = clock.after(50, resolve, 'background')
    })

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
    const read = mirrors().map((mirror) => ({ mirror, held: mirror.held, snapshot: mirror.snapshot }))
    const found =
      read.length === 0
        ? []
        : await accounts.read(
            read.map(({ mirror, held }) => ({ key: mirror.key, sessionId: held?.slot.sessionId ?? null })),
          )
    for (const [at, { mirror, held, snapshot }] of read.entries()) {
      const present = found[at]
      if (stopped || !present) continue
      const { slot, left } = present
      // This client has moved on while the store was read: what it said is about before.
      if (mirror.snapshot !== snapshot) look()
      else if (snapshot.status === 'restoring') mirror.begin(slot)
      else if (slot && slot.sessionId !== held?.slot.sessionId) mirror.signIn(slot, 'foreign')
      else if (slot) changed({ kind: 'held', key: mirror.key, slot, source: 'foreign', flight: null })
      else if (held) await end(mirror, held, left)
    }
    if (!shown()?.held) await findSuccessor(null)
  }

  async function end(mirror: Mirror, held: Held, left: Parameters<typeof asForeign>[0]): Promise<void> {
    // Who took its place is looked up first, so that nobody is shown as signed out in between.
    if (left === 'replaced' && mirror === shown()) await findSuccessor(mirror)
    if (mirror.held === held) changed({ kind: 'ended', ...held, reason: asForeign(left), source: 'foreign' })
  }

  async function findSuccessor(before: Mirror | null): Promise<void> {
    const other = await accounts.loadShown()
    if (other && !stopped && (shown() === before || !shown()?.held)) succeed(other, before)
  }

  return {
    look,
    distrust() {
      gaps += 1
    },
    get isCurrent() {
      if (!stopped) checkClocks()
      return notifies() && closed === gaps
    },
    lookNow,
    stop() {
      stopped = true
      cancelPause()
    },
  }
}
