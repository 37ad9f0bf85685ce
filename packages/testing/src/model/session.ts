/** A person who can sign in at the test server. */
export interface TestUser {
  /** What a log-in form would ask for, and how tests name the user. Unique. */
  readonly login: string
  /** The subject. Unique. */
  readonly sub: string
  readonly name: string
  readonly email: string
}

/** Why nothing of a session works any more. `reuse` and `code_reuse` are the server's suspicion. */
export type EndReason = 'reuse' | 'code_reuse' | 'revoked' | 'signed_out'

/** One sign-in as the server sees it: the family of all tokens that came from it. */
export interface Session {
  /** `session-1`, `session-2`, …: safe to print. */
  readonly id: string
  readonly user: TestUser
  readonly clientId: string
  readonly scope: string
  readonly resource: string | null
  readonly nonce: string | null
  /** How many refreshes were answered with tokens. */
  refreshes: number
  /** When tokens were last granted, epoch milliseconds; at first when it was opened. */
  refreshedAt: number
  /** Access tokens outlive the session where only the family of refresh tokens was revoked. */
  ended: { readonly because: EndReason; readonly accessTokensLive: boolean } | null
}

export interface RefreshToken {
  /** `refresh-1`, `refresh-2`, …: safe to print. */
  readonly id: string
  /** The secret itself. */
  readonly value: string
  readonly session: Session
  readonly parent: RefreshToken | null
  /** 1 for the sign-in's own token. */
  readonly generation: number
  /** Epoch milliseconds; `Infinity` where it never expires. */
  expiresAt: number
  /** The token that replaced it first, and when; `null` while it is active. */
  rotated: { readonly at: number; readonly child: RefreshToken } | null
}

export interface AccessToken {
  /** `access-1`, `access-2`, …: safe to print. */
  readonly id: string
  /** The secret itself, or the `jti` of the signed token that carries it. */
  readonly value: string
  readonly session: Session
  readonly scope: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  expiresAt: number
  revoked: boolean
}

export interface AuthorizationCode {
  /** `code-1`, `code-2`, …: safe to print. */
  readonly id: string
  /** The secret itself. */
  readonly value: string
  readonly session: Session
  readonly redirectUri: string
  /** `code_challenge` of method S256 (RFC 7636, section 4.2). */
  readonly challenge: string
  readonly expiresAt: number
  used: boolean
}
