import { type Accounts, createAccounts } from './accounts/accounts.ts'
import { type Arrivals, createArrivals } from './sign-in/arrivals.ts'
import { type Attempts, createAttempts } from './sign-in/attempts.ts'
import { stoppable } from './realm/clock.ts'
import { watchClockJumps } from './realm/clock-jumps.ts'
import { callEach, createEvents, type Events } from './accounts/events.ts'
import type { CheckedOptions } from './options.ts'
import { isLeft } from './slot/owed.ts'
import { followPage } from './accounts/page-life.ts'
import type { Change, Parts } from './slot/parts.ts'
import { createPointer, type Pointer } from './accounts/pointer.ts'
import { presentingIn } from './claim/presenting.ts'
import type { Realm } from './realm/realm.ts'
import { createRefresher, type Refresher } from './refresh/refresh.ts'
import { createSeats, type Seat, type Seats } from './accounts/seats.ts'
import { createShown, type Shown } from './accounts/shown.ts'
import { type Held, namespaceOf, slotKey } from './slot/slot.ts'
import { type StartUp, startUp } from './accounts/start-up.ts'
import { boundedStore } from './storage/bounded.ts'
import { defaultStore } from './storage/default-store.ts'
import { type StoreWatch, watchStore } from './accounts/store-watch.ts'
import { openTabs } from './realm/tabs.ts'
import { type RefreshTrigger, seconds } from './telemetry/attributes.ts'
import { createTelemetry } from './telemetry/operation.ts'
import { randomHex } from './telemetry/random.ts'
import { realmRing } from './telemetry/ring.ts'
import { recordNotice } from './telemetry/notices.ts'
import { createTurns, type Turns } from './with-lock.ts'

/** What one client consists of, wired together. */
export interface Core {
  readonly parts: Parts
  readonly events: Events
  readonly accounts: Accounts
  readonly attempts: Attempts
  readonly arrivals: Arrivals
  readonly refresher: Refresher
  readonly seats: Seats
  readonly shown: Shown
  readonly pointer: Pointer
  readonly watch: StoreWatch
  /** Null: there is no lock. */
  readonly turns: Turns | null
  /** The first read of who was shown last; null: nobody. */
  readonly starting: StartUp<Held | null>
  /** The seat of the account shown; null: nobody is, or is not known yet. */
  shownSeat(): Seat | null
  seatOf(account: string): Seat
  /** Resolves when it is known who took the place of an account that was replaced elsewhere. */
  succession(): Promise<void>
  /** Is told of each change of what the app sees of an account. Returns unsubscribe. */
  look(account: string, listener: () => void): () => void
  dispose(): void
}

/** `isReturning`: a sign-in comes back with this page, so that nobody in the store is not yet an answer. */
export function createCore(realm: Realm, options: CheckedOptions, isReturning: boolean): Core {
  const { provider, patience, requestLimit, records } = options
  const name = namespaceOf(options.name, provider)
  const { clock } = realm
  const callerClock = stoppable(clock)
  let disposed = false
  /** Who looks at which slot, beside who looks at the client. */
  const lookers = new Map<string, Set<() => void>>()
  let succeeding: Promise<void> = Promise.resolve()

  const ring = records > 0 ? realmRing(realm, records) : null
  const telemetry = createTelemetry(realm, randomHex(realm.random, 8), ring)
  const events = createEvents(realm, patience)
  const presenting = presentingIn(realm)
  const { has: presents, onIdle } = presenting
  const tabs = openTabs(realm, options.name, {
    heard: (traceparent) => recordNotice(telemetry, traceparent, watch.look()),
    presents,
    onIdle,
  })
  const place = options.storage ?? defaultStore()
  const store = boundedStore(place, telemetry, clock, requestLimit)
  const parts: Parts = {
    store,
    place,
    name,
    provider,
    realm,
    clock,
    callerClock,
    tabs,
    telemetry,
    requestLimit,
    patience,
    isDisposed: () => disposed,
    changed,
  }
  const accounts = createAccounts(parts)
  const attempts = createAttempts(parts)
  const arrivals = createArrivals(parts, attempts, (arrival) => pointer.arrived(arrival))
  const refresher = createRefresher(parts)
  const turns = options.legacyLock && createTurns(options.legacyLock, { ...parts, name: options.name })
  const shown = createShown(realm, (mirror) => {
    succeeding = watch.lookUntilRead().then(() => {
      if (shown.mirror === mirror && !mirror.held) pointer.clear('replaced')
    })
  })
  const starting = startUp(realm, async () => {
    const found = await accounts.loadShown()
    const held = found && !isLeft(place, found.slot) ? found : null
    // Who has signed in or out meanwhile is not overruled by what was there before. And what was disposed of stays so.
    if (disposed || shown.snapshot.status !== 'restoring') return held
    if (held) pointer.begin(held)
    else if (!isReturning) pointer.clear(null)
    return held
  })
  const review = (cause?: RefreshTrigger): void => {
    for (const { mirror, timer } of seats.all()) {
      mirror.review()
      timer.review(cause)
    }
  }
  const checkClocks = watchClockJumps(clock, {
    slept: () => watch.distrust(),
    moved(by) {
      telemetry.point('authflight.record.clock_jump', { 'authflight.clock.jump': seconds(by) })
      review('clock_jump')
    },
  })
  const watch = watchStore({
    clock,
    accounts,
    loaded: starting.done,
    notifies: () => store.notifies && tabs.hears,
    checkClocks,
    mirrors: () => seats.all().map(({ mirror }) => mirror),
    shown: () => shown.mirror,
    changed,
    succeed: (...succession) => pointer.succeeded(...succession),
  })
  const seats = createSeats({
    parts,
    accounts,
    events,
    refresher,
    ifFree: turns?.ifFree ?? null,
    watch,
    isLeft: () => page.isLeft(),
    checkClocks,
    isWanted: (mirror) => mirror === shown.mirror || lookers.has(mirror.key) || events.isHeard(accountOf(mirror.key)),
    seen(mirror) {
      if (disposed) return
      shown.review(mirror)
      callEach(lookers.get(mirror.key) ?? new Set(), realm)
    },
  })
  const pointer = createPointer({ parts, shown, seats, events, watch })
  const page = followPage(realm.page, { telemetry, tabs, refresher, watch, checkClocks, review })

  const accountOf = (key: string): string => key.slice(slotKey(name, '').length)

  function changed(change: Change): void {
    if (disposed) return
    checkClocks()
    seats.changed(change)
  }

  return {
    parts,
    events,
    accounts,
    attempts,
    arrivals,
    refresher,
    seats,
    shown,
    pointer,
    watch,
    turns,
    starting,
    shownSeat: () => (shown.mirror?.held ? (seats.get(shown.mirror.key) ?? null) : null),
    seatOf: (account) => seats.of(slotKey(name, account)),
    succession: () => succeeding,
    look(account, listener) {
      const key = slotKey(name, account)
      const here = lookers.get(key) ?? new Set()
      lookers.set(key, here.add(listener))
      return () => {
        here.delete(listener)
        if (here.size === 0 && lookers.get(key) === here) lookers.delete(key)
        // Who leaves only to look again, as React does with another function, finds it as it was.
        queueMicrotask(() => seats.tidy(key))
      }
    },
    dispose() {
      if (disposed) return
      disposed = true
      const attributes = { 'authflight.dispose.pending_flights': presenting.size }
      telemetry.open('authflight.dispose', { parent: telemetry.callerContext(), attributes }).end()
      turns?.close()
      starting.stop()
      page.stop()
      watch.stop()
      seats.close()
      tabs.close()
      events.close()
      shown.close()
      for (const here of lookers.values()) here.clear()
      callerClock.stop()
    },
  }
}
