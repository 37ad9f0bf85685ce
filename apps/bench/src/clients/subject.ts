import type { TokenAnswer } from '@authflight/testing'

/** Where a client under test finds itself: in a process or in a tab. */
export interface Place {
  /** The authorization server's address, without a slash at its end. */
  readonly issuer: string
  readonly clientId: string
  /** Who signs in. */
  readonly email: string
  /** Goes through the sign-in at this address as a user would, and gives the address that leads back to the app. */
  authorize(url: string): Promise<string>
  /** What a sign-in would have been answered, for clients that let an app store a session. */
  tokens(): Promise<TokenAnswer>
}

/** A client under test, behind the two things that an app does with it. */
export interface Subject {
  /** Resolves when a session is there, or when the page is about to be left for the sign-in. */
  signIn(): Promise<void>
  /** What an app awaits before a request. Refreshes first where the access token has run out. */
  ask(): Promise<unknown>
  /** The access token in an answer to `ask`; null where it says that nobody is signed in. */
  tokenOf(answer: never): string | null
}

/** Every module of a client exports `create`. */
export type CreateSubject = (place: Place, options: Readonly<Record<string, unknown>>) => Subject | Promise<Subject>
