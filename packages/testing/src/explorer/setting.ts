/** What a world is like, from its beginning to its end. */
export interface Setting {
  readonly profile: ProfileName
  /** Whether the provider says that a token may be presented again when its answer was lost. */
  readonly mayPresentAgain: boolean
  readonly store: StoreKind
  readonly locks: boolean
  /** Whether all clients take their turns by a lock of an older client's. */
  readonly legacyLock: boolean
  readonly channels: boolean
  readonly autoRefresh: 'visible' | 'always' | 'off'
  /** Milliseconds. */
  readonly patience: number
  /** Milliseconds. */
  readonly requestLimit: number
  /** Seconds an access token lives; null where the server does not tell. */
  readonly lifetime: number | null
}

export type ProfileName =
  | 'strict'
  | 'idempotent'
  | 'grace'
  | 'branches'
  | 'same'
  | 'none'
  | 'sometimes'
  | 'gotrue-v1'
  | 'gotrue-v2'

/** `database`: shared by all tabs, with notices. `remote`: the same, and others can change it unheard. `memory`: of one tab. */
export type StoreKind = 'database' | 'remote' | 'memory'
