import {
  alterAnswer,
  type AuthServerOptions,
  blocked,
  busy,
  type Fault,
  invalidClient,
  loseAnswer,
  oauthFailure,
  serverError,
  withExpiresIn,
} from '@authflight/testing'
import type { Cause } from '../../src/verdicts/verdict.ts'
import { signIn, type Stand } from './stand.ts'

export interface Case {
  readonly name: string
  /** What the headline must name. */
  readonly cause: Cause
  /** The headline, with times as `TIME` and lengths as `LENGTH`. */
  readonly sentence: string
  readonly server?: AuthServerOptions
  readonly play: (stand: Stand) => Promise<void>
}

const withoutReason = {
  cause: 'no_reason_given',
  sentence:
    'Account 1 was signed out in Tab A at TIME: the server no longer accepts this session and does not say why: expired, revoked or used elsewhere. The server answered invalid_grant (400).',
} as const

/** Of two tabs on one store one signs out, and the other follows. */
async function signOutBeside(
  { server, openTab, newStore }: Stand,
  first: { readonly silent?: true } = {},
): Promise<void> {
  const store = await newStore()
  const one = await openTab({ store, ...first })
  await signIn(one, server)
  const two = await openTab({ store })
  await two.getSession()
  const followed = ended(two)
  await one.signOut()
  await followed
}

/** Somebody who is signed in refreshes once, and meets the fault. */
const refreshUnder =
  (fault: Fault, tab?: Parameters<Stand['openTab']>[0]): Case['play'] =>
  async ({ server, openTab }) => {
    const auth = await openTab(tab)
    await signIn(auth, server)
    server.faults.next(fault)
    await auth.refreshSession()
  }

/** A session whose clock is an hour ahead after its sign-in, and who asks for it then. */
async function setAhead({ server, openTab, becomePage }: Stand) {
  const page = becomePage()
  const auth = await openTab()
  await signIn(auth, server)
  page.moveClock(3_600_000)
  await auth.getSession()
  return auth
}

/** As Keycloak tells how long its refresh tokens live; seconds. */
const withRefreshExpiresIn = (seconds: number): Fault =>
  alterAnswer((body) => ({ ...body, refresh_expires_in: seconds }))

const hadExpired =
  'Account 1 was signed out in Tab A at TIME: the session had expired. Its refresh token had been dead for LENGTH. The server answered invalid_grant (400).'

const wasAhead =
  'Generation 1 was dead to this device’s clock LENGTH before its time: the clock was moved, or the machine slept. Refresh #1 put it right, and nobody was signed out.'

export const cases: readonly Case[] = [
  {
    name: 'healthy-storm',
    cause: 'healthy',
    sentence: 'All is well: 1 refresh served 100 callers in LENGTH and saved 99 token requests. Generation 1 → 2.',
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      const gate = server.hold()
      const calls = Promise.all(Array.from({ length: 100 }, () => auth.refreshSession()))
      await gate.arrived
      gate.release()
      await calls
    },
  },
  {
    name: 'signed-out-here',
    cause: 'signed_out_here',
    sentence: 'Account 1 signed out in Tab A at TIME. Tab B followed.',
    play: (stand) => signOutBeside(stand),
  },
  {
    name: 'signed-out-during-refresh',
    cause: 'signed_out_during_refresh',
    sentence:
      'Account 1 signed out in Tab A while refresh #1 was under way. Its new tokens were discarded and revoked.',
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      const gate = server.hold({ when: 'after' })
      const refresh = auth.refreshSession()
      await gate.arrived
      await auth.signOut()
      gate.release()
      await refresh
      await settled(() => server.count('revocation') === 2)
    },
  },
  {
    name: 'signed-out-before-a-refresh-sent-anything',
    cause: 'signed_out_during_refresh',
    sentence: 'Account 1 signed out in Tab A while refresh #1 was under way. Nothing had been sent.',
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      const refresh = auth.refreshSession()
      await auth.signOut()
      await refresh
    },
  },
  {
    name: 'replaced-during-refresh',
    cause: 'replaced',
    sentence:
      'Another sign-in took the place of Account 1 in Tab A. Refresh #1 was under way; its result was discarded.',
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      const gate = server.hold({ when: 'after', grant: 'refresh_token' })
      const refresh = auth.refreshSession()
      await gate.arrived
      await signIn(auth, server, 'grace')
      gate.release()
      await refresh
    },
  },
  {
    name: 'reuse-by-a-copied-tab',
    cause: 'reuse_elsewhere',
    sentence:
      'Account 1 was signed out in Tab B at TIME: Tab B presented generation 1 again after Tab A had rotated it. The server answered invalid_grant (400). Each held a claim: they do not share a store.',
    async play({ server, openTab, newStore, copyStore }) {
      const store = await newStore()
      const one = await openTab({ store })
      await signIn(one, server)
      const two = await openTab({ store: await copyStore(store) })
      await two.getSession()
      await one.refreshSession()
      await two.refreshSession()
    },
  },
  {
    name: 'reuse-named-by-the-server',
    cause: 'reuse',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the server says that a used refresh token came again. Who used it first was not recorded here.',
    play: refreshUnder(oauthFailure('refresh_token_already_used'), {
      terminal: { refresh_token_already_used: 'reuse' },
    }),
  },
  {
    name: 'answer-lost-then-refused',
    cause: 'own_retry',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the answer to refresh #1 was lost (network). Tab A presented generation 1 again when nothing else was left to try, and the server refused it: it had most likely rotated it the first time.',
    async play({ server, openTab }) {
      const auth = await openTab()
      server.faults.next(withExpiresIn(0.001))
      await signIn(auth, server)
      server.faults.next(loseAnswer())
      await auth.refreshSession()
      await auth.refreshSession()
    },
  },
  {
    name: 'answer-lost',
    cause: 'answer_lost',
    sentence:
      'The answer to refresh #1 never came: the network broke after the token was sent, or the server could not be reached. Whether it rotated is unknown. Account 1 stays signed in.',
    play: refreshUnder(loseAnswer()),
  },
  {
    name: 'busy-server',
    cause: 'rate_limited',
    sentence: 'Refresh #1 failed: the server asked to come later (HTTP 429). Account 1 stays signed in.',
    play: refreshUnder(busy()),
  },
  {
    name: 'html-403',
    cause: 'blocked',
    sentence:
      "Refresh #1 was answered by something in between: HTTP 403 that is none of an authorization server's, as from a proxy, a firewall or a sign-in page of the network. Account 1 stays signed in.",
    play: refreshUnder(blocked()),
  },
  {
    name: 'no-answer',
    cause: 'timeout',
    sentence: 'Refresh #1 failed: no answer within LENGTH. Account 1 stays signed in.',
    async play({ server, openTab }) {
      const auth = await openTab({ requestLimit: 1_000 })
      await signIn(auth, server)
      const gate = server.hold({ grant: 'refresh_token' })
      await auth.refreshSession()
      gate.release()
    },
  },
  {
    name: 'offline',
    cause: 'offline',
    sentence: 'Refresh #1 failed: this device was offline. Account 1 stays signed in; the next refresh tries again.',
    async play({ server, openTab, becomePage }) {
      const page = becomePage()
      const auth = await openTab()
      await signIn(auth, server)
      page.goOffline()
      await auth.refreshSession()
    },
  },
  {
    name: 'clock-ahead',
    cause: 'clock',
    sentence: wasAhead,
    async play(stand) {
      await setAhead(stand)
    },
  },
  {
    name: 'clock-ahead-and-a-refresh-after-it',
    cause: 'clock',
    sentence: wasAhead,
    async play(stand) {
      const auth = await setAhead(stand)
      await auth.refreshSession()
    },
  },
  {
    name: 'clock-behind',
    cause: 'clock',
    sentence:
      'Generation 1 was still good to this device’s clock LENGTH after its time: the clock had been set back. Refresh #1 put it right, and nobody was signed out.',
    async play({ server, openTab, becomePage }) {
      const page = becomePage()
      const auth = await openTab()
      server.faults.next(withExpiresIn(0.001))
      await signIn(auth, server)
      page.moveClock(-3_600_000)
      server.expireAccessTokens()
      await auth.getUser()
    },
  },
  {
    name: 'refused-after-a-sleep',
    cause: 'asleep',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the page had been away for 10 min, and after that the server no longer accepted the session. It does not say why; most likely it expired meanwhile.',
    async play({ server, openTab, becomePage }) {
      const page = becomePage()
      const auth = await openTab()
      await signIn(auth, server)
      server.revokeSessions()
      page.sleep(600_000)
      await auth.refreshSession()
    },
  },
  {
    name: 'error-without-a-meaning',
    cause: 'failed',
    sentence:
      'Refresh #1 failed: the server answered with invalid_request (HTTP 400), which does not end a session. Account 1 stays signed in.',
    play: refreshUnder(oauthFailure('invalid_request')),
  },
  {
    name: 'server-error',
    cause: 'server_error',
    sentence: 'Refresh #1 failed: the server answered HTTP 500. Account 1 stays signed in.',
    play: refreshUnder(serverError()),
  },
  {
    name: 'unknown-client',
    cause: 'configuration',
    sentence: 'Refresh #1 failed: the server does not accept this client (invalid_client). Account 1 stays signed in.',
    play: refreshUnder(invalidClient()),
  },
  {
    name: 'user-wanted',
    cause: 'failed',
    sentence:
      'Refresh #1 failed: the server wants to ask the user first (interaction_required). Account 1 stays signed in.',
    play: refreshUnder(oauthFailure('interaction_required')),
  },
  {
    name: 'storage-cleared',
    cause: 'storage_cleared',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the stored session had been removed, and not by a sign-out. Site data was cleared, or other code deleted it.',
    async play({ server, openTab, newStore }) {
      const store = await newStore()
      const auth = await openTab({ store })
      await signIn(auth, server)
      await store.transact({ keys: [], prefixes: [''] }, (view) => view.list('').forEach(([key]) => view.delete(key)))
      await auth.refreshSession()
    },
  },
  {
    name: 'storage-failing',
    cause: 'storage_unavailable',
    sentence: "Refresh #1 failed: the browser's storage failed. Account 1 stays signed in.",
    async play({ server, openTab, newStore }) {
      const store = await newStore()
      let isBroken = false
      const transact: typeof store.transact = (...given) =>
        isBroken ? Promise.reject(new DOMException('Broken by the test.', 'UnknownError')) : store.transact(...given)
      const auth = await openTab({ store: { ...store, transact } })
      await signIn(auth, server)
      isBroken = true
      await auth.refreshSession()
      isBroken = false
    },
  },
  {
    name: 'key-lost',
    cause: 'key_lost',
    sentence:
      'Account 1 was signed out in Tab B at TIME: the key of its tokens was gone from the store. No server was asked.',
    async play({ server, openTab, newStore }) {
      const store = await newStore()
      const one = await openTab({ store, dpop: true })
      server.faults.next(alterAnswer((body) => ({ ...body, token_type: 'DPoP' })))
      await signIn(one, server)
      one.dispose()
      // What a copy by way of JSON leaves of a key.
      await store.transact({ keys: [], prefixes: ['slot:'] }, (view) =>
        view.list('slot:').forEach(([key, value]) => view.put(key, JSON.parse(JSON.stringify(value)) as object)),
      )
      const two = await openTab({ store, dpop: true })
      await two.getSession()
      await two.refreshSession()
    },
  },
  {
    name: 'refused-without-a-reason',
    ...withoutReason,
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      server.revokeSessions()
      await auth.refreshSession()
    },
  },
  {
    name: 'refused-while-another-tab-waited',
    ...withoutReason,
    async play({ server, openTab, newStore }) {
      const store = await newStore()
      const one = await openTab({ store })
      await signIn(one, server)
      const two = await openTab({ store })
      await two.getSession()
      server.revokeSessions()
      const gate = server.hold({ when: 'after' })
      const refreshes = [one.refreshSession()]
      await gate.arrived
      refreshes.push(two.refreshSession())
      gate.release()
      await Promise.all(refreshes)
    },
  },
  {
    name: 'refresh-token-expired',
    cause: 'expired',
    sentence: hadExpired,
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      server.faults.next(withRefreshExpiresIn(0.001))
      await auth.refreshSession()
      server.expireRefreshTokens()
      await auth.refreshSession()
    },
  },
  {
    name: 'refresh-token-expired-before-any-refresh',
    cause: 'expired',
    sentence: hadExpired,
    async play({ server, openTab }) {
      const auth = await openTab()
      server.faults.next(withRefreshExpiresIn(0.001))
      await signIn(auth, server)
      server.expireRefreshTokens()
      await auth.refreshSession()
    },
  },
  {
    name: 'refused-before-its-told-end',
    cause: 'no_reason_given',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the server no longer accepts this session and does not say why: revoked or used elsewhere; the lifetime that it had told was not over. The server answered invalid_grant (400).',
    async play({ server, openTab }) {
      const auth = await openTab()
      server.faults.next(withRefreshExpiresIn(3_600))
      await signIn(auth, server)
      server.revokeSessions()
      await auth.refreshSession()
    },
  },
  {
    name: 'revoked-by-name',
    cause: 'revoked',
    sentence:
      'Account 1 was signed out in Tab A at TIME: the server revoked the session. The server answered _OTHER (400).',
    play: refreshUnder(oauthFailure('session_revoked'), { terminal: { session_revoked: 'revoked' } }),
  },
  {
    name: 'app-signs-out-on-an-error',
    cause: 'app_error_handling',
    sentence:
      "Account 1 was signed out in Tab A at TIME, LENGTH after refresh #1 failed (server error). The client had kept the session: most likely the app's error handling signed out.",
    async play({ server, openTab }) {
      const auth = await openTab()
      await signIn(auth, server)
      server.faults.next(serverError())
      const { error } = await auth.refreshSession()
      if (error) await auth.signOut()
    },
  },
  {
    name: 'signed-out-where-nothing-is-recorded',
    cause: 'signed_out_elsewhere',
    sentence: 'Account 1 was signed out in Tab A at TIME: somebody signed out in another tab, which told nothing here.',
    play: (stand) => signOutBeside(stand, { silent: true }),
  },
  {
    name: 'reuse-that-one-side-recorded',
    ...withoutReason,
    async play({ server, openTab, newStore, copyStore }) {
      const store = await newStore()
      const one = await openTab({ store, silent: true })
      await signIn(one, server)
      const two = await openTab({ store: await copyStore(store) })
      await two.getSession()
      await one.refreshSession()
      await two.refreshSession()
    },
  },
  {
    name: 'two-incidents-at-once',
    cause: 'reuse_elsewhere',
    sentence:
      'Account 1 was signed out in Tab B at TIME: Tab B presented generation 1 again after Tab A had rotated it. The server answered invalid_grant (400). Each held a claim: they do not share a store.',
    async play({ server, openTab, newStore, copyStore }) {
      const store = await newStore()
      const one = await openTab({ store })
      await signIn(one, server)
      const two = await openTab({ store: await copyStore(store) })
      await two.getSession()
      const other = await openTab()
      await signIn(other, server, 'grace')
      server.faults.always(busy(), { user: 'grace' })
      await one.refreshSession()
      await Promise.all([two.refreshSession(), other.refreshSession()])
    },
  },
]

function ended(auth: Awaited<ReturnType<Stand['openTab']>>): Promise<void> {
  return new Promise((done) => {
    auth.onAuthStateChange((event) => void (event === 'SIGNED_OUT' && done()))
  })
}

async function settled(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((done) => setImmediate(done))
}
