import type { TokenSet } from '@authflight/client'
import { freezeAll, leftBefore, settleWithin } from '@authflight/client/presentation'
import { randomHex, trackWaits, type Waits } from '@authflight/client/telemetry'
import type { Context } from '@opentelemetry/api'
import type { Ask } from './answer.ts'
import { checkRefresh } from './call.ts'
import type { RefreshOptions } from './coordinator.ts'
import type { Entries, Entry } from './entries.ts'
import { leftBecause, otherSession, waitsForItself } from './failures.ts'
import { type Flown, fly } from './flight.ts'
import { errorOf, errorTypeOf, failure, isLeftAlone } from './outcome.ts'
import { discard } from './landing.ts'
import { leaseOf, type Parts } from './parts.ts'
import { closeRefresh, spanOutcome } from './refresh-span.ts'

/** A refresh under way in this process. */
export interface Flight {
  readonly session: string | null
  readonly waits: Waits
  /** Who began it has a dead access token: a lost answer does not keep it from presenting. */
  readonly nothingToLose: boolean
  /** Callers who wait to be given its outcome, and until when each of them does, on the monotonic clock. */
  readonly callers: Set<{ readonly until: number }>
  /** Its session was ended here: whatever it brings is given to nobody. */
  isEnded: boolean
  /** Never rejects. */
  readonly landing: Promise<Flown>
}

/** One flight for all who ask about a token in this process, and what each of them is told. */
export function createSharing(parts: Parts, entries: Entries<Flight>) {
  const { realm, telemetry, engine, nesting, patience } = parts
  const { clock } = realm
  let servedLate = 0

  /** Runs to the registration of the flight without an `await`, so nobody comes between the look for one and the new one. */
  async function refresh(token: string, ask: Ask, options: RefreshOptions = {}): Promise<TokenSet> {
    checkRefresh(engine, token, ask, options)
    const { session = null, signal } = options
    if (nesting.isInside(token)) throw waitsForItself()
    const gone = leftBefore(signal)
    if (gone) throw leftBecause(gone, clock.now())
    const caller = options.otelContext ?? telemetry.callerContext()
    const waiting = { until: clock.monotonic() + patience }
    const entry = entries.enter(token)
    try {
      for (;;) {
        const joined = entry.flight
        if (joined && joined.session !== session) throw otherSession()
        const flight = joined ?? takeOff(entry, session, ask, options, caller)
        const wait = joined ? flight.waits.open(caller) : null
        const left = waiting.until - clock.monotonic()
        flight.callers.add(waiting)
        const settled = await settleWithin(flight.landing, clock, left, signal).finally(() =>
          flight.callers.delete(waiting),
        )
        if (settled.by !== 'value') {
          flight.waits.close(wait, settled.by === 'aborted' ? 'left' : 'timeout')
          throw leftBecause(settled.by, clock.now())
        }
        const { outcome, via } = settled.value
        flight.waits.close(wait, spanOutcome(settled.value), errorTypeOf(outcome))
        // Who began it has a living access token to go on with, and this caller has none.
        if (isLeftAlone(outcome) && !flight.nothingToLose && !options.hasLiveAccessToken) continue
        if (!('tokens' in outcome)) throw errorOf(outcome, clock.now())
        if (via === 'late') servedLate += 1
        return freezeAll(outcome.tokens)
      }
    } finally {
      entries.leave(entry)
    }
  }

  function takeOff(
    entry: Entry<Flight>,
    session: string | null,
    ask: Ask,
    { hasLiveAccessToken = false, trigger = 'expiry' }: RefreshOptions,
    caller: Context,
  ): Flight {
    const id = randomHex(realm.random, 12)
    const operation = telemetry.open('authflight.refresh', {
      caller,
      attributes: { 'authflight.flight.id': id, 'authflight.refresh.trigger': trigger },
    })
    const waits = trackWaits(telemetry, id, operation)
    const nothingToLose = !hasLiveAccessToken
    entries.stay(entry)

    const isAwaited = (): boolean => flight.callers.size > 0
    const awaitedUntil = (): number =>
      [...flight.callers].reduce((latest, { until }) => Math.max(latest, until), -Infinity)
    const isEnded = (): boolean => flight.isEnded

    async function land(): Promise<Flown> {
      // A block of `synchronize` may have the token: a refresh takes its turn like everybody.
      const release = await entry.take(clock, leaseOf(parts))
      const takeoff = { token: entry.token, session, ask, nothingToLose, isAwaited, awaitedUntil, isEnded }
      const flown = handOver(await (release ? fly(parts, takeoff, operation).catch(unforeseen) : blocked()))
      entry.flight = null
      release?.()
      entries.leave(entry)
      closeRefresh(operation, flown, waits.count())
      return flown
    }

    /** Who waits now is given it. */
    function handOver(landed: Flown): Flown {
      const { outcome, forgotten } = landed
      // It was published before the sign-out, and comes back here after it.
      if (isEnded() && 'tokens' in outcome) {
        discard(parts, operation, outcome.tokens)
        return { ...landed, outcome: { kind: 'discarded' } }
      }
      if (forgotten && !isAwaited()) discard(parts, operation, forgotten, 'cleared')
      return landed
    }

    const flight: Flight = { session, waits, nothingToLose, callers: new Set(), isEnded: false, landing: land() }
    entry.flight = flight
    return flight
  }

  return {
    refresh,
    /** What is under way for a session that was ended is given to nobody. */
    end(session: string): void {
      for (const { flight } of entries) if (flight?.session === session) flight.isEnded = true
    },
    get servedLate() {
      return servedLate
    },
  }
}

const failed = (...of: Parameters<typeof failure>): Flown => ({ outcome: failure(...of), via: 'waited', attempts: 0 })

/** A fault of an engine, or of this library. Its own text may tell anything. */
const unforeseen = (): Flown =>
  failed(
    'refresh_unknown_outcome',
    '_OTHER',
    'A refresh failed in a way that nobody foresaw, so its outcome is unknown. Look at the engine, if it is your own.',
    1_000,
  )

const blocked = (): Flown =>
  failed(
    'timeout',
    'timeout',
    'A block of synchronize() has held this token for longer than a refresh may take. Look for one that never ends.',
    1_000,
  )
