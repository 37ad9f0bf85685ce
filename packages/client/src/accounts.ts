import { claimKey, flightKey } from './claim.ts'
import { AuthError, AuthRetryableFetchError, type DiscardReason, AuthRefreshDiscardedError } from './errors.ts'
import type { Parts } from './parts.ts'
import type { Callback } from './providers/provider.ts'
import { present, quietFetch } from './present.ts'
import { revoke } from './revocation.ts'
import { SingleFlight } from './single-flight.ts'
import type { SignedOutReason } from './session.ts'
import {
  bury,
  find,
  firstRevision,
  parseSlot,
  randomId,
  slotKey,
  type SlotRecord,
  tombstoneKey,
  tombstonePrefix,
} from './slot.ts'

/** The slot of an account, where it is kept. */
export interface Held {
  readonly key: string
  readonly slot: SlotRecord
}

/** A sign-in under way. Its marker shows and ends nothing; the sign-in commits only while the marker is there. */
interface Attempt {
  readonly v: 1
  /** Epoch milliseconds. */
  readonly begun: number
  /** What the provider needs to finish; null once it was taken. */
  readonly keep: Readonly<Record<string, string>> | null
  readonly returnTo: string
}

/** A sign-in that nobody came back from is forgotten after one day. */
const attemptLife = 24 * 60 * 60 * 1_000

export interface SignedIn extends Held {
  readonly returnTo: string
  /** The session that this sign-in took the place of. */
  readonly replaced: SlotRecord | null
}

export interface Accounts {
  /** The account last shown under this name. */
  load(): Promise<Held | null>
  /** What a slot holds now, and why the session held so far is not in it any more, where a tombstone tells. */
  read(held: Held): Promise<{ readonly slot: SlotRecord | null; readonly left: SignedOutReason | null }>
  /** Notes a sign-in that leaves the page, and tells where to go. */
  begin(request: object, returnTo: string): Promise<string>
  /** Finishes a sign-in that has come back; null where this address is none of ours. Shared by all who ask at once. */
  complete(url: URL, shown: Held | null): Promise<SignedIn | null>
  /** Ends a session here and removes all sign-ins under way. What it leaves for the server comes back as a promise. */
  signOut(shown: Held | null): Promise<void>
  /** Ends a session that nothing can keep alive. */
  expire(held: Held): Promise<void>
}

interface Exchange {
  readonly landing: Promise<SignedIn | null>
}

/** A code is good for one use, whoever of this realm asks. */
const exchanges = new SingleFlight<Exchange>()

export function createAccounts(parts: Parts): Accounts {
  const { store, name, clock, tabs, telemetry, requestLimit } = parts
  const provider = parts.provider
  const shownKey = `shown:${name}`
  const attempts = `attempt:${name}:`
  const shownSlot = (value: unknown): string | null => (value as { slot?: string | null } | undefined)?.slot ?? null

  async function load(): Promise<Held | null> {
    let key = await store.transact({ keys: [shownKey] }, (view) => shownSlot(view.get(shownKey)))
    while (key !== null) {
      const wanted: string = key
      const seen = await store.transact({ keys: [shownKey, wanted] }, (view) => ({
        key: shownSlot(view.get(shownKey)),
        slot: parseSlot(view.get(wanted)),
      }))
      // Somebody else was shown in between: what was read belongs to nobody any more.
      if (seen.key === wanted) return seen.slot && { key: wanted, slot: seen.slot }
      key = seen.key
    }
    return null
  }

  async function begin(request: object, returnTo: string): Promise<string> {
    const departing = await provider.signIn(request as never, {
      fetch: quietFetch,
      signal: AbortSignal.timeout(requestLimit),
    })
    const attempt: Attempt = { v: 1, begun: clock.now(), keep: departing.keep, returnTo }
    await store.transact({ keys: [], prefixes: [attempts] }, (view) => {
      for (const [key, value] of view.list(attempts)) {
        if (clock.now() - (value as Attempt).begun > attemptLife) view.delete(key)
      }
      view.put(attempts + departing.state, attempt)
    })
    return departing.url
  }

  function complete(url: URL, shown: Held | null): Promise<SignedIn | null> {
    const callback = provider.readCallback(url)
    if (!callback) return Promise.resolve(null)
    const start = () => ({ landing: exchange(url, callback, shown) })
    return exchanges.join(flightKey(provider, callback.state), start).flight.landing
  }

  async function exchange(url: URL, callback: Callback, shown: Held | null): Promise<SignedIn | null> {
    const at = attempts + callback.state
    // Taken once: a reload of the callback, or a second tab on it, finds no verifier.
    const attempt = await store.transact({ keys: [at] }, (view) => {
      const found = view.get(at) as Attempt | undefined
      if (found) view.put(at, { ...found, keep: null } satisfies Attempt)
      return found ?? null
    })
    // Without a sender it may be for somebody else on this page, who also goes by `code` and `state`.
    if (!attempt && !callback.certain) return null
    if (!attempt?.keep) throw unknownCallback()
    const { keep } = attempt
    const presented = await present(
      { clock, telemetry, provider, limit: requestLimit, confirm: async () => true },
      (io) => provider.exchange(url, keep, io),
    )
    const { verdict } = presented
    if (verdict.kind !== 'rotated') {
      await store.transact({ keys: [at] }, (view) => view.delete(at))
      throw verdict.kind === 'suspect'
        ? new AuthError(
            'sign_in_failed',
            'The provider did not accept the sign-in: it took too long or was used before. Sign in again.',
          )
        : withoutSession(verdict.error)
    }
    const { tokens } = verdict
    const key = slotKey(name, await accountId(tokens.user?.id ?? null))
    const committed = await store.transact(
      { keys: [at, shownKey, key, ...(shown ? [shown.key] : [])], prefixes: [tombstonePrefix(name)] },
      (view) => {
        if (view.get(at) === undefined) return { kind: 'discard', reason: 'signed_out' as DiscardReason } as const
        const now = clock.now()
        const before = shown && parseSlot(view.get(shown.key))
        if (shown && before) bury(view, shown.key, name, before, 'replaced', now)
        const same = key === shown?.key ? null : parseSlot(view.get(key))
        if (same) bury(view, key, name, same, 'replaced', now)
        const account = (key === shown?.key ? before : same)?.display.account ?? null
        const slot = firstRevision(tokens, randomId(), account, now)
        view.put(key, slot)
        view.put(shownKey, { v: 1, slot: key })
        view.delete(at)
        return { kind: 'commit', slot, before } as const
      },
    )
    if (committed.kind === 'discard') {
      if (tokens.refreshToken !== null) void revoke(provider, tokens.refreshToken, clock, requestLimit)
      throw new AuthRefreshDiscardedError(committed.reason)
    }
    tabs.announce()
    const { slot, before } = committed
    // Revoking an earlier session of the same account can end the whole grant, the new one with it.
    if (before?.tokens.refresh && key !== shown?.key) void revoke(provider, before.tokens.refresh, clock, requestLimit)
    return { key, slot, replaced: before, returnTo: attempt.returnTo }
  }

  /** The same person with the same client and scopes is the same account; a random id where no subject is known. */
  async function accountId(subject: string | null): Promise<string> {
    if (subject === null) return randomId()
    const identity = JSON.stringify([provider.authority, provider.clientId, provider.audience, subject])
    return (await claimKey(identity)).slice('claim:'.length)
  }

  async function signOut(shown: Held | null): Promise<void> {
    const claim = shown && (await claimKey(flightKey(provider, shown.slot.tokens.refresh ?? '')))
    const ended = await store.transact(
      {
        keys: [shownKey, ...(shown ? [shown.key] : []), ...(claim ? [claim] : [])],
        prefixes: [attempts, tombstonePrefix(name)],
      },
      (view) => {
        for (const [key] of view.list(attempts)) view.delete(key)
        const slot = shown && parseSlot(view.get(shown.key))
        if (!shown || !slot) return null
        bury(view, shown.key, name, slot, 'user', clock.now())
        // A refresh that has not left yet finds its claim gone, and does not leave.
        if (claim) view.delete(claim)
        if (shownSlot(view.get(shownKey)) === shown.key) view.put(shownKey, { v: 1, slot: null })
        return slot
      },
    )
    tabs.announce()
    if (ended?.tokens.refresh) void revoke(provider, ended.tokens.refresh, clock, requestLimit)
  }

  async function expire({ key, slot }: Held): Promise<void> {
    await store.transact({ keys: [key], prefixes: [tombstonePrefix(name)] }, (view) => {
      const current = parseSlot(view.get(key))
      if (current?.sessionId !== slot.sessionId || current.revision !== slot.revision) return
      bury(view, key, name, current, 'expired', clock.now())
    })
    tabs.announce()
  }

  return {
    load,
    read: ({ key, slot }) =>
      store.transact({ keys: [key, tombstoneKey(name, slot.sessionId)] }, (view) => ({
        slot: parseSlot(view.get(key)),
        left: find(view, key, name, slot.sessionId).left,
      })),
    begin,
    complete,
    signOut,
    expire,
  }
}

const unknownCallback = (): AuthError =>
  new AuthError(
    'callback_unknown',
    'This sign-in was not begun here, was ended by a sign-out, or was finished already. If nobody is signed in, sign in again; ' +
      'if that happens every time, this browser does not keep data for this page.',
  )

/** The error of a token request speaks of a session that is kept; here there is none yet. */
function withoutSession(error: AuthError): AuthError {
  if (!(error instanceof AuthRetryableFetchError)) return error
  const message = error.message.replace(' The session is kept.', ' Sign in again.')
  return new AuthRetryableFetchError(error.code, message, { status: error.status })
}
