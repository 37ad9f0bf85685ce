import type { AuthServer } from '../auth-server.ts'
import type { Message } from './mailbox.ts'
import type { GoTrueSession } from './session.ts'
import type { GoTrueUser } from './users.ts'

export interface GoTrueServerOptions {
  /** Default `https://project.example.test/auth/v1`. */
  readonly issuer?: string
  /** What the gateway wants to see as `apikey`; null: there is no gateway. Default `sb_publishable_test`. */
  readonly apiKey?: string | null
  /** The Site URL: where users are sent who may not be sent where they are to go. Default `https://site.example.test/`. */
  readonly siteUrl?: string
  /**
   * The Redirect URLs, beside the origin of the Site URL. `*` stands for a part between dots and slashes, `**` for anything. Default: any
   * address will do.
   */
  readonly redirectUrls?: readonly string[]
  /** Who has signed up. Default: Ada (`ada`) and Grace (`grace`), each with a phone and a password. */
  readonly users?: readonly GoTrueUser[]
  /** The kind of refresh token. Either way the parent of the newest gets the newest. Default `v1`. */
  readonly tokens?: 'v1' | 'v2'
  /** Seconds in which a rotated refresh token may come again. Default 10, as hosted. */
  readonly reuseInterval?: number
  /** Who signs up is signed in at once, and confirms nothing. Default false. */
  readonly autoconfirm?: boolean
  /** The old address has to confirm a new one as well. Default true. */
  readonly secureEmailChange?: boolean
  /** A new password takes a code of `reauthenticate`. Default false. */
  readonly reauthentication?: boolean
  /** `legacy`: a server from before there were error codes. Default `current`. */
  readonly errors?: 'current' | 'legacy'
  /** Seconds. Default 3,600. */
  readonly accessTokenTtl?: number
  /** GoTrue's are JWTs. `opaque` is quicker, and does for whoever does not look into them. Default `jwt`. */
  readonly accessTokenFormat?: 'opaque' | 'jwt'
  /** The server's clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** What it has in common with the OpenID provider: the ways in, the log, the faults, the operator. */
type Common = Omit<AuthServer, 'users' | 'signIn' | 'expireRefreshTokens'>

/** A GoTrue server in this process. Made by {@link createGoTrueServer}. */
export interface GoTrueServer extends Common {
  readonly apiKey: string
  /** Everybody who has signed up, also meanwhile. */
  readonly users: readonly Readonly<GoTrueUser>[]
  /** A fresh sign-in of that user, the first unless told: what the token endpoint would have answered. */
  signIn(options?: { readonly user?: string }): Promise<GoTrueSession>
  /** All messages that were sent, in order. */
  readonly messages: readonly Message[]
  /** A click on the link of a message. Gives the URL that leads back to the app. */
  follow(link: string): Promise<string>
  /** The timebox of these sessions is over: the next refresh is answered `session_expired`. */
  expireSessions: AuthServer['expireRefreshTokens']
  ban(user: string): void
}
