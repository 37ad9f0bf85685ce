import type { HttpHandler } from 'msw'
import type { Answer } from './answer.ts'
import type { Consent } from './endpoints/authorization.ts'
import type { TokenAnswer } from './endpoints/token.ts'
import type { Faults } from './fault-board.ts'
import type { Gate, GateSide } from './gate.ts'
import type { TestUser } from './model/session.ts'
import type { ReuseProfile, ReuseProfileName } from './model/reuse-profile.ts'
import type { Endpoint, GrantType, RequestFacts } from './request-facts.ts'
import type { LogEntry } from './request-log.ts'

export interface AuthServerOptions {
  /** Default `https://id.example.test`. May have a path. */
  readonly issuer?: string
  /** Public clients that it knows. Default `['spa']`. Any redirect URI of theirs will do. */
  readonly clientIds?: readonly string[]
  /** Who can sign in, the first unless a test says otherwise. Default: Ada (`ada`) and Grace (`grace`). */
  readonly users?: readonly TestUser[]
  /** What it does with a refresh token that comes again. Default `strict`. */
  readonly profile?: ReuseProfile | ReuseProfileName
  /** Seconds. Default 60. */
  readonly accessTokenTtl?: number
  /** Seconds. Default `Infinity`. */
  readonly refreshTokenTtl?: number
  /** `jwt`: signed (RFC 9068), for an API that checks them by itself. Default `opaque`. */
  readonly accessTokenFormat?: 'opaque' | 'jwt'
  /** The server's clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Whose: one user's, one session's, or without either everybody's. */
export interface Whose {
  readonly user?: string
  readonly session?: string
}

export interface SignInOptions {
  /** A user's login. Default: the first user's. */
  readonly user?: string
  /** Default: the first client. */
  readonly clientId?: string
  /** Default `openid profile email`. */
  readonly scope?: string
  readonly resource?: string
}

/** What a good access token allows. */
export interface Access {
  readonly user: TestUser
  readonly session: string
  readonly scopes: readonly string[]
}

/** An authorization server in this process. Made by {@link createAuthServer}. */
export interface AuthServer {
  readonly issuer: string
  readonly users: readonly TestUser[]
  /** For MSW: `setupServer(...server.handlers)` or `setupWorker(...server.handlers)`. */
  readonly handlers: HttpHandler[]
  /** Speaks to this server without a network and without interception. */
  readonly fetch: typeof fetch
  /** The same, request to answer, for another listener to build on. */
  handle(request: Request): Promise<Answer>

  /**
   * Signs a user in at the authorization URL, as its page would, and gives the URL that leads back to the app.
   *
   * @throws TypeError where nothing leads back: an unknown client or user, no `redirect_uri`.
   */
  authorize(url: string | URL, consent?: Consent): Promise<string>
  /** A fresh sign-in without the way through the browser: what the token endpoint would have answered. */
  signIn(options?: SignInOptions): Promise<TokenAnswer>

  /** All requests since the last reset, in order of arrival. */
  readonly log: readonly LogEntry[]
  /** How many requests came: of that endpoint, of that grant type, or all that match. */
  count(what: Endpoint | GrantType | ((entry: LogEntry) => boolean)): number
  /** How often the client presented this refresh token so that it must take it for consumed. */
  presentations(refreshToken: string): number
  /** The printable id of a token that the server issued (`refresh-1`), `null` for any other string. */
  idOf(token: string): string | null
  /**
   * Which of the secrets that this server knows (tokens, codes, subjects, e-mail addresses) stand in a text, raw, encoded
   * or hashed, as printable ids: `refresh-1`, `ada.email (base64)`. For logs, records and URLs that must hold none.
   */
  leaksIn(text: string): Promise<string[]>
  /** Ids of the sessions that have a refresh token which works. */
  readonly liveSessions: readonly string[]

  readonly faults: Faults
  /** Closes a gate before or after the server acts. Default: before, at the token endpoint. */
  hold(match?: Partial<RequestFacts> & { readonly when?: GateSide }): Gate

  /** Acts of an operator. Each gives the number of sessions or tokens it changed. */
  revokeSessions(whose?: Whose): number
  expireRefreshTokens(whose?: Whose): number
  expireAccessTokens(whose?: Whose): number
  /** For access tokens issued from now on, seconds. */
  setAccessTokenTtl(seconds: number): void
  /** The user and scopes of a request's access token if it is good now: what an API of yours asks. */
  accessOf(request: Request): Access | null
  /** Forgets all sessions, the log and the faults. The signing key stays. */
  reset(): void
}
