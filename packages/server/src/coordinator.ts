import type { TokenSet } from '@authflight/client'
import type { RefreshTrigger } from '@authflight/client/telemetry'
import type { Context } from '@opentelemetry/api'
import type { Ask } from './answer.ts'

export interface RefreshOptions {
  /**
   * The session of the token: an id that stays the same when tokens rotate. Required with an engine that processes share. Give it always or
   * never: one token under two sessions, or with and without one, is two.
   */
  readonly session?: string | undefined
  /**
   * The access token still works. After an answer that was lost a refresh then fails with `refresh_unknown_outcome` instead of presenting
   * the token again, where the profile says that this could end the session. Default false: nothing is left to lose.
   */
  readonly hasLiveAccessToken?: boolean | undefined
  /** Lets this caller go; the work goes on for the others. */
  readonly signal?: AbortSignal | undefined
  /** What the span says about why. Default `expiry`. */
  readonly trigger?: Extract<RefreshTrigger, 'expiry' | 'forced' | 'unauthorized'> | undefined
  /** The caller's OpenTelemetry context, where no context manager knows it. Default: the active one. */
  readonly otelContext?: Context | undefined
}

export interface EndOptions {
  /**
   * Milliseconds for which nothing of the session is given to anybody any more. Default a day; at least as long as a refresh may take and
   * an hour, for which its result waits for the first who asks.
   */
  readonly ttl?: number | undefined
}

/** Makes the holders of one refresh token share one refresh. All methods are bound. */
export interface Coordinator<Options extends RefreshOptions = RefreshOptions> {
  /**
   * Presents a refresh token once for all who hold it. Everybody gets the same outcome: whoever comes while it is under way, and whoever
   * comes within `resultTtl` after; where all have gone, the first within an hour. What they share is frozen. `expiresIn` is
   * what is left of it.
   * @throws {AuthApiError} `session_ended`: the server refuses this token. The session is over, unless the token is an old one: leave the
   * cookie to the next sign-in.
   * @throws {AuthRetryableFetchError} with `retryAt`: nothing is lost, try again then. `refresh_unknown_outcome`: use the access token;
   * `interaction_required`: after that send the user to sign in.
   * @throws {AuthRefreshDiscardedError} `end` was called for the session.
   * @throws {AuthError} `aborted`, `timeout`: this caller went; `invalid_option`: an argument cannot be right; `unsupported`: called from
   * inside a refresh or block of the same token, to both of them; or Web Crypto is missing.
   */
  refresh(...call: RefreshCall<Options>): Promise<TokenSet>
  /**
   * Runs a block while no other block and no refresh of this token runs in this process, in the order of calling, and gives its value or
   * throws what it throws. It knows of no other process and shares no result: whoever comes second holds the old token. Prefer `refresh`.
   * @throws {AuthError} `timeout`: not its turn within the patience; `invalid_option`, `unsupported` as above.
   */
  synchronize<T>(token: string, block: () => T | Promise<T>): Promise<T>
  /**
   * Ends a session at sign-out: results there already, and those still under way, are given to nobody. What a refresh brings after it is
   * revoked.
   */
  end(session: string, options?: EndOptions): Promise<void>
  /** SHA-256 of a token, hex. For memory only: in a store that others read, a short token can be guessed from it. */
  digest(token: string): Promise<string>
  /** Tokens that somebody holds in this process. */
  readonly entryCount: number
  /**
   * Successes handed to callers who came after the refresh was over. The server never saw these presentations: a stolen token used within
   * `resultTtl`, or as the first within an hour after all had gone, is among them.
   */
  readonly servedLate: number
  /** For tests: drops all entries, and what a memory engine keeps. Who holds a token goes on and gets its outcome. */
  reset(): void
}

type RefreshCall<Options extends RefreshOptions> = undefined extends Options['session']
  ? [token: string, ask: Ask, options?: Options]
  : [token: string, ask: Ask, options: Options]

export type SharedCoordinator = Coordinator<RefreshOptions & { readonly session: string }>
export type LocalCoordinator = Coordinator
