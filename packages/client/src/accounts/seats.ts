import { type AutoRefreshMode, createAutoRefresh, type AutoRefresh } from './auto-refresh.ts'
import type { Accounts } from './accounts.ts'
import type { Events } from './events.ts'
import { createMirror, type Mirror } from './mirror.ts'
import { isLeft } from '../slot/owed.ts'
import type { Change, Parts } from '../slot/parts.ts'
import type { Refresher } from '../refresh/refresh.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { startUp } from './start-up.ts'
import type { StoreWatch } from './store-watch.ts'

/** What one client has for one account: its mirror, what callers get of it, and its timer. */
export interface Seat {
  readonly mirror: Mirror
  readonly sessions: Sessions
  readonly timer: Pick<AutoRefresh, 'review'>
  /** Renews it as long as somebody wants that: who shows it, or who asked for this account. */
  renew(wish: 'shown' | 'asked', mode: AutoRefreshMode): void
  /** Resolves when its slot was read. */
  readonly ready: Promise<unknown>
  stop(): void
}

export interface Seats {
  /** The seat of this slot, made if there is none, and then read, unless somebody `knows` what stands there and tells it at once. */
  of(key: string, knows?: 'known'): Seat
  /** The seat of this slot if there is one. */
  get(key: string): Seat | undefined
  all(): readonly Seat[]
  changed(change: Change): void
  /** Gives up the seat of an account that holds no session and that nobody looks at. */
  tidy(key: string): void
  close(): void
}

export interface SeatsParts {
  readonly parts: Parts
  readonly accounts: Accounts
  readonly events: Events
  readonly refresher: Refresher
  readonly watch: Pick<StoreWatch, 'isCurrent' | 'lookNow'>
  /** The page is left: nothing is begun. */
  readonly isLeft: () => boolean
  readonly checkClocks: () => boolean
  /** Runs where nobody holds the legacy lock or waits for it here, else not; null: there is none. */
  readonly ifFree: ((work: () => Promise<unknown>) => Promise<unknown>) | null
  /** Whether anybody would miss the seat of this slot. */
  readonly isWanted: (mirror: Mirror) => boolean
  /** Told after each change of what the app sees of an account. */
  readonly seen: (mirror: Mirror) => void
}

const modes = ['off', 'visible', 'always'] as const

export function createSeats({ parts, seen, isWanted, ifFree, ...rest }: SeatsParts): Seats {
  const { accounts, events } = rest
  const { place, realm, telemetry } = parts
  const seats = new Map<string, Seat>()

  function make(key: string, isKnown: boolean): Seat {
    const timer = createAutoRefresh(realm, telemetry, 'off', {
      ...rest,
      due(trigger) {
        // Whatever came of it, the timer goes on: a failure before may have been told already, and then nobody arms it again.
        const renew = (): Promise<unknown> => sessions.obtain(trigger)
        const goOn = (): void => timer.review()
        void (ifFree ? ifFree(renew) : renew()).then(goOn, goOn)
      },
    })
    const mirror = createMirror(
      { realm, telemetry, tell: events.emit, moved: timer.follow, seen: () => seen(mirror) },
      key,
    )
    const reading = startUp(realm, async () => {
      if (isKnown) return
      const [present] = await accounts.read([{ key, sessionId: null }])
      const slot = present?.slot ?? null
      // A sign-out may have come since it was read.
      if (mirror.snapshot.status === 'restoring') mirror.begin(slot && !isLeft(place, slot) ? slot : null)
      // Who asked about somebody who is not here leaves no seat, once the answer is given.
      queueMicrotask(() => tidy(key))
    })
    const sessions = createSessions({
      ...parts,
      ...rest,
      mirror,
      ready: reading.done,
      whyUnready: reading.why,
    })
    const wishes = { shown: 0, asked: 0 }
    return {
      mirror,
      sessions,
      timer,
      ready: reading.done,
      renew(wish, mode) {
        wishes[wish] = modes.indexOf(mode)
        timer.setMode(modes[Math.max(wishes.shown, wishes.asked)] ?? 'off')
      },
      stop() {
        reading.stop()
        timer.stop()
      },
    }
  }

  function tidy(key: string): void {
    const seat = seats.get(key)
    if (!seat || seat.mirror.snapshot.status !== 'signed-out' || isWanted(seat.mirror)) return
    seat.stop()
    seats.delete(key)
  }

  return {
    of(key, knows) {
      const seat = seats.get(key) ?? make(key, knows === 'known')
      seats.set(key, seat)
      return seat
    },
    get: (key) => seats.get(key),
    all: () => [...seats.values()],
    changed(change) {
      seats.get(change.key)?.mirror.follow(change)
      tidy(change.key)
    },
    tidy,
    close() {
      for (const seat of seats.values()) seat.stop()
    },
  }
}
