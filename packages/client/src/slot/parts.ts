import type { Clock } from '../realm/clock.ts'
import type { AuthError, DiscardReason } from '../base/errors.ts'
import type { Provider } from '../providers/provider.ts'
import type { Realm } from '../realm/realm.ts'
import type { SignedOutReason } from '../base/session.ts'
import type { SlotRecord } from './slot.ts'
import type { BoundedStore } from '../storage/bounded.ts'
import type { Store } from '../storage/store.ts'
import type { Tabs } from '../realm/tabs.ts'
import type { ErrorType } from '../telemetry/attributes.ts'
import type { Operation, Telemetry } from '../telemetry/operation.ts'

/** What one client's moving parts are made of. */
export interface Parts {
  readonly store: BoundedStore
  /** The store as the app gave it: clients that were given the same one share their sessions. */
  readonly place: Store
  /** The namespace of the client's keys: see `namespaceOf`. */
  readonly name: string
  readonly provider: Provider<never>
  readonly realm: Realm
  /** The realm's. */
  readonly clock: Clock
  /** The same for callers who wait, until the client is disposed of: then nobody waits any more. */
  readonly callerClock: Clock
  readonly tabs: Tabs
  readonly telemetry: Telemetry
  /** Milliseconds a request may take at the very most. */
  readonly requestLimit: number
  /** Milliseconds a caller waits. */
  readonly patience: number
  readonly isDisposed: () => boolean
  /** Told of every change that this client made in the store or found there, before anybody who waits is released. */
  readonly changed: (change: Change) => void
}

/** How a refresh ended for the session it was for. */
export type Outcome =
  | { readonly kind: 'rotated' | 'renewed' | 'adopted'; readonly slot: SlotRecord }
  | { readonly kind: 'discarded'; readonly reason: DiscardReason }
  | { readonly kind: 'rejected'; readonly reason: SignedOutReason; readonly error: AuthError }
  | Failure

/** Nothing is lost. `retryAt`: epoch milliseconds from when on it may be tried again; null where that is not known. */
export interface Failure {
  readonly kind: 'failed'
  readonly error: AuthError
  readonly errorType: ErrorType
  readonly retryAt: number | null
}

/** What a refresh changed in the store, found changed there, or could not change. */
export type Change =
  | {
      /** A refresh failed and left the session in place. Told once, however many wait, and again to who asks during the pause. */
      readonly kind: 'failed'
      readonly key: string
      readonly slot: SlotRecord
      readonly failure: Failure
    }
  | {
      readonly kind: 'held'
      readonly key: string
      readonly slot: SlotRecord
      readonly source: 'own' | 'foreign'
      /** Display id of the flight that brought it. */
      readonly flight: string | null
    }
  | {
      readonly kind: 'ended'
      readonly key: string
      readonly slot: SlotRecord
      readonly reason: SignedOutReason
      readonly source: 'own' | 'foreign'
      /** What ended it, where that is a flight of this client. */
      readonly by?: Operation
    }
