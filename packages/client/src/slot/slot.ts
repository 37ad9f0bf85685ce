import type { Started } from './commit-guard.ts'
import { freezeAll } from '../base/freeze-all.ts'
import { claimsOf } from '../base/jwt-claims.ts'
import { longestLifetime, type Minted } from './minted.ts'
import type { Binding, Provider, TokenSet } from '../providers/provider.ts'
import type { Lifespan } from '../base/schedule.ts'
import { copyUser, type Session, type User } from '../base/session.ts'
import type { Realm } from '../realm/realm.ts'
import type { View } from '../storage/store.ts'
import { randomHex } from '../telemetry/random.ts'

/** The stored place of one account's session, and the only place that holds a refresh token. */
export interface SlotRecord extends Started {
  /** The version that wrote it; see `mayWrite`. */
  readonly v: number
  /** Random and secret to the store: made by each sign-in. */
  readonly sessionId: string
  readonly revision: number
  /** Random ids for records and events, the same in all tabs; `session` changes with each sign-in. */
  readonly display: { readonly session: string; readonly account: string }
  readonly tokens: Lifespan &
    Binding & {
      readonly access: string
      readonly refresh: string | null
      /** Epoch milliseconds. */
      readonly receivedAt: number
      /** Epoch milliseconds; null where the server does not tell. */
      readonly refreshExpiresAt: number | null
      /** The last ID token, where the provider gave one: a hint of who signs out there. */
      readonly id: string | null
    }
  /** Of the refresh token; null where there is none. */
  readonly digest: string | null
  /** Of the refresh tokens before it, shortened, youngest first: who comes with one of them is behind, and brings no new session. */
  readonly past: readonly string[]
  /** Digest of issuer, client, scopes and subject: who it belongs to. Null until the subject is known. */
  readonly identity: string | null
  /** When the sign-in or `setSession` began that made it, epoch milliseconds. */
  readonly begun: number
  readonly scopes: readonly string[]
  readonly user: User | null
  /** Counts what was told of the user beside token answers. */
  readonly userRevision: number
}

/** The slot of an account, where it is kept. */
export interface Held {
  readonly key: string
  readonly slot: SlotRecord
}

/** The version of the slots that are written here. */
const version = 1

/**
 * A slot that a newer version has written is read as far as it is understood, and not written: what else it holds is for that
 * version to say. Only leaving it is for everybody: then a tombstone takes its place.
 */
export const mayWrite = (slot: SlotRecord): boolean => slot.v <= version

/** Where a client keeps what it stores: under its `name`, and apart from other servers and other clients of one server, whose tokens it must not present. */
export const namespaceOf = (name: string, { authority, clientId }: Pick<Provider, 'authority' | 'clientId'>): string =>
  `${name}@${encodeURIComponent(`${authority} ${clientId}`)}`

/** Keys are prefixed by kind, then by the client's namespace. */
export const slotPrefix = (name: string): string => `slot:${name}:`
export const slotKey = (name: string, account: string): string => slotPrefix(name) + account
/** The pointer to the slot that was last shown. */
export const shownKey = (name: string): string => `shown:${name}`
/** The markers of attempts under way: sign-ins by their `state`, others by the session they would make. */
export const attemptPrefix = (name: string): string => `attempt:${name}:`
/** The key of the slot that a pointer points to; null: nobody is shown. */
export const readShown = (pointer: unknown): string | null =>
  (pointer as { slot?: string | null } | undefined)?.slot ?? null

/** Moves a pointer. Fields that this version does not know stay, and so does the version that wrote them. */
export const pointTo = (view: View, at: string, slot: string | null): void =>
  view.put(at, { v: 1, ...(view.get(at) as object | undefined), slot })

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
      refresh: stringOrNull(tokens.refresh) || null,
      expiresAt: numberOrNull(tokens.expiresAt),
      lifetime: numberOrNull(tokens.lifetime),
      receivedAt: numberOrNull(tokens.receivedAt) ?? 0,
      refreshExpiresAt: numberOrNull(tokens.refreshExpiresAt),
      id: stringOrNull(tokens.id),
    },
    digest: stringOrNull(record.digest),
    past: Array.isArray(record.past) ? record.past : [],
    identity: stringOrNull(record.identity),
    begun: numberOrNull(record.begun) ?? 0,
    scopes: Array.isArray(slot.scopes) ? slot.scopes : [],
    user: typeof slot.user === 'object' ? slot.user : null,
    userRevision: numberOrNull(record.userRevision) ?? 0,
  }
}

const stringOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** The first revision of a new session, of an account of its own. */
export function firstRevision({ random, secret, clock }: Realm, minted: Minted): SlotRecord {
  return withTokens(
    {
      v: version,
      sessionId: secret(),
      revision: 0,
      display: { session: randomHex(random, 12), account: randomHex(random, 12) },
      tokens: { refresh: null, refreshExpiresAt: null, id: null },
      digest: null,
      past: [],
      identity: null,
      begun: clock.now(),
      scopes: [],
      user: null,
      userRevision: 0,
    },
    minted,
    clock.now(),
  )
}

/** So many tokens before the present one are known again: an app may bring one back that it was given an hour ago. */
const pastKept = 16

/** As much of a digest as a token is known again by. All that is stored of those that are gone: cookies go with every request. */
export const shortened = (digest: string): string => digest.slice(0, 12)

/** Past tokens by their shortened digests, youngest first; each once. */
export const pastOf = (...pasts: readonly (readonly string[])[]): readonly string[] =>
  [...new Set(pasts.flat())].slice(0, pastKept)

/** What a revision keeps of the one before, where the answer does not name it. */
type Earlier = Omit<SlotRecord, 'tokens'> & {
  readonly tokens: Pick<SlotRecord['tokens'], 'key' | 'refresh' | 'refreshExpiresAt' | 'id'>
}

/** The next revision of a session. What the answer does not name stays as it was. */
export function withTokens(slot: Earlier, tokens: Minted, now: number): SlotRecord {
  const lifetime = lifetimeOf(tokens)
  const digest = tokens.digest ?? slot.digest
  const isRotated = slot.digest !== null && digest !== slot.digest
  return {
    ...slot,
    revision: slot.revision + 1,
    tokens: {
      ...slot.tokens,
      access: tokens.accessToken,
      type: tokens.tokenType,
      key: tokens.key ?? slot.tokens.key,
      refresh: tokens.refreshToken ?? slot.tokens.refresh,
      expiresAt: lifetime === null ? null : now + lifetime,
      lifetime,
      receivedAt: now,
      refreshExpiresAt:
        tokens.refreshExpiresIn === null
          ? tokens.refreshToken === null
            ? slot.tokens.refreshExpiresAt
            : null
          : now + tokens.refreshExpiresIn * 1_000,
      id: tokens.idToken ?? slot.tokens.id,
    },
    digest,
    past: isRotated ? pastOf([shortened(slot.digest)], slot.past) : slot.past,
    identity: slot.identity ?? tokens.identity,
    scopes: tokens.scopes ?? slot.scopes,
    user: tokens.user ? joined(slot.user, tokens.user, tokens.isWholeUser) : slot.user,
  }
}

/** The same revision with what is told anew of its user. */
export function withUser(slot: SlotRecord, told: User, identity: string | null, isWhole?: boolean): SlotRecord {
  const { user, userRevision } = slot
  return {
    ...slot,
    user: joined(user, told, isWhole),
    userRevision: userRevision + 1,
    identity: slot.identity ?? identity,
  }
}

/** What is told anew goes over what was known. What is not told stays, where that may be a part. */
function joined(known: User | null, given: User, isWhole?: boolean): User | null {
  const told = copyUser(given)
  return known && !(told && isWhole) ? { ...known, ...told, claims: { ...known.claims, ...told?.claims } } : told
}

/** Milliseconds: `expires_in` from receipt, else `exp − iat` of a JWT (either ignores whose clock is wrong), else unknown. */
function lifetimeOf({ expiresIn, accessToken }: TokenSet): number | null {
  if (expiresIn !== null && expiresIn > 0) return expiresIn * 1_000
  return timesOf(accessToken)?.lifetime ?? null
}

/**
 * When a JWT expires, epoch milliseconds by its server's clock, and how many milliseconds it was made for; null for any other token
 * (RFC 7519 4.1).
 */
export function timesOf(accessToken: string): { readonly exp: number; readonly lifetime: number } | null {
  const { exp, iat } = claimsOf(accessToken) ?? {}
  const isSound = typeof exp === 'number' && typeof iat === 'number' && exp > iat
  return isSound ? { exp: exp * 1_000, lifetime: Math.min(exp - iat, longestLifetime) * 1_000 } : null
}

/** How the tokens of a session are bound. No part of it: whoever hands a session on does not hand on its key. */
const bindings = new WeakMap<Session, Binding | undefined>()
export const bindingOf = (session: Session): Binding | undefined => bindings.get(session)
/** What a provider is told of it: no token. */
export const bindingIn = ({ tokens: { type, key } }: SlotRecord): Binding => ({ type, key })

/** Freezes a session, and notes how it is bound. */
export function bind(session: Session, binding: Binding | undefined): Session {
  bindings.set(session, binding)
  return freezeAll(session)
}

/** What an app is given of a slot. */
export const toSession = (slot: SlotRecord): Session =>
  bind(
    {
      accessToken: slot.tokens.access,
      tokenType: slot.tokens.type,
      expiresAt: slot.tokens.expiresAt,
      scopes: slot.scopes,
      user: slot.user,
      account: slot.display.account,
      sessionId: slot.display.session,
      revision: slot.revision,
    },
    bindingIn(slot),
  )
