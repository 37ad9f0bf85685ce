import type { AuthRecord } from '@authflight/client'
import type { Call } from './call.ts'
import type { Awaiting } from './operations/operation.ts'
import type { Setting } from './setting.ts'

/** A session as an app sees it, by printable ids. */
export interface SessionView {
  /** Display id of the session. */
  readonly id: string
  /** Display id of the account. */
  readonly account: string
  readonly revision: number
  /** The access token, as the server names it: `access-3`. */
  readonly access: string
  /** The session at the server that the access token is of: `session-1`. */
  readonly server: string | null
  /** The login of the user whose access token it is, at the server. */
  readonly owner: string | null
  /** The login of the user that the session says it is of. */
  readonly user: string | null
  readonly stale: boolean
  /** Whether its access token was dead when it was seen, to the clock of this device. */
  readonly dead: boolean
}

/** What a store holds at a key, by printable ids. */
export type Stored =
  | {
      readonly kind: 'slot'
      readonly key: string
      /** Display id of the session. */
      readonly session: string
      readonly account: string
      readonly revision: number
      /** Printable id of the refresh token; null where there is none. */
      readonly refresh: string | null
      readonly access: string
      readonly server: string | null
      /** The login of the user whose tokens they are. */
      readonly owner: string | null
      /** When its sign-in began, by the wall clock of the device: milliseconds since the world began where nobody has moved it. */
      readonly begun: number
    }
  | { readonly kind: 'tombstone'; readonly key: string; readonly session: string; readonly left: string }
  | { readonly kind: 'claim'; readonly key: string; readonly id: string; readonly lost: boolean }
  /** `slot`: the key of the slot that is shown. */
  | { readonly kind: 'shown'; readonly key: string; readonly slot: string | null }
  /** `server`: the session at the server whose tokens it holds already. */
  | { readonly kind: 'attempt'; readonly key: string; readonly server: string | null }
  | { readonly kind: 'other'; readonly key: string }

export interface Write {
  readonly before: Stored | null
  readonly after: Stored | null
}

/** How a request with a credential ended for who sent it, as the answers table reads it. */
export type Meaning = 'tokens' | 'terminal' | 'unspent' | 'unknown'

/** What somebody or something did that changes what may be expected. */
export type Deed =
  | 'opened'
  | 'killed'
  | 'frozen'
  | 'resumed'
  | 'hidden'
  | 'visible'
  | 'focus'
  | 'offline'
  | 'online'
  | 'pagehide'
  | 'pageshow'
  | 'restored'
  | 'clock jumped'
  | 'slept'
  | 'notices lost'
  | 'notices back'
  | 'notice forged'
  | 'store fails'
  | 'store full'
  | 'store heals'
  | 'store cleared'
  | 'writes lost'
  | 'session revoked'
  | 'refresh tokens expired'
  | 'access tokens expired'
  | 'user banned'
  | 'ban lifted'
  | 'end begins'

/** One thing that happened in a world. Ids and numbers only: a history may be printed. */
export type Fact =
  | {
      readonly kind: 'deed'
      readonly deed: Deed
      readonly tab: string | null
      readonly ms?: number
      readonly what?: string
    }
  /** What was decided, for whoever reads a timeline. */
  | { readonly kind: 'decided'; readonly tab: string | null; readonly describe: () => string }
  /** Somebody did something, while others were under way and waited. */
  | { readonly kind: 'operated'; readonly client: string; readonly operation: string; readonly amid: readonly Amid[] }
  | { readonly kind: 'client'; readonly tab: string; readonly client: string }
  | { readonly kind: 'called'; readonly call: Call }
  | {
      readonly kind: 'settled'
      readonly call: Call
      /** Undefined where the operation gives no session. */
      readonly session: SessionView | null | undefined
      /** The login of the user whose session, token or profile the caller got; null where it got none. */
      readonly owner: string | null
      /** The code of the error, `thrown` for what is none of the client's. */
      readonly error: string | null
      /** Secrets found in what the caller got as an error. */
      readonly leaked: boolean
    }
  | { readonly kind: 'subscribed'; readonly tab: string; readonly client: string; readonly subscriber: string }
  | { readonly kind: 'unsubscribed'; readonly tab: string; readonly client: string; readonly subscriber: string }
  | {
      readonly kind: 'event'
      readonly tab: string
      readonly client: string
      readonly subscriber: string
      readonly event: string
      readonly session: SessionView | null
      readonly sessionId: string | null
      readonly reason: string | null
      readonly source: string
    }
  | { readonly kind: 'disposed'; readonly tab: string; readonly client: string }
  | {
      readonly kind: 'snapshot'
      readonly tab: string
      readonly client: string
      readonly status: string
      readonly session: SessionView | null
    }
  | {
      readonly kind: 'sent'
      readonly tab: string
      readonly request: number
      readonly endpoint: Endpoint
      /** Printable id of the credential; null where none was sent. */
      readonly credential: string | null
      /** The session at the server that the credential is of, and the login of its user. */
      readonly server: string | null
      readonly owner: string | null
      /** Whether the session's access token was of no use any more to the sender, now or when it took the right to send. */
      readonly nothingToLose: boolean
      readonly call: Call | null
    }
  | {
      readonly kind: 'arrived'
      readonly request: number
      /** Whether the server came to act on it, and what it gave. */
      readonly acted: boolean
      readonly row: string
      /** Printable id of the refresh token handed out. */
      readonly gave: string | null
      readonly reused: boolean
    }
  | {
      readonly kind: 'answered'
      readonly request: number
      readonly row: string
      readonly meaning: Meaning
      readonly gave: string | null
      /** The session at the server that tokens came for, and the login of its user. */
      readonly server: string | null
      readonly owner: string | null
    }
  /** Nobody hears the answer any more: the sender has given up, or is gone. */
  | { readonly kind: 'unheard'; readonly request: number; readonly because: 'aborted' | 'killed' }
  | { readonly kind: 'wrote'; readonly tab: string; readonly writes: readonly Write[] }
  | { readonly kind: 'aborted'; readonly tab: string; readonly how: string }
  | { readonly kind: 'posted'; readonly tab: string; readonly message: string; readonly leaked: boolean }
  | { readonly kind: 'locked'; readonly tab: string; readonly leaked: boolean }
  | { readonly kind: 'reported'; readonly tab: string; readonly expected: boolean }
  | { readonly kind: 'stuck'; readonly calls: readonly Call[] }
  | { readonly kind: 'left over'; readonly tab: string; readonly what: string; readonly count: number }
  | { readonly kind: 'end'; readonly end: End }

/** An operation under way, and what it waited for. */
export interface Amid {
  readonly operation: string
  readonly awaiting: Awaiting
}

/** From `verify` on: of GoTrue's alone. */
export type Endpoint =
  | 'refresh'
  | 'code'
  | 'password'
  | 'revoke'
  | 'user'
  | 'api'
  | 'verify'
  | 'signup'
  | 'otp'
  | 'reauthenticate'
  | 'revoke others'

/** What there is when all has come to rest, before everything is disposed. */
export interface End {
  readonly stored: readonly Stored[]
  /** Refresh tokens that would be granted something and are not rotated. */
  readonly active: readonly { readonly token: string; readonly session: string }[]
  readonly clients: readonly {
    readonly tab: string
    readonly client: string
    readonly status: string
    readonly session: SessionView | null
  }[]
}

/** A fact, and when: milliseconds since the world began. */
export type Dated = Fact & { readonly at: number }

/** What the flight recorder of a tab has told. */
export interface Recorded {
  readonly tab: string
  readonly record: AuthRecord
}

/** All that happened, in its order, and what the flight recorder says of it. */
export interface History {
  readonly facts: readonly Dated[]
  readonly records: readonly Recorded[]
  /** What the world was like. */
  readonly setting: Setting
}
