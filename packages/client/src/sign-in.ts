import type { Held } from './accounts.ts'
import { claimPrefix, forgetClaims } from './claim.ts'
import { AuthError, AuthRefreshDiscardedError, AuthRetryableFetchError, isAuthError } from './errors.ts'
import type { Parts } from './parts.ts'
import { present, quietFetch } from './present.ts'
import type { Callback, Departing } from './providers/provider.ts'
import { revoke } from './revocation.ts'
import { SingleFlight } from './single-flight.ts'
import {
  attemptPrefix,
  bury,
  firstRevision,
  parseSlot,
  readShown,
  shownKey,
  slotKey,
  type SlotRecord,
  slotPrefix,
  tombstonePrefix,
} from './slot.ts'
import type { Store } from './storage/store.ts'

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
}

export interface SignIns {
  /** Notes a sign-in that leaves the page, and tells where to go. */
  begin(request: object, returnTo: string): Promise<string>
  /** Finishes a sign-in that has come back; null where this address is none of ours. Shared by all who ask at once. */
  complete(url: URL, shown: Held | null): Promise<SignedIn | null>
}

type Committed =
  | { readonly isWanted: true; readonly slot: SlotRecord; readonly replaced: readonly Held[] }
  /** A sign-out came first. `isTaken`: the same account has signed in again since. */
  | { readonly isWanted: false; readonly isTaken: boolean }

interface Exchange {
  readonly landing: Promise<SignedIn | null>
}

/** A code is good for one use, whoever asks that keeps its sessions in the same store; others begin their own sign-ins. */
const exchanges = new WeakMap<Store, SingleFlight<Exchange>>()

function exchangesOf(store: Store): SingleFlight<Exchange> {
  const known = exchanges.get(store) ?? new SingleFlight<Exchange>()
  exchanges.set(store, known)
  return known
}

export function createSignIns(parts: Parts): SignIns {
  const { store, name, provider, realm, clock, tabs, telemetry, requestLimit } = parts
  const shownAt = shownKey(name)
  const attempts = attemptPrefix(name)

  async function begin(request: object, returnTo: string): Promise<string> {
    // A marker before anything is awaited of the provider: a sign-out from now on ends this sign-in too.
    const marker = `${attempts}begun:${realm.secret()}`
    const begun = clock.now()
    await store.transact({ keys: [], prefixes: [attempts, claimPrefix] }, (view) => {
      forgetClaims(view, begun)
      for (const [key, attempt] of view.list(attempts)) {
        if (clock.now() - ((attempt as Attempt | null)?.begun ?? 0) > attemptLife) view.delete(key)
      }
      view.put(marker, { v: 1, begun, keep: null, returnTo } satisfies Attempt)
    })
    try {
      const departing = await depart(request)
      const at = attempts + departing.state
      const stands = await store.transact({ keys: [marker, at] }, (view) => {
        if (view.get(marker) === undefined) return false
        view.put(at, { v: 1, begun, keep: departing.keep, returnTo } satisfies Attempt)
        return true
      })
      if (stands) return departing.url
      throw new AuthError(
        'attempt_superseded',
        'A sign-out came while this sign-in was being prepared. Sign in again if that was meant.',
      )
    } finally {
      void store.transact({ keys: [marker] }, (view) => view.delete(marker)).catch(() => {})
    }
  }

  /** A provider of the app's own may throw anything; only an error of ours is told. */
  async function depart(request: object): Promise<Departing> {
    const abort = new AbortController()
    const cancel = clock.after(requestLimit, () => abort.abort())
    try {
      return await provider.signIn(request as never, { fetch: quietFetch(realm), signal: abort.signal })
    } catch (error) {
      if (isAuthError(error)) throw error
      throw new AuthError(
        'sign_in_failed',
        'The provider could not prepare the sign-in. Check its `signIn`, and the network.',
      )
    } finally {
      cancel()
    }
  }

  function complete(url: URL, shown: Held | null): Promise<SignedIn | null> {
    const callback = provider.readCallback(url)
    if (!callback) return Promise.resolve(null)
    const start = () => ({ landing: exchange(url, callback, shown) })
    return exchangesOf(parts.place).join(attempts + callback.state, start).flight.landing
  }

  async function exchange(url: URL, callback: Callback, shown: Held | null): Promise<SignedIn | null> {
    const at = attempts + callback.state
    // Taken once: a reload of the callback, or a second tab on it, finds no verifier.
    const { attempt, isOthers } = await store.transact({ keys: [], prefixes: ['attempt:'] }, (view) => {
      const found = view.get(at) as Attempt | undefined
      if (found) view.put(at, { ...found, keep: null } satisfies Attempt)
      return { attempt: found, isOthers: view.list('attempt:').some(([key]) => key.endsWith(`:${callback.state}`)) }
    })
    // It may be for a client of another name, or for somebody else on this page who also goes by `code` and `state`.
    if (!attempt && (isOthers || !callback.certain)) return null
    if (!attempt?.keep) throw unknownCallback()
    const { keep } = attempt
    const presented = await present(
      { realm, telemetry, provider, limit: requestLimit, confirm: async () => true },
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
    const commit = (): Promise<Committed> =>
      store.transact({ keys: [at, shownAt], prefixes: [slotPrefix(name), tombstonePrefix(name)] }, (view) => {
        const again = parseSlot(view.get(key))
        if (view.get(at) === undefined) return { isWanted: false, isTaken: again !== null } as const
        // Whom this client shows, whom the store says was shown last, and this account itself: one sign-in replaces them all.
        const places = new Set(
          [shown?.key, readShown(view.get(shownAt)), key].filter((place) => typeof place === 'string'),
        )
        const replaced = [...places].flatMap((place) => {
          const slot = parseSlot(view.get(place))
          if (slot) bury(view, place, name, slot, 'replaced', clock.now())
          return slot ? [{ key: place, slot }] : []
        })
        const slot = firstRevision(realm, tokens, again?.display.account ?? null)
        view.put(key, slot)
        view.put(shownAt, { v: 1, slot: key })
        view.delete(at)
        return { isWanted: true, slot, replaced } as const
      })
    const committed = await commit().catch((error: unknown) => {
      // Nobody can hold these tokens now, so nobody else should.
      if (tokens.refreshToken !== null) void revoke(parts, tokens.refreshToken)
      throw error
    })
    if (!committed.isWanted) {
      // Revoking can end the whole grant, so it is left where the same account has signed in again since.
      const unwanted = committed.isTaken ? null : tokens.refreshToken
      if (unwanted !== null) void revoke(parts, unwanted)
      throw new AuthRefreshDiscardedError('signed_out')
    }
    tabs.announce()
    for (const { key: place, slot } of committed.replaced) {
      if (place !== key && slot.tokens.refresh) void revoke(parts, slot.tokens.refresh)
    }
    return { key, slot: committed.slot, returnTo: attempt.returnTo }
  }

  /** The same person with the same client and scopes is the same account; a random id where no subject is known. */
  async function accountId(subject: string | null): Promise<string> {
    if (subject === null) return realm.secret()
    const identity = JSON.stringify([provider.authority, provider.clientId, provider.audience, subject])
    return realm.digest(identity)
  }

  return { begin, complete }
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
