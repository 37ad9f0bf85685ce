import type { CallOptions } from '../base/call-options.ts'
import type { AuthResult } from '../base/errors.ts'
import type { Session, User } from '../base/session.ts'
import type { ReturnOptions, SignInOptions } from './provider.ts'

/** Who is meant: by one of the two. */
export type Address =
  | { readonly email: string; readonly phone?: never }
  | {
      /** With country code, as `+15550100`. */
      readonly phone: string
      readonly email?: never
    }

interface Checked {
  /** What the CAPTCHA of the page gave, where the server asks for one. */
  readonly captchaToken?: string
}

interface WithData {
  /** Kept as the user's `user_metadata`. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** By which channel a code goes to a phone. Default `sms`. */
interface OverPhone {
  readonly channel?: 'sms' | 'whatsapp'
}

/** A sign-in with what the user knows. */
export type PasswordSignIn = { readonly method: 'password'; readonly password: string } & Address & Checked

/**
 * Sends a code, or a link that comes back here with a session. A code is given to `verifyOtp`. `createUser`: signs up who is not known.
 * Default true.
 */
export type OtpSignIn = { readonly method: 'otp'; readonly createUser?: boolean } & Address &
  Checked &
  WithData &
  OverPhone &
  ReturnOptions

/** Leaves the page for another provider: `github`, `google`, … */
export interface OAuthSignIn extends ReturnOptions {
  readonly method: 'oauth'
  readonly provider: string
  /** Space-separated, of that provider. Default: what the project asks for. */
  readonly scopes?: string
  /** Further parameters of that provider's authorization endpoint, such as `prompt`. */
  readonly queryParams?: Readonly<Record<string, string>>
}

/** A user without name and address, who may get them later through `updateUser`. */
export type AnonymousSignIn = { readonly method: 'anonymous' } & Checked & WithData

export type GoTrueSignIn = PasswordSignIn | OtpSignIn | OAuthSignIn | AnonymousSignIn

export type SignUpRequest = { readonly password: string } & Address &
  Checked &
  WithData &
  OverPhone &
  SignInOptions &
  ReturnOptions

/**
 * A code as the user typed it, with the address it went to, or the `token_hash` of a link. `type`: what the message was for; `email` is right for the
 * codes of sign-ups and sign-ins alike.
 */
export type OtpProof =
  | {
      readonly type: 'email' | 'signup' | 'invite' | 'magiclink' | 'recovery' | 'email_change'
      readonly email: string
      readonly token: string
    }
  | { readonly type: 'sms' | 'phone_change'; readonly phone: string; readonly token: string }
  | {
      readonly type: 'email' | 'signup' | 'invite' | 'magiclink' | 'recovery' | 'email_change'
      readonly tokenHash: string
    }

/** What is not named stays. */
export interface UserChanges extends WithData, OverPhone {
  /** Valid once it is confirmed by a code or link that goes to it, and to the old one where the project asks for both. */
  readonly email?: string
  readonly phone?: string
  readonly password?: string
  /** The password until now, where the project asks for it. */
  readonly currentPassword?: string
  /** The code of `reauthenticate`, where the project asks for it. */
  readonly nonce?: string
}

/** Who it is, and the session, null where there is none yet: an address has to be confirmed first. */
export type UserAndSession = AuthResult<{ readonly user: User | null; readonly session: Session | null }>

type Done = AuthResult<Record<string, never>>

/** What only this provider can do. Each passes the same guard as the client's own methods, and is of the account shown. */
export interface GoTrueMethods {
  /**
   * Makes a user. Signed in at once where the project confirms nobody; else `session` is null, a message is on its way, and its code goes to
   * `verifyOtp`, or its link comes back here. For an address that is taken the server may tell of a user who is not there, so that
   * nobody learns who has signed up.
   */
  signUp(request: SignUpRequest, call?: CallOptions): Promise<UserAndSession>
  /** Signs in with a code. `session` is null where the other address has to be confirmed as well. */
  verifyOtp(proof: OtpProof & SignInOptions, call?: CallOptions): Promise<UserAndSession>
  /** Changes the user who is signed in: `USER_UPDATED`. */
  updateUser(
    changes: UserChanges & ReturnOptions,
    call?: CallOptions,
  ): Promise<AuthResult<{ readonly user: User | null }>>
  /** Sends the user a code that `updateUser` takes as `nonce`. */
  reauthenticate(call?: CallOptions): Promise<Done>
  /** Sends a link that comes back signed in, for a new password by `updateUser`. Says nothing about whether there is such a user. */
  resetPasswordForEmail(email: string, options?: Checked & ReturnOptions, call?: CallOptions): Promise<Done>
}

/** What each request may name: any other name would be left out without a word. */
export const requestNames = {
  signIn: {
    password: ['method', 'email', 'phone', 'password', 'captchaToken', 'add'],
    otp: ['method', 'email', 'phone', 'createUser', 'data', 'channel', 'captchaToken', 'returnTo', 'add'],
    oauth: ['method', 'provider', 'scopes', 'queryParams', 'returnTo', 'add'],
    anonymous: ['method', 'data', 'captchaToken', 'add'],
  },
  signUp: ['email', 'phone', 'password', 'data', 'channel', 'captchaToken', 'returnTo', 'add'],
  verifyOtp: ['type', 'email', 'phone', 'token', 'tokenHash', 'add'],
  updateUser: ['email', 'phone', 'password', 'currentPassword', 'nonce', 'data', 'channel', 'returnTo'],
  resetPasswordForEmail: ['captchaToken', 'returnTo'],
} as const
