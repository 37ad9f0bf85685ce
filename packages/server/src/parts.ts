import type { Provider, ReuseProfile } from '@authflight/client'
import type { Realm } from '@authflight/client/realm'
import type { Telemetry } from '@authflight/client/telemetry'
import type { Engine } from './engine.ts'
import type { Keyring } from './keyring.ts'
import type { Nesting } from './nesting.ts'

/** Ends at the server what nobody owns any more (RFC 7009). False where the server cannot. */
export type Revoke = Provider['revoke']

/** What a coordinator is made of. Durations in milliseconds. */
export interface Parts {
  readonly realm: Realm
  readonly telemetry: Telemetry
  readonly engine: Engine
  readonly keyring: Keyring
  readonly nesting: Nesting
  readonly issuer: string
  readonly clientId: string
  readonly profile: ReuseProfile
  readonly terminal: Provider['terminal']
  readonly revoke: Revoke | null
  readonly resultTtl: number
  readonly patience: number
  readonly requestLimit: number
}

/** Milliseconds by which a right outlives the request that it is taken for. */
const leaseMargin = 5_000

export const leaseOf = ({ requestLimit }: Pick<Parts, 'requestLimit'>): number => requestLimit + leaseMargin
