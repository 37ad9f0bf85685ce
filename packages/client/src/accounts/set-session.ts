import { isSendable, judge, type Verdict } from '../providers/answers.ts'
import type { Arrival, Arrivals } from '../sign-in/arrivals.ts'
import type { Attempt, Attempts } from '../sign-in/attempts.ts'
import { AuthError, AuthRefreshDiscardedError } from '../base/errors.ts'
import { leftBecause, sessionOver } from '../refresh/failures.ts'
import { knows } from '../slot/handed-over.ts'
import { identityOf, type Minted, mint } from '../slot/minted.ts'
import { isLeft, newest, slotsIn } from '../slot/owed.ts'
import type { Outcome, Parts } from '../slot/parts.ts'
import type { TokenSet } from '../providers/provider.ts'
import type { Refresher } from '../refresh/refresh.ts'
import { isAlive, type Lifespan } from '../base/schedule.ts'
import { copyUser, type User } from '../base/session.ts'
import {
  attemptPrefix,
  firstRevision,
  type Held,
  shortened,
  slotPrefix,
  type SlotRecord,
  timesOf,
  toSession,
  withUser,
} from '../slot/slot.ts'
import type { View } from '../storage/store.ts'
import { leftWith, tombstonePrefix } from '../slot/tombstone.ts'
import { askFor } from './user.ts'

/** A session as it is handed over: what `exportSession` gives and `setSession` takes. It holds the refresh token. */
export interface SessionTokens {
  readonly accessToken: string
  /** Null or absent: the session ends with its access token. */
  readonly refreshToken?: string | null
  /** Default `bearer`. */
  readonly tokenType?: 'bearer' | 'dpop'
  /** What the tokens are bound to (RFC 9449). It can be handed over by `postMessage`, not as text. */
  readonly key?: CryptoKeyPair | undefined
  /** When the access token dies, epoch milliseconds. Default: what the token itself tells (`exp`), else good until a 401. */
  readonly expiresAt?: number | null
  readonly scopes?: readonly string[]
  /**
   * Whose session it is, where that is known. Default: the provider is asked, and it is null where that does not tell. An access token without
   * a refresh token is refused where the provider does not take it, as one for an API alone may be: give the user with it.
   */
  readonly user?: User | null
}

/** What the refresh token of a new session means to what is stored. */
type Known =
  | { readonly kind: 'held'; readonly held: Held }
  /** Somebody else is on the way with the same token, or was when a tab died. */
  | { readonly kind: 'attempt'; readonly held: Held }
  | { readonly kind: 'left'; readonly error: AuthError }
  | { readonly kind: 'new'; readonly held: Held }

export interface SetSessions {
  /** Takes tokens from outside. Nothing changes until it succeeds. @throws {AuthError} */
  set(tokens: SessionTokens, beside: boolean, shown: () => Held | null): Promise<Arrival>
}

export function createSetSessions(
  parts: Parts,
  attempts: Attempts,
  arrivals: Arrivals,
  refresher: Refresher,
): SetSessions {
  const { store, place, name, provider, realm, clock, telemetry } = parts
  const prefix = attemptPrefix(name)
  const whoIs = provider.user?.bind(provider)

  async function set(given: SessionTokens, beside: boolean, shown: () => Held | null): Promise<Arrival> {
    const tokens = check(given)
    // The marker comes first: a sign-out from now on ends this attempt.
    const { attempt, begun } = await attempts.begin()
    try {
      const minted = await mint(realm, provider, tokens)
      for (;;) {
        const known = await recognize(attempt, begun, minted, given)
        if (known.kind === 'left') throw known.error
        if (known.kind === 'held') return await arrivals.adopt(attempt, known.held, shown(), beside)
        const { key } = known.held
        try {
          const slot = await complete(attempt, known.held)
          return await arrivals.settle(attempt, { key, slot }, shown(), { beside, mayBeHere: true })
        } catch (error) {
          // Whoever was on the way with the same token may have come first: then its session is found. A sign-out is found too.
          if (!(error instanceof AuthRefreshDiscardedError)) throw error
        }
      }
    } finally {
      void attempts.abandon(attempt)
    }
  }

  function recognize(attempt: Attempt, begun: number, minted: Minted, given: SessionTokens): Promise<Known> {
    const { at } = attempt
    const scope = { keys: [at], prefixes: [slotPrefix(name), prefix, tombstonePrefix(name)] }
    return store.transact(scope, (view): Known => {
      const known = minted.digest === null ? null : find(view, minted.digest)
      if (known && known.kind !== 'attempt') return known
      if (view.get(at) === undefined || attempt.isLeft) return signedOut()
      if (known) return known
      const slot = { ...firstRevision(realm, minted), begun }
      const life = lifeOf(given, clock.now())
      const held = { key: at, slot: { ...slot, tokens: { ...slot.tokens, ...life } } }
      view.put(at, held.slot)
      return { kind: 'new', held }
    })
  }

  function find(view: View, digest: string): Known | null {
    const within = (at: string): Held | undefined => slotsIn(place, view, at).find((held) => knows(digest, held))
    const held = within(slotPrefix(name))
    // Signed out, and not deleted yet.
    if (held && isLeft(place, held.slot)) return signedOut()
    if (held) return { kind: 'held', held }
    const left = leftWith(view, name, [shortened(digest)])
    if (left === 'user' || left === 'replaced') return signedOut()
    if (left) return { kind: 'left', error: sessionOver() }
    const attempt = within(prefix)
    if (!attempt) return null
    // What it was renewed to on the way may be here, though nobody here knows of the token that was given.
    const { digest: now } = attempt.slot
    return (now !== null && now !== digest && find(view, now)) || { kind: 'attempt', held: attempt }
  }

  /** An attempt with a living access token and, where the provider can tell, with its user. */
  const complete = async (attempt: Attempt, { key, slot }: Held): Promise<SlotRecord> =>
    isAlive(slot.tokens, clock.now())
      ? learnUser(attempt, key, slot)
      : learnUser(attempt, key, await refresh(key, slot, null), 'renewed')

  async function learnUser(attempt: Attempt, key: string, slot: SlotRecord, isNew?: 'renewed'): Promise<SlotRecord> {
    if (slot.user || !whoIs) return slot
    const told = await askFor(parts, toSession(slot), whoIs)
    if (told.kind === 'user') return keepUser(attempt, key, slot, told.user)
    const verdict = judge(told, provider) as Exclude<Verdict, { kind: 'rotated' }>
    // A dead token is 401 (RFC 6750 3.1), and 400 at servers that mean it no better.
    const isDoubted = verdict.kind === 'suspect' || ('status' in told && (told.status === 401 || told.status === 400))
    if (isDoubted && !isNew) {
      if (slot.tokens.refresh === null) throw notTaken()
      return learnUser(attempt, key, await refresh(key, slot, slot), 'renewed')
    }
    // The token is no worse for that: it may be for an API alone (OpenID Connect Core 1.0, 5.3).
    if (verdict.errorType === 'malformed_response') return slot
    throw verdict.error
  }

  async function keepUser(attempt: Attempt, key: string, slot: SlotRecord, user: User | null): Promise<SlotRecord> {
    if (!user) return slot
    const identity = await identityOf(realm, provider, user)
    return attempts.advance(attempt, key, (view) => {
      const known = withUser(newest(place, key, view.get(key)) ?? slot, user, identity, provider.tellsWholeUsers)
      view.put(key, known)
      return known
    })
  }

  /** The attempt's own flight: claimed, guarded and shared as any other. */
  async function refresh(key: string, slot: SlotRecord, refused: SlotRecord | null): Promise<SlotRecord> {
    if (slot.tokens.refresh === null) throw sessionOver()
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      const ask = {
        trigger: 'set_session',
        caller: telemetry.callerContext(),
        refused,
        deadline: Infinity,
        signal: undefined,
      } as const
      refresher.join(key, slot, ask, (settled) => {
        if (settled.by === 'value') resolve(settled.value)
        else reject(leftBecause(settled.by))
      })
    })
    if ('slot' in outcome) return outcome.slot
    throw outcome.kind === 'discarded' ? new AuthRefreshDiscardedError(outcome.reason) : outcome.error
  }

  return { set }
}

const notTaken = (): AuthError =>
  new AuthError(
    'session_ended',
    'The server does not take this access token. It is over, or for an API alone: give its `user` as well then.',
  )

const signedOut = (): Known => ({ kind: 'left', error: new AuthRefreshDiscardedError('signed_out') })

/** @throws {AuthError} `invalid_option`: nothing is made of tokens that cannot be right. */
function check(given: SessionTokens): TokenSet {
  const {
    accessToken,
    refreshToken = null,
    tokenType = 'bearer',
    scopes = null,
    user = null,
    key,
    expiresAt,
  } = given ?? {}
  if (!isSendable(accessToken) || (refreshToken !== null && !isSendable(refreshToken))) {
    throw new AuthError('invalid_option', '`setSession` takes { accessToken, refreshToken }, each a text.')
  }
  if (!Number.isFinite(expiresAt ?? 0)) {
    throw new AuthError(
      'invalid_option',
      '`setSession` takes `expiresAt` in milliseconds, as `Date.now()` counts them.',
    )
  }
  // What went through text has lost what it was.
  if ((key || tokenType === 'dpop') && !(key?.privateKey?.type && key.publicKey?.type)) {
    throw new AuthError('invalid_option', '`setSession` takes tokens of DPoP with their whole `key`.')
  }
  if (user && !copyUser(user)) {
    throw new AuthError('invalid_option', '`setSession` takes a `user` of what JSON has, and big integers.')
  }
  return { accessToken, refreshToken, tokenType, expiresIn: null, refreshExpiresIn: null, scopes, user, key }
}

/** As told; else as the token says, but never longer than it was made for, because its server's clock may be another. */
function lifeOf({ accessToken, expiresAt }: SessionTokens, now: number): Lifespan {
  const times = timesOf(accessToken)
  const lifetime = times?.lifetime ?? null
  if (typeof expiresAt === 'number') return { expiresAt, lifetime: lifetime ?? Math.max(expiresAt - now, 0) }
  return { expiresAt: times && Math.min(times.exp, now + times.lifetime), lifetime }
}
