import type { Found, Started } from './commit-guard.ts'
import type { TokenSet } from './providers/provider.ts'
import type { Lifespan } from './schedule.ts'
import type { Session, SignedOutReason, User } from './session.ts'
import type { Scope, View } from './storage/store.ts'
import type { Realm } from './realm.ts'
import { randomHex } from './telemetry/random.ts'

/** The stored place of one account's session, and the only place that holds a refresh token. */
export interface SlotRecord extends Started {
  /** The version that wrote it; see `mayWrite`. */
  readonly v: number
  /** Random and secret to the store: made by each sign-in. */
  readonly sessionId: string
  readonly revision: number
  /** Random ids for records and events, the same in all tabs; `session` changes with each sign-in. */
  readonly display: { readonly session: string; readonly account: string }
  readonly tokens: Lifespan & {
    readonly access: string
    readonly type: 'bearer' | 'dpop'
    readonly refresh: string | null
    /** Epoch milliseconds; null where the server does not tell. */
    readonly refreshExpiresAt: number | null
  }
  readonly scopes: readonly string[]
  readonly user: User | null
}

/** The version of the slots that are written here. */
const version = 1

/**
 * A slot that a newer version has written is read as far as it is understood, and not written: what else it holds is for that
 * version to say. Only leaving it is for everybody: then a tombstone takes its place.
 */
export const mayWrite = (slot: SlotRecord): boolean => slot.v <= version

/** What a sign-out leaves: enough to know the session again, nothing to be it. */
interface Tombstone {
  readonly v: 1
  readonly sessionId: string
  readonly left: SignedOutReason
  /** Epoch milliseconds. */
  readonly at: number
}

/** A tombstone is forgotten after 30 days, or when 20 younger ones stand. */
const tombstoneLife = 30 * 24 * 60 * 60 * 1_000
const tombstonesKept = 20

/** Keys are prefixed by kind, then by the client's `name`. */
export const slotPrefix = (name: string): string => `slot:${name}:`
export const slotKey = (name: string, id: string): string => `slot:${name}:${id}`
export const tombstoneKey = (name: string, sessionId: string): string => `tombstone:${name}:${sessionId}`
export const tombstonePrefix = (name: string): string => `tombstone:${name}:`

/** The pointer to the slot that was last shown. */
export const shownKey = (name: string): string => `shown:${name}`
/** The markers of sign-ins under way, by their `state`. */
export const attemptPrefix = (name: string): string => `attempt:${name}:`
/** The key of the slot that a pointer points to; null: nobody is shown. */
export const readShown = (pointer: unknown): string | null =>
  (pointer as { slot?: string | null } | undefined)?.slot ?? null

/** What stands at a key, if its core is that of a slot. Fields this version does not know are kept by whoever writes it. */
export function parseSlot(value: unknown): SlotRecord | null {
  const record = value as Partial<SlotRecord> | null | undefined
  if (typeof record !== 'object' || record === null) return null
  const { v, sessionId, revision, tokens, display } = record
  const sound =
    typeof v === 'number' &&
    typeof sessionId === 'string' &&
    typeof revision === 'number' &&
    typeof tokens?.access === 'string' &&
    typeof display?.session === 'string' &&
    typeof display.account === 'string'
  if (!sound) return null
  const slot = record as SlotRecord
  // What was written half, or by another hand, must not become an address or a date.
  return {
    ...slot,
    tokens: {
      ...slot.tokens,
      refresh: typeof tokens.refresh === 'string' && tokens.refresh !== '' ? tokens.refresh : null,
      expiresAt: numberOrNull(tokens.expiresAt),
      lifetime: numberOrNull(tokens.lifetime),
      refreshExpiresAt: numberOrNull(tokens.refreshExpiresAt),
    },
    scopes: Array.isArray(slot.scopes) ? slot.scopes : [],
    user: typeof slot.user === 'object' ? slot.user : null,
  }
}

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** What a writer to a slot reads and writes: the slot, the claim on its token, and the tombstones. */
export const guardScope = (key: string, name: string, slot: SlotRecord, claimAt: string): Scope => ({
  keys: [key, claimAt, tombstoneKey(name, slot.sessionId)],
  prefixes: [tombstonePrefix(name)],
})

/** What the guard looks at: the slot, and what became of the session that the writer began with. */
export function find(view: View, key: string, name: string, sessionId: string): Found {
  const slot = parseSlot(view.get(key))
  const tombstone = view.get(tombstoneKey(name, sessionId)) as Tombstone | null | undefined
  const left = tombstone?.left ?? null
  return slot ? { kind: 'session', sessionId: slot.sessionId, revision: slot.revision, left } : { kind: 'empty', left }
}

/** What another party's tombstone means here. A slot that is gone without one was cleared by somebody. */
export const asForeign = (left: SignedOutReason | null): SignedOutReason =>
  left === null ? 'storage_cleared' : left === 'user' ? 'other_tab' : left

/** Takes a session out of its slot and leaves a tombstone. The scope needs the tombstones' prefix. */
export function bury(
  view: View,
  key: string,
  name: string,
  slot: SlotRecord,
  left: SignedOutReason,
  now: number,
): void {
  view.delete(key)
  const standing = view
    .list(tombstonePrefix(name))
    .map(([at, value]) => ({ key: at, at: (value as Tombstone | null)?.at ?? 0 }))
    .toSorted((a, b) => b.at - a.at)
  standing.forEach((tombstone, age) => {
    if (age >= tombstonesKept - 1 || now - tombstone.at > tombstoneLife) view.delete(tombstone.key)
  })
  view.put(tombstoneKey(name, slot.sessionId), { v: 1, sessionId: slot.sessionId, left, at: now } satisfies Tombstone)
}

/** The first revision of a new session. */
export function firstRevision({ random, secret, clock }: Realm, tokens: TokenSet, account: string | null): SlotRecord {
  return withTokens(
    {
      v: version,
      sessionId: secret(),
      revision: 0,
      display: { session: randomHex(random, 12), account: account ?? randomHex(random, 12) },
      tokens: { access: '', type: 'bearer', refresh: null, expiresAt: null, lifetime: null, refreshExpiresAt: null },
      scopes: [],
      user: null,
    },
    tokens,
    clock.now(),
  )
}

/** The next revision of a session. What the answer does not name stays as it was. */
export function withTokens(slot: SlotRecord, tokens: TokenSet, now: number): SlotRecord {
  const lifetime = lifetimeOf(tokens)
  return {
    ...slot,
    revision: slot.revision + 1,
    tokens: {
      ...slot.tokens,
      access: tokens.accessToken,
      type: tokens.tokenType,
      refresh: tokens.refreshToken ?? slot.tokens.refresh,
      expiresAt: lifetime === null ? null : now + lifetime,
      lifetime,
      refreshExpiresAt:
        tokens.refreshExpiresIn === null
          ? tokens.refreshToken === null
            ? slot.tokens.refreshExpiresAt
            : null
          : now + tokens.refreshExpiresIn * 1_000,
    },
    scopes: tokens.scopes ?? slot.scopes,
    user: tokens.user ?? slot.user,
  }
}

/** One hundred years, milliseconds: what a server calls longer stays a number that a date and JSON can hold. */
const longestLifetime = 100 * 365 * 24 * 60 * 60 * 1_000

/** Milliseconds: `expires_in` from receipt, else `exp − iat` of a JWT (either ignores whose clock is wrong), else unknown. */
function lifetimeOf({ expiresIn, accessToken }: TokenSet): number | null {
  if (expiresIn !== null && expiresIn > 0) return Math.min(expiresIn * 1_000, longestLifetime)
  const payload = accessToken.split('.')[1]
  if (payload === undefined) return null
  try {
    const { exp, iat } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      exp?: unknown
      iat?: unknown
    }
    return typeof exp === 'number' && typeof iat === 'number' && exp > iat
      ? Math.min((exp - iat) * 1_000, longestLifetime)
      : null
  } catch {
    return null
  }
}

/** Down to its leaves: what an app changes in what it is given must not change what is stored. */
function freezeAll<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(Object.freeze(value)).forEach(freezeAll)
  return value
}

/** What an app is given of a slot. */
export function toSession(slot: SlotRecord): Session {
  return Object.freeze({
    accessToken: slot.tokens.access,
    tokenType: slot.tokens.type,
    expiresAt: slot.tokens.expiresAt,
    scopes: freezeAll(slot.scopes),
    user: freezeAll(slot.user),
    account: slot.display.account,
    sessionId: slot.display.session,
    revision: slot.revision,
  })
}
