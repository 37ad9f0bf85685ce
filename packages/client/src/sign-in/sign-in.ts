import { judge, type Verdict } from '../providers/answers.ts'
import type { Arrival, Arrivals } from './arrivals.ts'
import type { Attempt, Attempts, Marker } from './attempts.ts'
import type { CallOptions } from '../base/call-options.ts'
import { AuthError, AuthRetryableFetchError, isAuthError } from '../base/errors.ts'
import { leftBecause } from '../refresh/failures.ts'
import { mint } from '../slot/minted.ts'
import { onePer } from '../base/one-per.ts'
import { isLeft } from '../slot/owed.ts'
import type { Parts } from '../slot/parts.ts'
import { askWithin, present } from '../refresh/present.ts'
import type { Answer, Callback, Departing, PlainIo, Return, Waiting } from '../providers/provider.ts'
import { giveBack, tokensOf } from '../refresh/revocation.ts'
import { SingleFlight } from '../refresh/single-flight.ts'
import { attemptPrefix, firstRevision, type Held, type SlotRecord } from '../slot/slot.ts'
import type { Store } from '../storage/store.ts'
import { traceCall } from '../telemetry/calls.ts'
import type { Operation } from '../telemetry/operation.ts'

/** A sign-in that has left the page. */
interface Departed extends Marker {
  /** What the provider needs to finish; null once it was taken. */
  readonly keep: Return['keep'] | null
  readonly returnTo: string
  readonly add: boolean
}

/** What a sign-in wants of the client, beside what it wants of the provider. */
export interface SignInWish {
  readonly returnTo: string
  /** Keeps the account shown before signed in. */
  readonly add: boolean
}

export interface SignedIn extends Arrival {
  readonly returnTo: string
}

/**
 * Errors after which the address stays as it is: nothing was spent, and the same callback finishes the sign-in later; or it only looks
 * like a callback.
 */
export const leavesAddress = new WeakSet<AuthError>()

function leaveAddress(error: AuthError): AuthError {
  leavesAddress.add(error)
  return error
}

/** How a sign-in is put to the provider. */
export type AskToSignIn = (io: PlainIo) => Promise<Departing | Waiting | Answer>

export interface SignIns {
  /**
   * Signs in with what `ask` brings. Where that is to come back later it is noted: gives the address to leave for, or null where there is
   * none.
   */
  begin(ask: AskToSignIn, wish: SignInWish, shown: () => Held | null): Promise<Arrival | string | null>
  /** Finishes a sign-in that has come back; null where this address is none of ours. Shared by all who ask at once, below the `call` of the first. */
  complete(url: URL, shown: () => Held | null, call?: CallOptions): Promise<SignedIn | null>
}

interface Exchange {
  readonly landing: Promise<SignedIn | null>
  /** The client that began it, and is told by its own attempt. */
  readonly owner: Parts
}

/** A code is good for one use, whoever asks that keeps its sessions in the same store; others begin their own sign-ins. */
const exchangesOf = onePer((_store: Store) => new SingleFlight<Exchange>())

export function createSignIns(
  parts: Parts,
  attempts: Attempts,
  arrivals: Arrivals,
  arrived: (arrival: Arrival) => void,
): SignIns {
  const { store, name, provider, realm, telemetry, requestLimit } = parts
  const prefix = attemptPrefix(name)

  const begin: SignIns['begin'] = async (bring, { returnTo, add }, shown) => {
    const { attempt, begun } = await attempts.begin()
    const note = ({ state, keep }: Return): Promise<void> =>
      attempts.advance(attempt, attempt.at, (view) =>
        view.put(prefix + state, { v: 1, begun, keep, returnTo, add } satisfies Departed),
      )
    try {
      const brought = await ask(bring)
      if ('url' in brought) {
        await note(brought)
        return brought.url
      }
      if (brought.kind !== 'waiting') return await land(attempt, begun, brought, add, shown)
      if (brought.back) await note(brought.back)
      return null
    } finally {
      void attempts.abandon(attempt)
    }
  }

  /** A provider of the app's own may throw anything; only an error of ours is told. */
  async function ask(bring: AskToSignIn): Promise<Departing | Waiting | Answer> {
    const settled = await askWithin(realm, requestLimit, bring).catch((error: unknown) => {
      if (isAuthError(error)) throw error
      throw new AuthError(
        'sign_in_failed',
        'The provider could not prepare the sign-in. Check its `signIn`, and the network.',
      )
    })
    if (settled.by === 'value') return settled.value
    throw leftBecause(settled.by)
  }

  /** A session out of what the provider has answered. */
  async function land(
    attempt: Attempt,
    begun: number,
    answer: Answer,
    add: boolean,
    shown: () => Held | null,
  ): Promise<Arrival> {
    const verdict = judge(answer, provider)
    if (verdict.kind !== 'rotated') throw refusal(verdict, 'Try again.')
    const minted = await mint(realm, provider, verdict.tokens)
    return settle(attempt, { ...firstRevision(realm, minted), begun }, add, shown)
  }

  /** What is not stored nobody can hold, so nobody else should. */
  const settle = (attempt: Attempt, slot: SlotRecord, beside: boolean, shown: () => Held | null): Promise<Arrival> =>
    arrivals.settle(attempt, { key: attempt.at, slot }, shown(), {
      beside,
      lost: () => void giveBack(parts, tokensOf(slot), slot.user),
    })

  function complete(url: URL, shown: () => Held | null, call?: CallOptions): Promise<SignedIn | null> {
    const callback = provider.readCallback(url)
    if (!callback) return Promise.resolve(null)
    const told = { 'authflight.sign_in.method': 'callback' } as const
    const finish = (by: Operation): Promise<SignedIn | null> => exchange(by, url, callback, shown)
    const start = (): Exchange => ({
      landing: traceCall(telemetry, 'authflight.sign_in', call, told, finish),
      owner: parts,
    })
    const { owner, landing } = exchangesOf(parts.place).join(prefix + callback.state, start).flight
    if (owner === parts) return landing
    return landing.then((signedIn) => {
      if (signedIn && !isLeft(parts.place, signedIn.slot)) arrived(signedIn)
      return signedIn
    })
  }

  async function exchange(
    by: Operation,
    url: URL,
    callback: Callback,
    shown: () => Held | null,
  ): Promise<SignedIn | null> {
    const attempt = attempts.resume(prefix + callback.state)
    try {
      return await redeem(by, attempt, url, callback, shown)
    } finally {
      attempts.close(attempt)
    }
  }

  async function redeem(
    by: Operation,
    attempt: Attempt,
    url: URL,
    callback: Callback,
    shown: () => Held | null,
  ): Promise<SignedIn | null> {
    const { at } = attempt
    // Taken once: a reload of the callback, or a second tab on it, finds no verifier. Put back only where the code is not spent.
    const { departed, isOthers, isOpen } = await store.transact({ keys: [], prefixes: ['attempt:'] }, (view) => {
      const found = view.get(at) as Departed | undefined
      if (found) view.put(at, { ...found, keep: null } satisfies Departed)
      const isOthers = view.list('attempt:').some(([key]) => key.endsWith(`:${callback.state}`))
      return { departed: found, isOthers, isOpen: view.list(at).some(([, open]) => (open as Departed | null)?.keep) }
    })
    if (callback.error && callback.certain) throw callback.error
    if (callback.error && isOpen) throw leaveAddress(callback.error)
    // It may be for a client of another name, or for somebody else on this page who also goes by `code` and `state`.
    if (!departed && (isOthers || !callback.certain)) return null
    if (!departed?.keep) throw unknownCallback()
    const { keep, begun, returnTo, add } = departed
    const { verdict } = await present(
      { realm, telemetry, provider, parent: by, limit: requestLimit, confirm: async () => true },
      (io) => provider.exchange(url, keep, { ...io, giveBack: (tokens) => void giveBack(parts, tokens, tokens.user) }),
    )
    if (verdict.kind === 'unspent' && mayMend(verdict.error)) {
      await attempts.advance(attempt, at, (view) => view.put(at, departed))
      throw leaveAddress(withoutSession(verdict.error, unfinished))
    }
    if (verdict.kind !== 'rotated') {
      await store.transact({ keys: [at] }, (view) => view.delete(at))
      throw refusal(verdict)
    }
    const slot = { ...firstRevision(realm, verdict.tokens), begun }
    return { ...(await settle(attempt, slot, add, shown)), returnTo }
  }

  return { begin, complete }
}

const refusal = (verdict: Exclude<Verdict, { kind: 'rotated' }>, next = 'Sign in again.'): AuthError =>
  verdict.kind === 'suspect' && verdict.error.code === 'session_ended'
    ? new AuthError(
        'sign_in_failed',
        'The provider did not accept the sign-in: it took too long or was used before. Sign in again.',
      )
    : withoutSession(verdict.error, next)

/** What answers in the place of the provider may be a sign-in page of the network, and the provider was there when this began. */
const mayMend = (error: AuthError): boolean =>
  error instanceof AuthRetryableFetchError || error.code === 'provider_invalid'

const unknownCallback = (): AuthError =>
  new AuthError(
    'callback_unknown',
    'This sign-in was not begun here, was ended by a sign-out, or is finished. Sign in again; if that never works, open the app at the origin that sign-ins come back to (`redirectUri`, `redirectTo`), or allow site data for this page.',
  )

const unfinished = 'Reload this page, or hand its address to handleRedirect(), to finish the sign-in.'

/** The error of a token request speaks of a session that is kept; here there is none yet. */
function withoutSession(error: AuthError, next: string): AuthError {
  if (!(error instanceof AuthRetryableFetchError)) return error
  const message = error.message.replace(/( The session is kept.*)?$/, ` ${next}`)
  return new AuthRetryableFetchError(error.code, message, { status: error.status })
}
