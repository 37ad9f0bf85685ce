import type { Accounts } from './accounts.ts'
import type { Clock } from '../realm/clock.ts'
import type { Mirror } from './mirror.ts'
import type { Change } from '../slot/parts.ts'
import type { Held } from '../slot/slot.ts'
import { asForeign } from '../slot/tombstone.ts'

export interface StoreWatch {
  /**
   * Somebody says that the store changed, truly or not: it is read again, one read at a time, 20 a second at most, until it answers. True
   * where that begins now.
   */
  look(): boolean
  /** The page did not run for a while, or heard nothing: what was read before may be wrong. */
  distrust(): void
  /** Whether what was read last can be relied on without another read. */
  readonly isCurrent: boolean
  /** Reads the store, not earlier than now, once for all who ask meanwhile. Resolves also where the store does not answer well. */
  lookNow(): Promise<unknown>
  /** The same, until it has answered well. */
  lookUntilRead(): Promise<void>
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

/** Between two reads, and where the store does not answer, milliseconds. */
const shortestPause = 50
const longestPause = 5_000

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
  let reading: Promise<boolean> | null = null
  /** A read that begins when the one under way has ended: for who asks later than that one began. */
  let following: Promise<boolean> | null = null
  /** Who waits for the next read that succeeds. */
  let waiting: (() => void)[] = []

  function look(): boolean {
    again = true
    if (busy || stopped) return false
    void lookWhileTold()
    return true
  }

  async function lookWhileTold(): Promise<void> {
    busy = true
    let failed = 0
    do {
      again = false
      failed = (await lookNow()) ? 0 : failed + 1
      if (!stopped) await pause(Math.min(shortestPause * 2 ** failed, longestPause))
    } while ((again || failed > 0) && !stopped)
    busy = false
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      cancelPause = clock.after(ms, resolve, 'background')
    })

  function lookNow(): Promise<boolean> {
    if (!reading) return read()
    following ??= reading.then(read)
    return following
  }

  async function lookUntilRead(): Promise<void> {
    if (await lookNow()) return
    look()
    await new Promise<void>((resolve) => void waiting.push(resolve))
  }

  function read(): Promise<boolean> {
    following = null
    const before = gaps
    reading = loaded
      .then(readAgain)
      .then(() => {
        closed = before
        for (const resolve of waiting) resolve()
        waiting = []
        return true
      })
      // A store that cannot be read now says nothing about the session, and what it said before is not relied on any more.
      .catch(() => {
        gaps += 1
        return false
      })
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
    if (mirror.held?.slot.sessionId === held.slot.sessionId)
      changed({ kind: 'ended', ...held, reason: asForeign(left), source: 'foreign' })
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
    lookUntilRead,
    stop() {
      stopped = true
      cancelPause()
    },
  }
}
