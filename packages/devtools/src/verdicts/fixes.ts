import type { Cause } from './verdict.ts'

const recordAll = 'Let the recorder run where it happens (`recorder`), and open the panel in all tabs.'
const liveLonger = 'Let the refresh token live longer than your users are away.'

/** What a developer or operator can do; `null` where nothing is wrong. */
export const fixes: Readonly<Record<Cause, string | null>> = {
  healthy: null,
  signed_out_here: null,
  signed_out_elsewhere: null,
  signed_out_during_refresh: null,
  replaced: 'To keep both accounts, sign in with { add: true }.',
  app_error_handling:
    'Sign out on SIGNED_OUT only, not on an error of getSession or refreshSession; show the session as stale meanwhile.',
  storage_cleared:
    'Look for code that clears site data or IndexedDB, and for a Clear-Site-Data header on your log-in pages.',
  storage_unavailable: 'Allow site data for this page, free some space, or choose another `storage`.',
  key_lost: 'Look for code that rewrites the stored session: a `CryptoKey` does not survive JSON.',
  reuse_elsewhere:
    'Let all clients of one session share one store (IndexedDB by default) and one version. A copy in another store cannot be coordinated.',
  reuse: recordAll,
  own_retry:
    'No client prevents it where the server ends a session on reuse. Ask the provider for a reuse interval, and do not refresh while navigating.',
  expired: liveLonger,
  revoked: 'Look at the provider: an administrator, a password change or a sign-out everywhere revoked it.',
  clock: "Nothing in the app. If the device's clock is wrong, set it by the network.",
  asleep: liveLonger,
  no_reason_given:
    "The provider's log of this time knows whether the session expired, was revoked or was used elsewhere.",
  answer_lost:
    "Nothing now. If it recurs, look at proxies between browser and provider, and at the provider's reuse interval.",
  rate_limited: "Raise the provider's limit, or let fewer clients of one address refresh at once.",
  offline: null,
  server_error: "Look at the provider's status and log at this time.",
  blocked:
    'Look at the address of the token endpoint, and at what is between browser and provider: proxy, bot protection, captive portal.',
  configuration: 'Check the client id, the scopes and the DPoP set-up at the provider.',
  timeout: "Look at the provider's latency; `requestLimit` says how long a request may take.",
  failed: null,
  unknown: recordAll,
}
