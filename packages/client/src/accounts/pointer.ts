import type { Arrival } from '../sign-in/arrivals.ts'
import type { Events } from './events.ts'
import type { Mirror } from './mirror.ts'
import { isLeft } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import type { Seats } from './seats.ts'
import type { SignedOutReason } from '../base/session.ts'
import type { Shown } from './shown.ts'
import type { Held, SlotRecord } from '../slot/slot.ts'
import type { StoreWatch } from './store-watch.ts'

/** Moves the pointer to whom a client shows, and lets the app hear of it in the order in which it happens. */
export interface Pointer {
  /** The first read found this one. */
  begin(held: Held): void
  /** Nobody is shown any more, and why. */
  clear(reason: SignedOutReason | null): void
  /** Somebody has signed in through this client: shows them, and ends the mirrors of whom that replaced. */
  arrived(arrival: Arrival): void
  /** Another account that is signed in is to be shown; false where it was signed out since. */
  switched(held: Held): boolean
  /** Another client shows this one in the place of `before`, or of nobody. */
  succeeded(held: Held, before: Mirror | null): void
}

export interface PointerParts {
  readonly parts: Pick<Parts, 'place' | 'changed' | 'isDisposed'>
  readonly shown: Shown
  readonly seats: Seats
  readonly events: Pick<Events, 'emit'>
  readonly watch: Pick<StoreWatch, 'lookNow'>
}

export function createPointer({ parts, shown, seats, events, watch }: PointerParts): Pointer {
  const { place, changed, isDisposed } = parts

  /** The mirror of a slot whose content somebody has just read, and tells it. */
  const mirrorOf = (key: string): Mirror => seats.of(key, 'known').mirror

  /** The seat that the pointer leaves is given up where nobody is there any more. */
  const point: Shown['point'] = (...to) => {
    const before = shown.mirror
    shown.point(...to)
    if (before) seats.tidy(before.key)
  }

  /** Ends what these mirrors hold, which may be older than what was replaced: told while each of them is where it was. */
  const end = (keys: readonly string[], by: SlotRecord, source: 'own' | 'foreign') => (): void => {
    for (const at of keys) {
      const held = seats.get(at)?.mirror.held
      if (held && held.slot.sessionId !== by.sessionId) changed({ kind: 'ended', ...held, reason: 'replaced', source })
    }
  }

  /** Lets somebody in who is to be shown. Whose session is known here already has not come: the app is told that it is shown now. */
  function show(key: string, slot: SlotRecord, source: 'own' | 'foreign'): () => void {
    const before = shown.mirror
    return () => {
      const mirror = mirrorOf(key)
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

  return {
    begin({ key, slot }) {
      mirrorOf(key).begin(slot)
      point(() => mirrorOf(key), null)
    },
    clear: (reason) => point(() => null, reason),
    arrived({ key, slot, replaced }) {
      if (isDisposed()) return
      // What the account shown itself held before is ended where it is replaced: in its mirror.
      const others = replaced.map((other) => other.key).filter((at) => at !== key || shown.mirror?.key !== key)
      point(() => mirrorOf(key), null, end(others, slot, 'own'), show(key, slot, 'own'))
      follow({ key, slot })
    },
    switched({ key, slot }) {
      if (isDisposed() || isLeft(place, slot)) return false
      const mirror = mirrorOf(key)
      const isAnother = shown.mirror !== mirror
      // Whoever is known here may have been replaced in this very slot, and not be followed yet.
      if (isAnother && !mirror.held) mirror.begin(slot)
      else mirror.signIn(slot, 'foreign')
      point(() => mirror, null)
      if (isAnother) tellSwitch(mirror, 'own')
      follow({ key, slot })
      return mirror.held !== null
    },
    succeeded({ key, slot }, before) {
      // A sign-out may have come since it was read.
      if (isLeft(place, slot)) return
      const over = before ? [before.key, key] : [key]
      point(() => mirrorOf(key), null, end(over, slot, 'foreign'), show(key, slot, 'foreign'))
    },
  }
}
