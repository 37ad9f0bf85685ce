import { type AuthClient, type AuthRecord, createAuthClient, recorderHook } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'

/** What a test asks of the page in a tab. */
export interface Tab {
  readonly auth: AuthClient
  /** `SIGNED_OUT` events so far, by their reasons. */
  readonly signedOut: (string | null)[]
  /** Whether the page has come back from the back-forward cache. */
  wasRestored: boolean
  readonly records: () => readonly AuthRecord[]
  /** How many transactions of its database are under way. */
  readonly transactions: () => number
  /** Sets how far the page's clock is ahead of the machine's, milliseconds. */
  passTime(ms: number): void
  /** Asks for the access token at an instant of the machine's clock, epoch milliseconds; null without a good one. */
  askAt(instant: number): Promise<string | null>
}

declare global {
  interface Window {
    tab: Tab
  }
}

let passed = 0
const { now } = Date
Date.now = () => now() + passed

/** Milliseconds, in the page's address. */
const { patience = 10_000, requestLimit = 60_000 } = Object.fromEntries(
  [...new URLSearchParams(location.search)].map(([name, ms]) => [name, Number(ms)]),
)
const provider = oauth({ issuer: location.origin, clientId: 'spa', redirectUri: location.origin + location.pathname })
const auth = createAuthClient({ provider, autoRefresh: 'off', patience, requestLimit })

const signedOut: Tab['signedOut'] = []
auth.onAuthStateChange((event, _session, { reason }) => {
  if (event === 'SIGNED_OUT') signedOut.push(reason ?? null)
})
const records: AuthRecord[] = []
recorderHook().subscribe((source) => {
  records.push(...source.snapshot())
  source.subscribe((record) => records.push(record))
})

const transactions = new Set<IDBTransaction>()
const { transaction } = IDBDatabase.prototype
IDBDatabase.prototype.transaction = function (...words) {
  const begun = transaction.apply(this, words)
  transactions.add(begun)
  for (const end of ['complete', 'abort']) begun.addEventListener(end, () => transactions.delete(begun))
  return begun
}

window.tab = {
  auth,
  signedOut,
  wasRestored: false,
  records: () => records,
  transactions: () => transactions.size,
  passTime: (ms) => void (passed = ms),
  async askAt(instant) {
    await new Promise((resolve) => setTimeout(resolve, instant - now() - 5))
    // A timer is late by milliseconds; all tabs are to ask in the same one.
    while (now() < instant);
    const { data, error } = await auth.getSession()
    return error ? null : (data.session?.accessToken ?? null)
  },
}
addEventListener('pageshow', ({ persisted }) => void (window.tab.wasRestored ||= persisted))
