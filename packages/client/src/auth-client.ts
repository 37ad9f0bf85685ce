import type { AuthResult, SessionResult, SignInResult } from './base/errors.ts'
import type { AuthEventHandler } from './accounts/events.ts'
import type { SignInOptions, SignOutScope } from './providers/provider.ts'
import type { AuthSnapshot, User } from './base/session.ts'
import type { CallOptions } from './base/call-options.ts'
import type { SessionTokens } from './accounts/set-session.ts'

export interface Unsubscribe {
  (): void
  /** The shape that auth-js gives, so that code written for it works. */
  readonly data: { readonly subscription: { readonly unsubscribe: () => void } }
}

export interface SignOutOptions extends CallOptions {
  /**
   * What ends at the server, if it can: `local`, the default, this session; `global` all of the user's; `others` all but this one, which then stays.
   * `global` waits for the server, and gives a retryable error where that does not say that it was done, `unsupported` where it cannot.
   * This device is signed out all the same. OAuth has no word for all sessions: with `oauth()`, `global` ends this one.
   */
  readonly scope?: SignOutScope
  /**
   * Leaves the page to sign out at the provider as well, and comes back to this address, which must be registered there. Outside a page
   * the result tells where to go: an address that names the user by the last ID token, so it belongs in no log. Default: the page stays.
   */
  readonly redirect?: string | URL
}

/** An account that is signed in. */
export interface Account {
  /** Random, the same in all tabs and records: what `account()` and `switchTo()` take. */
  readonly id: string
  readonly user: User | null
  /** Whether it is the one that this client shows. */
  readonly isShown: boolean
}

/** What a method gives: its outcome as a value, or, with `throwOnError`, the data itself. */
export type Outcome<Result, Throws extends boolean> = Promise<
  Throws extends true ? (Result extends AuthResult<infer Data> ? Data : never) : Result
>

/** What a provider's own methods give, under the same rule. */
export type Given<Methods, Throws extends boolean> = Throws extends true
  ? {
      readonly [Name in keyof Methods]: Methods[Name] extends (...given: infer Arguments) => Promise<infer Result>
        ? (...given: Arguments) => Outcome<Result, true>
        : Methods[Name]
    }
  : Methods

/** The session of one account: that which a client shows, or a certain one. All methods are bound. */
export interface AuthAccount<Throws extends boolean = false> {
  /** The session, fresh, or refreshed once for all who ask. */
  getSession(call?: CallOptions): Outcome<SessionResult, Throws>
  /** A new revision of the session, whatever the clock says; joins a refresh under way. */
  refreshSession(call?: CallOptions): Outcome<SessionResult, Throws>
  /**
   * The access token for one request; null when nobody is signed in.
   * @throws {AuthError} when the session is there but its token is dead and could not be renewed; `refresh_discarded` when somebody else
   * has signed in in its place meanwhile.
   */
  getAccessToken(call?: CallOptions): Promise<string | null>
  /** Asks the server who it is, and keeps what it tells: `USER_UPDATED`. `unsupported` where the provider cannot ask. */
  getUser(call?: CallOptions): Outcome<AuthResult<{ readonly user: User | null }>, Throws>
  /**
   * The session with its refresh token, for a hand-over to `setSession` elsewhere; null where nobody is signed in. Waits for a refresh
   * under way. From then on two parties hold one token, and whoever refreshes first ends the other: hand over from a client with
   * `memoryStore()`, and `dispose()` of it. Not by `signOut()`: that ends the session at the server, too.
   */
  exportSession(call?: CallOptions): Outcome<AuthResult<{ readonly tokens: SessionTokens | null }>, Throws>
  /** Ends the session here, and at the server, without waiting for that unless `scope` says more. Never waits for a refresh under way. */
  signOut(options?: SignOutOptions): Outcome<AuthResult<{ readonly url: string | null }>, Throws>
  /** `fetch` with the token for allowed origins; asks once more after a 401. */
  readonly fetch: typeof fetch
  /** Calls the handler with `INITIAL_SESSION` first, then with every change, in order. */
  onAuthStateChange(handler: AuthEventHandler): Unsubscribe
  /** The same object as long as nothing changes. */
  getSnapshot(): AuthSnapshot
  /** Calls the listener after each change of the snapshot. Returns unsubscribe. */
  subscribe(listener: () => void): () => void
  startAutoRefresh(): void
  stopAutoRefresh(): void
}

/** What `signIn` takes: a request, which may be left out where nothing has to stand in it. */
export type SignInArguments<SignInRequest> = object extends SignInRequest
  ? [request?: (SignInRequest & SignInOptions) | undefined, call?: CallOptions | undefined]
  : [request: SignInRequest & SignInOptions, call?: CallOptions | undefined]

/** A session client. Outcomes of authentication are values, never exceptions, unless `throwOnError` was asked for. */
export interface AuthClient<SignInRequest = unknown, Throws extends boolean = false>
  extends AuthAccount<Throws>, Disposable, AsyncDisposable {
  /**
   * Leaves the page for the provider's sign-in, or signs in at once where the provider can, or where it goes on in a message to the user;
   * then `url` is null. Outside a page it gives the address to open. Who was shown before is signed out, unless `add`.
   */
  signIn(...asked: SignInArguments<SignInRequest>): Outcome<SignInResult, Throws>
  /**
   * Finishes a sign-in that has come back, also for who goes before that is done. With `redirect: 'auto'` start-up does that, and this tells
   * how it went.
   */
  handleRedirect(url?: string | URL, call?: CallOptions): Outcome<SessionResult, Throws>
  /**
   * Takes a session from outside and shows it. Refreshes it where its access token is dead. Changes nothing until it succeeds. A token
   * that is here already changes nothing; one that was here before is answered with what came of it, or refused where it was signed out.
   */
  setSession(tokens: SessionTokens, options?: CallOptions & SignInOptions): Outcome<SessionResult, Throws>
  /** All accounts that are signed in. */
  accounts(call?: CallOptions): Outcome<AuthResult<{ readonly accounts: readonly Account[] }>, Throws>
  /** The same methods, bound to one account, whoever is shown. */
  account(id: string): AuthAccount<Throws>
  /** Shows another account that is signed in: `ACCOUNT_SWITCHED`. Nobody is signed out. Other tabs stay with theirs. */
  switchTo(id: string, call?: CallOptions): Outcome<SessionResult, Throws>
  /** After it no handler is called and nothing of this client is alive. A request under way finishes and is stored. */
  dispose(): void
}
