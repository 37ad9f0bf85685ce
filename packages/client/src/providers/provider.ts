import type { CallOptions } from '../base/call-options.ts'
import type { AuthError, AuthResult, SignInResult } from '../base/errors.ts'
import type { Session, User } from '../base/session.ts'

/** What a token endpoint handed out. Times are lifetimes in seconds, as the server gave them. */
export interface TokenSet {
  readonly accessToken: string
  readonly tokenType: 'bearer' | 'dpop'
  /** `expires_in`, seconds; null where the server named none. */
  readonly expiresIn: number | null
  /** Null where the answer brought none: the one presented stays good. */
  readonly refreshToken: string | null
  /** Seconds; null where the server named none, as most do. */
  readonly refreshExpiresIn: number | null
  /** Null: not named, unchanged. */
  readonly scopes: readonly string[] | null
  /** Null: not told, unchanged. */
  readonly user: User | null
  /** The ID token of the answer (OpenID Connect Core 2): what a sign-out at the provider names the user by. Null or absent: not told, unchanged. */
  readonly idToken?: string | null | undefined
  /** What the tokens are bound to; absent: to nothing, or to the key that they were bound to before. */
  readonly key?: CryptoKeyPair | undefined
}

/** How the tokens of a session are bound (RFC 9449). `key`: what a sender proves to have; absent for bearer tokens. */
export interface Binding {
  readonly type: 'bearer' | 'dpop'
  readonly key?: CryptoKeyPair | undefined
}

/** What came back from one request with a one-time credential. What it means is `judge`'s matter. */
export type Answer =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** An error in the provider's own format. `retryAfter`: milliseconds. `own`: told in the place of what we would say of it, unless the server was busy. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly error: string
      readonly retryAfter: number | null
      readonly own?: AuthError
    }
  /** An answer that is not in the provider's format: HTML, an empty body, JSON without a token. `own`: as of one that is refused. */
  | {
      readonly kind: 'unreadable'
      readonly status: number
      readonly retryAfter: number | null
      readonly own?: AuthError
    }
  /** No answer. `unsent` and `offline`: the credential provably never left. */
  | {
      readonly kind: 'silent'
      readonly cause: 'unsent' | 'offline' | 'network' | 'timeout'
      readonly error?: unknown
    }

/** What came back from a request about a user. `user` null: this server does not tell. */
export type UserAnswer =
  | { readonly kind: 'user'; readonly user: User | null }
  | Exclude<Answer, { readonly kind: 'tokens' }>

/**
 * What the server does with a rotated refresh token that comes again. `idempotent`: the same successor. `branches`: another
 * new token, the old one included among the good. `fatal`: the session is over. `unknown`: treated as fatal.
 */
export type ReuseProfile = 'idempotent' | 'branches' | 'fatal' | 'unknown'

/** How a provider reaches its server. Both fetches are bounded by the hard limit and carry no cookies. */
export interface ProviderIo {
  readonly signal: AbortSignal
  /** Epoch milliseconds of the client's clock. */
  readonly now: () => number
  /** For requests that carry no one-time credential: discovery, revocation, user data. */
  readonly fetch: typeof fetch
  /** For the one request that presents the credential. Rejects, unsent, when the right to present it was lost. */
  readonly present: typeof fetch
  /** Of the session that is asked for; absent where there is none yet. */
  readonly bound?: Binding | undefined
}

/** For the exchange of a callback's code. */
export interface ExchangeIo extends ProviderIo {
  /**
   * Takes what was granted to a sign-in that is refused for another reason: it is revoked, unless the same person may be signed in here, whose grant
   * that could end as well. Returns at once.
   */
  readonly giveBack: (tokens: TokenSet) => void
}

/** For requests that carry no one-time credential. */
export type PlainIo = Pick<ProviderIo, 'fetch' | 'signal' | 'now' | 'bound'>

/**
 * What a sign-out ends at the server: `local` this session, `global` all sessions of the user, `others` all but this one, which is then
 * kept here as well.
 */
export type SignOutScope = 'local' | 'global' | 'others'

export interface LeavingTokens {
  readonly accessToken: string
  /** Null where the session has none, or goes on, so that it is not the provider's to renew. */
  readonly refreshToken: string | null
}

/** What a provider's own methods are made of: each passes the same guard as the client's. */
export interface ProviderContext {
  /** Signs in with what `ask` brings, as the client's own `signIn` does. */
  signIn(
    ask: (io: PlainIo) => Promise<Departing | Waiting | Answer>,
    options?: SignInOptions & ReturnOptions,
    call?: CallOptions,
  ): Promise<SignInResult>
  /** Asks with a fresh access token of the session shown, once more after a 401, and keeps the user that comes back: `USER_UPDATED`. */
  changeUser(ask: AskAboutUser, call?: CallOptions): Promise<AuthResult<{ readonly user: User | null }>>
  /** Asks in the same way for something that changes nothing here. */
  request(ask: AskForUser, call?: CallOptions): Promise<AuthResult<Record<string, never>>>
}

/** What is asked in the name of a session's user, with its access token. */
type AskAs<Good> = (
  accessToken: string,
  io: PlainIo,
  session: Session,
) => Promise<Good | Exclude<UserAnswer, { readonly kind: 'user' }>>

export type AskAboutUser = AskAs<UserAnswer>
/** `done`: the server did it, and tells nothing that is kept. */
export type AskForUser = AskAs<{ readonly kind: 'done' }>

export interface SignInOptions {
  /** Keeps the account shown before signed in, beside the new one. Default: it is signed out. */
  readonly add?: boolean
}

export interface ReturnOptions {
  /** Where to go after the callback: an address of this origin. Default: where the user is now. */
  readonly returnTo?: string
}

/** What must be remembered of a sign-in until it comes back. */
export interface Return {
  readonly state: string
  /**
   * Kept in the store beside the attempt, taken once, back only where nothing was spent, gone afterwards. Plain JSON, or what few stores can hold: a `CryptoKeyPair`, say.
   */
  readonly keep: Readonly<Record<string, unknown>>
}

/** A sign-in that leaves the page for another address. */
export interface Departing extends Return {
  readonly url: string
}

/**
 * A sign-in that goes on in a message to the user. `back`: what a link in it comes back to; null where there is no such link, or none that
 * would come back here.
 */
export interface Waiting {
  readonly kind: 'waiting'
  readonly back: Return | null
}

export interface Callback {
  /** Names the attempt that it answers. */
  readonly state: string
  /** Its state was made by this provider, so nobody else waits for it. */
  readonly certain: boolean
  /**
   * Why nothing comes of it: it names no attempt. Told where it is certain, or where a sign-in is open whose state begins with `state`; else
   * the address is nobody's here. Absent: the attempt is gone on with.
   */
  readonly error?: AuthError
}

/**
 * How to talk to one kind of authorization server. It decides nothing about sessions: it sends, and says what came back.
 * A method that throws before `io.present` was called has provably presented nothing.
 */
export interface Provider<SignInRequest = unknown, Methods extends object = object> {
  readonly kind: string
  /** The party that takes the credentials: an issuer, or a token endpoint. With the client id and a token it names a flight. */
  readonly authority: string
  readonly clientId: string
  readonly reuse: ReuseProfile
  /** Scopes and resources that make a different account of the same person. */
  readonly audience: string
  /**
   * Error codes that end a session, with the reason to tell. Of an answer that says no in no format of the provider's the code is its HTTP
   * status: `{ 403: 'rejected' }` is for a server that has nothing more to say, and a proxy on the way may answer so as well.
   */
  readonly terminal: Readonly<Record<string, 'rejected' | 'expired' | 'revoked' | 'reuse' | 'key_lost'>>
  /** What it tells of a user is all there is, and takes the place of what was known. Absent: a part, which goes over that. */
  readonly tellsWholeUsers?: true
  refresh(refreshToken: string, io: ProviderIo): Promise<Answer>
  /** Leaves the page for a sign-in, waits for the user to read a message, or brings the tokens at once. */
  signIn(request: SignInRequest, io: PlainIo): Promise<Departing | Waiting | Answer>
  /** Whether this address is a callback that may be this provider's; null: certainly not. */
  readCallback(url: URL): Callback | null
  /** Exchanges the callback's code. */
  exchange(url: URL, keep: Return['keep'], io: ExchangeIo): Promise<Answer>
  /** Ends a session at the server (RFC 7009). False where the server cannot. Rejects when it did not work, with the `status` of the answer where that is of use. */
  revoke(tokens: LeavingTokens, io: PlainIo, scope: SignOutScope): Promise<boolean>
  /**
   * Where the user goes to sign out at the provider as well, and comes back to `returnTo` from (OpenID Connect RP-Initiated Logout 1.0).
   * Null where the server has no such page. Absent: this kind of provider has none. `idToken`: the last one of the session that ends; null where
   * there is none.
   */
  signOutUrl?(returnTo: string, io: PlainIo, idToken: string | null): Promise<string | null>
  /** Whose access token it is. Absent: the server cannot tell. */
  user?: AskAboutUser
  /**
   * A fetch for requests that carry the access token of a session bound so, over `through`. `now`: epoch milliseconds of the client's clock.
   * Absent: this provider knows bearer tokens only.
   */
  prove?(bound: Binding | undefined, through: typeof fetch, now: () => number): typeof fetch
  /** What only this provider can do: becomes part of the client. */
  methods?(context: ProviderContext): Methods
}
