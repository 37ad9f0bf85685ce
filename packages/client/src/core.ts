import { type Accounts, createAccounts } from './accounts.ts'
import { type Arrival, type Arrivals, createArrivals } from './arrivals.ts'
import { type Attempts, createAttempts } from './attempts.ts'
import { watchClockJumps } from './clock-jumps.ts'
import { createEvents, type Events } from './events.ts'
import type { Mirror } from './mirror.ts'
import type { CheckedOptions } from './options.ts'
import { isLeft } from './owed.ts'
import { followPage } from './page-life.ts'
import type { Change, Parts } from './parts.ts'
import { presentingIn } from './presenting.ts'
import type { Realm } from './realm.ts'
import { createRefresher, type Refresher } from './refresh.ts'
import { createSeats, type Seat, type Seats } from './seats.ts'
import { createShown, type Shown } from './shown.ts'
import { type Held, slotKey, type SlotRecord } from './slot.ts'
import { type StartUp, startUp } from './start-up.ts'
import { boundedStore } from './storage/bounded.ts'
import { defaultStore } from './storage/default-store.ts'
import { type StoreWatch, watchStore } from './store-watch.ts'
import { openTabs } from './tabs.ts'
import { seconds } from './telemetry/attributes.ts'
import { createTelemetry } from './telemetry/operation.ts'
import { randomHex } from './telemetry/random.ts'
import { realmRing } from './telemetry/ring.ts'
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
  readonly watch: StoreWatch
  /** Null: there is no lock. */
  readonly turns: Turns | null
  /** The first read of who was shown last. */
  readonly starting: StartUp
  readonly isDisposed: () => boolean
  /** The seat of the account shown; null: nobody is, or is not known yet. */
  shownSeat(): Seat | null
  seatOf(account: string): Seat
  /** Somebody has signed in through this client: shows them, and ends the mirrors of whom that replaced. */
  arrived(arrival: Arrival): void
  /** Another account that is signed in is to be shown; false where it was signed out since. */
  switched(held: Held): boolean
  /** Resolves when it is known who took the place of an account that was replaced elsewhere. */
  succession(): Promise<void>
  /** Is told of each change of what the app sees of an account. Returns unsubscribe. */
  look(account: string, listener: () => void): () => void
  dispose(): void
}

/** `isReturning`: a sign-in comes back with this page, so that nobody in the store is not yet an answer. */
export function createCore(realm: Realm, options: CheckedOptions, isReturning: boolean): Core {
  const { provider, name, patience, requestLimit, records } = options
  const { clock } = realm
  let disposed = false
  const isDisposed = (): boolean => disposed
  /** Who looks at which slot, beside who looks at the client. */
  const lookers = new Map<string, Set<() => void>>()
  let succeeding: Promise<void> = Promise.resolve()

  const ring = records > 0 ? realmRing(realm, records) : null
  const telemetry = createTelemetry(realm, randomHex(realm.random, 8), ring)
  const events = createEvents(realm, patience)
  const presenting = presentingIn(realm)
  const { has: presents, onIdle } = presenting
  const tabs = openTabs(realm, name, { heard: () => watch.look(), presents, onIdle })
  const place = options.storage ?? defaultStore()
  const store = boundedStore(place, clock, requestLimit)
  const parts: Parts = { store, place, name, provider, realm, clock, tabs, telemetry, requestLimit, changed }
  const accounts = createAccounts(parts)
  const attempts = createAttempts(parts)
  const arrivals = createArrivals(parts, attempts, arrived)
  const refresher = createRefresher(parts)
  const turns = options.legacyLock && createTurns(options.legacyLock, parts)
  const shown = createShown(realm, (mirror) => {
    succeeding = watch.lookNow().then(() => {
      if (shown.mirror === mirror && !mirror.held) point(() => null, 'replaced')
    })
  })
  /** Moves the pointer. The seat that it leaves is given up where nobody is there any more. */
  const point: Shown['point'] = (...to) => {
    const before = shown.mirror
    shown.point(...to)
    if (before) seats.tidy(before.key)
  }
  const seats = createSeats({
    parts,
    accounts,
    events,
    refresher,
    patience,
    isDisposed,
    ifFree: turns?.ifFree ?? null,
    watch: {
      get isCurrent() {
        return watch.isCurrent
      },
      lookNow: () => watch.lookNow(),
    },
    isWanted: (mirror) => mirror === shown.mirror || lookers.has(mirror.key) || events.isHeard(accountOf(mirror.key)),
    seen(mirror) {
      if (disposed) return
      shown.review(mirror)
      for (const listener of lookers.get(mirror.key) ?? []) listener()
    },
  })
  const starting = startUp(realm, async () => {
    const found = await accounts.loadShown()
    const held = found && !isLeft(place, found.slot) ? found : null
    // Who has signed in or out meanwhile is not overruled by what was there before. And what was disposed of stays so.
    if (disposed || shown.snapshot.status !== 'restoring') return
    if (held) begin(held.key).begin(held.slot)
    if (held || !isReturning) point(() => held && begin(held.key), null)
  })
  const watch = watchStore({
    clock,
    accounts,
    loaded: starting.done,
    notifies: store.notifies,
    mirrors: () => seats.all().map(({ mirror }) => mirror),
    shown: () => shown.mirror,
    changed,
    succeed({ key, slot }, before) {
      point(
        () => begin(key),
        null,
        () => before?.held && changed({ kind: 'ended', ...before.held, reason: 'replaced', source: 'foreign' }),
        show(key, slot, 'foreign'),
      )
    },
  })
  const reviewTimers = (): void => {
    for (const { timer } of seats.all()) timer.review()
  }
  const jumps = watchClockJumps(clock, (by) => {
    telemetry.point('authflight.record.clock_jump', { 'authflight.clock.jump': seconds(by) })
    reviewTimers()
  })
  const stopWatchingPage = followPage(realm.page, { telemetry, tabs, refresher, watch, jumps, reviewTimers })

  /** The mirror of a slot whose content somebody has just read, and tells it. */
  const begin = (key: string): Mirror => seats.of(key, 'known').mirror
  const accountOf = (key: string): string => key.slice(slotKey(name, '').length)

  function changed(change: Change): void {
    if (disposed) return
    jumps.check()
    seats.changed(change)
  }

  function arrived({ key, slot, replaced }: Arrival): void {
    if (disposed) return
    // What the account shown itself held before is ended where it is replaced: in its mirror.
    const others = replaced.filter((other) => other.key !== key || shown.mirror?.key !== key)
    point(
      () => begin(key),
      null,
      () => {
        for (const other of others) changed({ kind: 'ended', ...other, reason: 'replaced', source: 'own' })
      },
      show(key, slot, 'own'),
    )
    follow({ key, slot })
  }

  /** Lets somebody in who is to be shown. Whose session is known here already has not come: the app is told that it is shown now. */
  function show(key: string, slot: SlotRecord, source: 'own' | 'foreign'): () => void {
    const before = shown.mirror
    return () => {
      const mirror = begin(key)
      const isKnown = mirror !== before && mirror.held?.slot.sessionId === slot.sessionId
      mirror.signIn(slot, source)
      if (isKnown) tellSwitch(mirror, source)
    }
  }

  function tellSwitch({ session }: Mirror, source: 'own' | 'foreign'): void {
    if (!session) return
    const { account, sessionId } = session
    events.emit('ACCOUNT_SWITCHED', session, { reason: null, source, account, sessionId })
  }

  /** A session that was here before may be further than its mirror, and another tab may have ended it before this one was told. */
  function follow(held: Held): void {
    changed({ kind: 'held', ...held, source: 'foreign', flight: null })
    void watch.lookNow()
  }

  function switched({ key, slot }: Held): boolean {
    if (disposed || isLeft(place, slot)) return false
    const mirror = begin(key)
    const isAnother = shown.mirror !== mirror
    if (!mirror.held) mirror.begin(slot)
    point(() => mirror, null)
    follow({ key, slot })
    if (isAnother) tellSwitch(mirror, 'own')
    return mirror.held !== null
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
    watch,
    turns,
    starting,
    isDisposed,
    shownSeat: () => (shown.mirror?.held ? (seats.get(shown.mirror.key) ?? null) : null),
    seatOf: (account) => seats.of(slotKey(name, account)),
    arrived,
    switched,
    succession: () => succeeding,
    look(account, listener) {
      const key = slotKey(name, account)
      const here = lookers.get(key) ?? new Set()
      lookers.set(key, here.add(listener))
      return () => {
        here.delete(listener)
        if (here.size === 0 && lookers.get(key) === here) lookers.delete(key)
        seats.tidy(key)
      }
    },
    dispose() {
      if (disposed) return
      disposed = true
      const attributes = { 'authflight.dispose.pending_flights': presenting.size }
      telemetry.open('authflight.dispose', { parent: telemetry.callerContext(), attributes }).end()
      starting.stop()
      stopWatchingPage()
      watch.stop()
      seats.close()
      tabs.close()
      events.close()
      shown.close()
      lookers.clear()
    },
  }
}
