import type { AuthResult, SessionResult } from './errors.ts'
import type { AuthEventHandler } from './events.ts'
import type { AuthSnapshot } from './session.ts'
import type { CallOptions } from './sessions.ts'

export interface Unsubscribe {
  (): void
  /** The shape that auth-js gives, so that code written for it works. */
  readonly data: { readonly subscription: { readonly unsubscribe: () => void } }
}

/** A session client. All methods are bound. Outcomes of authentication are values, never exceptions. */
export interface AuthClient<SignInRequest = unknown> {
  /** The session, fresh, or refreshed once for all who ask. */
  getSession(call?: CallOptions): Promise<SessionResult>
  /** A new revision of the session, whatever the clock says; joins a refresh under way. */
  refreshSession(call?: CallOptions): Promise<SessionResult>
  /**
   * The access token for one request; null when nobody is signed in.
   * @throws {AuthError} when the session is there but its token is dead and could not be renewed.
   */
  getAccessToken(call?: CallOptions): Promise<string | null>
  /** Leaves the page for the provider's sign-in. Outside a page it gives the address to open. */
  signIn(request?: SignInRequest): Promise<AuthResult<{ readonly url: string | null }>>
  /** Finishes a sign-in that has come back. With `redirect: 'auto'` start-up does that, and this tells how it went. */
  handleRedirect(url?: string | URL): Promise<SessionResult>
  /** Ends the session here, and at the server without waiting for it. Never waits for a refresh under way. */
  signOut(call?: CallOptions): Promise<AuthResult<Record<string, never>>>
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
  /** After it no handler is called and nothing of this client is alive. A request under way finishes and is stored. */
  dispose(): void
}
