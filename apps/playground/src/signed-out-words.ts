import type { SignedOutReason } from '@authflight/client'

/** Why nobody is signed in, for the person in front of the page. */
export const signedOutWords: Record<SignedOutReason, string> = {
  user: 'You signed out here.',
  other_tab: 'You signed out in another tab, and this one followed.',
  expired: 'The session had no refresh token, and its access token ran out.',
  rejected: 'The server no longer accepts the session and does not say why.',
  revoked: 'The server revoked the session.',
  reuse: 'The server saw a refresh token come twice and ended the session.',
  lost_answer: 'The answer to a refresh got lost after the server had rotated the token.',
  key_lost: 'The key that the session was bound to is gone from the store.',
  storage_cleared: 'The stored session is gone: somebody cleared this site’s data.',
  replaced: 'Another sign-in replaced the session.',
  unknown: 'The session ended, and the reason was not recorded.',
}
