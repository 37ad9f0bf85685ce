import type { Context } from '@opentelemetry/api'
import { afterLoss, restBefore, type Verdict } from '../providers/answers.ts'
import { watchClaims } from '../claim/claim-watch.ts'
import { type Claim, claimKey, claimOf, readClaim, takeClaim, withdrawClaim } from '../claim/claim.ts'
import { rest, type Settled } from '../realm/clock.ts'
import { rule } from '../slot/commit-guard.ts'
import {
  claimsVanish,
  errorTypeOf,
  type Fault,
  newerVersion,
  owedElsewhere,
  storeFailure,
  unknownOutcome,
} from './failures.ts'
import { createLandings } from './landing.ts'
import { flightKey, type Minted } from '../slot/minted.ts'
import type { Failure, Outcome, Parts } from '../slot/parts.ts'
import { pausesIn, untilDone } from './pauses.ts'
import { present } from './present.ts'
import type { Answer } from '../providers/provider.ts'
import { discard } from './revocation.ts'
import { openWaitingRoom, type WaitingRoom } from './waiting-room.ts'
import type { Realm } from '../realm/realm.ts'
import { createSignOfLife, holdWithin } from '../claim/sign-of-life.ts'
import { presentingIn } from '../claim/presenting.ts'
import { onePer } from '../base/one-per.ts'
import { closeRefresh, openRefresh } from './refresh-span.ts'
import { SingleFlight } from './single-flight.ts'
import { bindingIn, mayWrite, type SlotRecord } from '../slot/slot.ts'
import { textOf } from '../base/session.ts'
import type { RefreshTrigger } from '../telemetry/attributes.ts'
import type { Operation } from '../telemetry/operation.ts'
import { randomHex } from '../telemetry/random.ts'
import { trackWaits, type Waits } from '../telemetry/waits.ts'
import { find, guardScope } from '../slot/tombstone.ts'

export interface Ask {
  readonly trigger: RefreshTrigger
  readonly caller: Context
  /** What the server has refused the access token of, so that it is dead whatever the clock says; null: of nothing. */
  readonly refused: object | null
  /** When this caller goes, on the monotonic clock. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** Counts one more caller in; false where it has to join by itself. */
export type CountIn = () => boolean

export interface Refresher {
  /**
   * One flight for everybody who asks about this token. Calls `told` once: with how it ended, or that this caller left before.
   * Runs without an `await`, so nobody comes between the look at the flights and the registration of a new one. Gives a way to
   * count others in who wait for this very call; null where there are none to be.
   */
  join(key: string, slot: SlotRecord, ask: Ask, told: (settled: Settled<Outcome>) => void): CountIn | null
  /** Whether a flight about this token is under way. */
  flies(slot: SlotRecord): boolean
  /** Ends the pauses after failures whose cause may be over, because the network is back. */
  wake(): void
}

interface Flight {
  /** Display id, random. */
  readonly id: string
  readonly operation: Operation
  readonly waits: Waits
  /** The session that it began with. */
  readonly sessionId: string
  /** The client that started it, into whose store it lands. */
  readonly owner: Parts
  readonly landing: Promise<Landing>
}

interface Landing {
  readonly outcome: Outcome
  /** What the server said, for joiners whose session is in another store; null where it was not asked. */
  readonly verdict: Verdict<Minted> | null
  /** Settles when the store has taken it. */
  readonly paid: Promise<void>
}

/** All flights of a realm, whatever client asks: a token is presented once, not once a client. */
const flightsOf = onePer((_realm: Realm) => new SingleFlight<Flight>())

export function createRefresher(parts: Parts): Refresher {
  const { store, place, name, provider, realm, clock, telemetry, changed } = parts
  const flights = flightsOf(realm)
  const presenting = presentingIn(realm)
  // Locks reach as far as broadcasts do: a store that is shared further has parties whose locks cannot be seen. One that ends with
  // this realm has none, and a realm knows what it presents.
  const life = createSignOfLife(store.notifies && store.persistent ? realm.locks : undefined)
  const watch = watchClaims(realm, life, parts.tabs)
  const pauses = pausesIn(realm)(place)
  const landings = createLandings(parts, watch, pauses)
  /** Who waits here for a flight, by slot: a flight of another client lands in this one's store as well. */
  const roomsOf = onePer((_flight: Flight) => new Map<string, WaitingRoom<Outcome>>())

  function join(key: string, slot: SlotRecord, ask: Ask, told: (settled: Settled<Outcome>) => void): CountIn | null {
    const now = (value: Outcome): null => {
      told({ by: 'value', value })
      return null
    }
    // Pauses lie between flights: who asks while one is under way waits for it.
    const pause = flies(slot) ? null : pauses.current(key, slot.sessionId, ask.trigger === 'forced')
    if (pause) return now(tellAgain(key, slot, pause))
    if (!mayWrite(slot)) return now(landings.fail(key, slot, newerVersion))
    // Who has none ends when the access token is dead, and asks for no refresh.
    const credential = slot.tokens.refresh ?? ''
    const { flight, started } = flights.join(flightKey(provider, credential), () => takeOff(key, slot, credential, ask))
    const wait = started ? null : flight.waits.open(ask.caller)
    let isOver = false
    roomOf(flight, key, slot).join(ask.deadline, ask.signal, (settled) => {
      isOver = true
      if (settled.by !== 'value')
        flight.waits.close(wait, settled.by === 'timeout' && !parts.isDisposed() ? 'timeout' : 'left')
      else flight.waits.close(wait, settled.value.kind, errorTypeOf(settled.value))
      told(settled)
    })
    return started ? null : () => !isOver && flight.waits.share(wait)
  }

  function roomOf(flight: Flight, key: string, slot: SlotRecord): WaitingRoom<Outcome> {
    const here = roomsOf(flight)
    const at = `${key} ${slot.sessionId}`
    let room = here.get(at)
    if (!room) here.set(at, (room = openWaitingRoom(parts.callerClock, outcomeHere(flight, key, slot))))
    return room
  }

  /** Runs without an await: the flight stands in the map before anybody else can ask. */
  function takeOff(key: string, slot: SlotRecord, credential: string, ask: Ask): Flight {
    const id = randomHex(realm.random, 12)
    const operation = openRefresh(telemetry, clock, id, slot, ask)
    const waits = trackWaits(telemetry, id, operation)
    const flying = { id, operation, waits, sessionId: slot.sessionId, owner: parts }
    return { ...flying, landing: fly(flying, key, slot, credential, ask) }
  }

  async function fly(
    flight: Omit<Flight, 'landing'>,
    key: string,
    slot: SlotRecord,
    credential: string,
    { refused, deadline }: Ask,
  ): Promise<Landing> {
    const { id, operation } = flight
    const claimId = randomHex(realm.random, 32)
    const failed = (fault: Fault): Landing => unasked(landings.fail(key, slot, fault))
    let attempts = 0
    let isOrphan = false
    /** The server has asked to retry, and this is when its claim has lasted for as long as others take it for alive, on the monotonic clock. */
    let lastsUntil: number | null = null

    async function once(at: string, claim: Claim): Promise<Landing | 'again'> {
      const taken = await takeClaim(parts, watch, operation, { key, slot, at, claim, refused })
      if (taken.kind === 'adopt') return unasked(landings.adopt(key, taken.slot))
      if (taken.kind === 'unknown') return failed(unknownOutcome)
      if (taken.kind === 'owed') return failed(owedElsewhere)
      if (taken.kind === 'newer') return failed(newerVersion)
      if (taken.kind === 'discard') {
        discard(parts, operation, taken.reason, null, null)
        return unasked(landings.leave(key, slot, taken))
      }
      isOrphan ||= taken.orphan !== null
      const until = lastsUntil ?? clock.monotonic() + parts.requestLimit
      const limit = until - clock.monotonic()
      const confirm = (): Promise<boolean> =>
        store.transact({ keys: [at] }, (view) => readClaim(view, at)?.id === claimId, operation)
      const presented = await present({ realm, telemetry, provider, parent: operation, limit, confirm }, async (io) =>
        forSameUser(await provider.refresh(credential, { ...io, bound: bindingIn(slot) }), slot),
      )
      attempts += presented.attempts
      if (presented.superseded) return 'again'
      // The claim stays meanwhile. What has become of the session is looked at after that.
      const pause = lastsUntil === null ? restBefore(presented.verdict, realm.random()) : null
      if (pause !== null && clock.monotonic() + pause < Math.min(deadline, until)) {
        lastsUntil = until
        await rest(clock, pause)
        // A device that slept has no claim any more: what it was told before stands.
        if (clock.monotonic() < until) return 'again'
      }
      const verdict = isOrphan ? afterLoss(presented.verdict) : presented.verdict
      const landed = await landings.land({ flight, key, slot, at, claimId }, verdict)
      // What was found without the server, such as a lost key, is a matter of this session.
      return { ...landed, verdict: presented.attempts ? verdict : null }
    }

    async function tryToLand(letGo: (() => void) | null): Promise<Landing> {
      const at = await claimKey(realm, flightKey(provider, credential))
      const claim: Claim = {
        v: 1,
        id: claimId,
        made: clock.now(),
        flight: id,
        link: operation.link,
        lost: false,
        limit: parts.requestLimit,
        locked: letGo !== null,
        room: ' '.repeat(textOf(slot).length),
      }
      for (let tries = 0; tries < 3; tries += 1) {
        const landing = await once(at, claim)
        if (landing !== 'again') return landing
      }
      return failed(claimsVanish)
    }

    presenting.begin(claimId)
    const letGo = await holdWithin(1_000, life, claimId, clock)
    const landing = await tryToLand(letGo).catch((error: unknown) => {
      if (attempts === 0) takeBack(claimId, credential)
      return failed(storeFailure(error))
    })
    void landing.paid.then(() => {
      presenting.end(claimId)
      letGo?.()
    })
    closeRefresh(operation, clock, landing.outcome, attempts, flight.waits.count())
    return landing
  }

  /** A claim that a failing store may have kept although nothing was sent under it: others must not take the token for presented. */
  function takeBack(claimId: string, credential: string): void {
    void untilDone(realm, async () => {
      const at = await claimKey(realm, flightKey(provider, credential))
      await store.transact({ keys: [at] }, (view) => withdrawClaim(view, at, claimId))
    })
  }

  /** A failure that began a pause, perhaps another client's: the access token may have died since. */
  function tellAgain(key: string, slot: SlotRecord, failure: Failure): Failure {
    changed({ kind: 'failed', key, slot, failure })
    return failure
  }

  /** The flight's outcome for a session in this client's store: another client's flight has landed in its own. */
  const outcomeHere = (flight: Flight, key: string, slot: SlotRecord): Promise<Outcome> =>
    flight.owner === parts && flight.sessionId === slot.sessionId
      ? flight.landing.then((landing) => landing.outcome)
      : arrive(flight, key, slot)

  async function arrive(flight: Flight, key: string, slot: SlotRecord): Promise<Outcome> {
    const { outcome, verdict } = await flight.landing
    // One failure begins one pause, for all who share the store.
    if (outcome.kind === 'failed' && flight.owner.place === place && flight.sessionId === slot.sessionId)
      return tellAgain(key, slot, outcome)
    const at = await claimOf(parts, slot)
    try {
      if (verdict) return (await landings.land({ flight, key, slot, at, claimId: '' }, verdict)).outcome
      const ruling = await store.transact(guardScope(key, name, slot, at), (view) =>
        rule(slot, find(view, key, name, slot.sessionId)),
      )
      if (ruling.kind === 'adopt') return landings.adopt(key, ruling.slot)
      if (ruling.kind === 'discard') return landings.leave(key, slot, ruling)
      const fault = outcome.kind === 'failed' ? outcome : unknownOutcome
      return landings.fail(key, slot, fault)
    } catch (error) {
      return landings.fail(key, slot, storeFailure(error))
    }
  }

  const flies = ({ tokens }: SlotRecord): boolean => flights.has(flightKey(provider, tokens.refresh ?? ''))

  return { join, flies, wake: pauses.endOwn }
}

/** An answer about somebody else is no answer for this session (OpenID Connect Core 12.2). */
function forSameUser(answer: Answer, slot: SlotRecord): Answer {
  const other = answer.kind === 'tokens' && answer.tokens.user && slot.user && answer.tokens.user.id !== slot.user.id
  return other ? { kind: 'unreadable', status: 200, retryAfter: null } : answer
}

const unasked = (outcome: Outcome): Landing => ({ outcome, verdict: null, paid: Promise.resolve() })
