import { mayPresentAgain } from '../providers/answers.ts'
import type { ClaimWatch } from './claim-watch.ts'
import { type Departure, rule } from '../slot/commit-guard.ts'
import type { Parts } from '../slot/parts.ts'
import type { Realm } from '../realm/realm.ts'
import { isAlive } from '../base/schedule.ts'
import { isHere, othersOf, renewedElsewhere } from '../slot/handed-over.ts'
import { flightKey } from '../slot/minted.ts'
import { isLeft } from '../slot/owed.ts'
import { mayWrite, parseSlot, type SlotRecord } from '../slot/slot.ts'
import { find, guardScope } from '../slot/tombstone.ts'
import type { View } from '../storage/store.ts'
import type { ContentionKind } from '../telemetry/attributes.ts'
import { openContention } from '../telemetry/contention.ts'
import type { Operation } from '../telemetry/operation.ts'

/**
 * The stored, crash-safe note "this token is being presented", made before the request leaves. It says who presents and
 * how far they came, never the token: its key is a digest.
 */
export interface Claim {
  readonly v: 1
  /** Random: whoever made the claim knows it again by this. */
  readonly id: string
  /** Epoch milliseconds. Only to forget what nobody will ever ask about again. */
  readonly made: number
  /** Display id of the flight, for records. */
  readonly flight: string
  /** The flight's span, so that who waits can link to it. */
  readonly link: { readonly traceId: string; readonly id: string }
  /** The presenter has itself noted that its answer is not to be had. */
  readonly lost: boolean
  /** The token was presented before, and nobody knows what came of that: true of it even where this presenter sends nothing. */
  readonly again?: boolean
  /** Milliseconds after which the presenter has certainly stopped: its request limit. */
  readonly limit: number
  /** Its presenter holds a lock of the claim's id, taken before the claim was written and let go after the outcome was. */
  readonly locked: boolean
  /** Padding as long as the tokens: where there is no room for new ones, the old one is not presented. */
  readonly room: string
}

export const claimPrefix = 'claim:'

export const claimKey = async ({ digest }: Pick<Realm, 'digest'>, flight: string): Promise<string> =>
  claimPrefix + (await digest(flight))

/** Where the claim on a slot's token stands, if it stands. */
export const claimOf = ({ realm, provider }: Pick<Parts, 'realm' | 'provider'>, slot: SlotRecord): Promise<string> =>
  claimKey(realm, flightKey(provider, slot.tokens.refresh ?? ''))

/** What stands at a key. A claim of a form that this version does not know is one all the same, and waited for. */
export function readClaim(view: View, key: string): Claim | null {
  const claim = view.get(key) as Partial<Claim> | null | undefined
  if (claim === undefined || claim === null) return null
  const isKnown = typeof claim.id === 'string' && typeof claim.limit === 'number' && typeof claim.link?.id === 'string'
  return isKnown ? (claim as Claim) : unknownClaim
}

const unknownClaim: Claim = {
  v: 1,
  id: '?',
  made: 0,
  flight: '?',
  link: { traceId: '0'.repeat(32), id: '0'.repeat(16) },
  lost: false,
  limit: 60_000,
  locked: false,
  room: '',
}

/** A claim that its session has outlived, because its answer was lost or its tab was gone, is forgotten after 30 days. */
const claimLife = 30 * 24 * 60 * 60 * 1_000

/**
 * Forgets old claims on tokens that nobody holds any more. One on a token that is held stays however old it looks: a clock that was
 * set forward must not let a token be presented twice. The scope needs the prefixes of claims, slots and attempts.
 */
export function forgetClaims(view: View, now: number): void {
  const holders = [...view.list('slot:'), ...view.list('attempt:')]
  const held = new Set(holders.map(([, record]) => claimPrefix + (parseSlot(record)?.digest ?? '')))
  for (const [key, claim] of view.list(claimPrefix)) {
    const made = (claim as Partial<Claim> | null)?.made
    if (made !== undefined && now - made > claimLife && !held.has(key)) view.delete(key)
  }
}

/** Whether somebody presents the token of a slot, and may still hear of it. The scope needs the claims' prefix. */
export function isBeingPresented(view: View, slot: SlotRecord | null): boolean {
  const claim = slot && readClaim(view, claimPrefix + slot.digest)
  return claim !== null && !claim.lost
}

/** Takes a claim away if it is still the one of this id; another party's stays. */
export function releaseClaim(view: View, key: string, id: string): void {
  if (readClaim(view, key)?.id === id) view.delete(key)
}

/** Takes back a claim that has come to nothing. Where its token may be spent, under it or under one before, that stays noted. */
export function withdrawClaim(view: View, key: string, id: string, maySpend = false): void {
  const claim = readClaim(view, key)
  if (claim?.id === id && (maySpend || claim.again)) view.put(key, { ...claim, lost: true } satisfies Claim)
  else releaseClaim(view, key, id)
}

/** What asking for the right to present a token came to. */
export type Taken =
  /** `orphan`: the claim of a presenter that is gone without a stored outcome, where there was one. */
  | { readonly kind: 'taken'; readonly orphan: Claim | null }
  | { readonly kind: 'adopt'; readonly slot: SlotRecord }
  | ({ readonly kind: 'discard' } & Departure)
  /** It was presented before, its outcome is unknown, and presenting it again could end a session that is still of use. */
  | { readonly kind: 'unknown' }
  /** Whoever has presented it is there, past all time that it may take: it owes the store what came of it. */
  | { readonly kind: 'owed' }
  /** A newer version of this client has written the slot since: what the server answers could not be stored here. */
  | { readonly kind: 'newer' }

/** What a wait for a claim came to. */
const resolutions = {
  taken: 'acquired',
  adopt: 'adopted',
  discard: 'signed_out',
  unknown: 'gave_up',
  owed: 'gave_up',
  newer: 'gave_up',
} as const

/**
 * Takes the right to present a slot's token, waiting while another party holds it. One transaction looks and writes, so two
 * tabs never both take it.
 *
 * ```
 *  tab A   take ──── present ──── commit, release ─ notice
 *  tab B      held: wait ························· look again: the revision moved on, adopt
 * ```
 */
export async function takeClaim(
  { store, place, name, provider, clock, tabs, telemetry, patience }: Parts,
  watch: ClaimWatch,
  flight: Operation,
  wanted: {
    readonly key: string
    readonly slot: SlotRecord
    readonly at: string
    readonly claim: Claim
    readonly refused: object | null
  },
): Promise<Taken> {
  const { key, slot, at, claim } = wanted
  const contend = (kind: ContentionKind, holder?: Claim): ReturnType<typeof openContention> =>
    openContention(telemetry, kind, store.atomic, flight, holder && [holder.link])
  const where = { place, name }
  let isNews = false
  const put = (view: View, latest: SlotRecord): void => {
    view.put(key, latest)
    isNews = true
  }

  function look(view: View) {
    isNews = false
    const ruling = rule(slot, find(view, key, name, slot.sessionId))
    if (ruling.kind !== 'commit' || !mayWrite(ruling.slot)) {
      // Who has presented it before, and comes again, holds it still.
      withdrawClaim(view, at, claim.id)
      return ruling.kind === 'commit' ? ({ kind: 'newer' } as const) : ruling
    }
    // What this page owes the store of it comes with what is written here: who brings this very token from now on finds whose it is.
    const { revision, identity, user, userRevision } = ruling.slot
    const latest = { ...ruling.slot, ...slot, ...(userRevision > slot.userRevision && { user, userRevision }) }
    const wasLeft = isLeft(place, slot)
    const renewed = wasLeft ? null : renewedElsewhere(view, where, { key, slot: latest })
    if (renewed) {
      withdrawClaim(view, at, claim.id)
      put(view, renewed)
      return { kind: 'adopt', slot: renewed } as const
    }
    if (isHere(view, where, { key, slot })) {
      withdrawClaim(view, at, claim.id)
      return { kind: 'discard', reason: 'replaced', left: null } as const
    }
    const standing = readClaim(view, at)
    const foreign = standing !== null && standing.id !== claim.id ? standing : null
    if (foreign && !watch.isAbandoned(foreign))
      return watch.isEndless(foreign, patience) ? ({ kind: 'owed' } as const) : ({ kind: 'held', by: foreign } as const)
    // Presented by somebody, outcome unknown: again only where that is safe, or where nothing is left to lose.
    if (foreign && !mayPresentAgain(provider.reuse) && !wanted.refused && isAlive(slot.tokens, clock.now()))
      return { kind: 'unknown' } as const
    if (revision < slot.revision && identity === slot.identity && !wasLeft) put(view, latest)
    view.put(at, { ...claim, again: foreign !== null || standing?.again === true } satisfies Claim)
    return { kind: 'taken', orphan: foreign } as const
  }

  const guard = guardScope(key, name, slot, at)
  const scope = { ...guard, prefixes: [...guard.prefixes, othersOf(where, key)] }
  let waiting: ReturnType<typeof contend> | null = null
  let waitedFor: Claim | null = null
  for (;;) {
    // Asked for before the look, so that what changes after the look wakes this wait.
    const notice = tabs.next()
    const seen = await store.transact(scope, look, waiting ? undefined : flight).catch((error: unknown) => {
      waiting?.('gave_up')
      throw error
    })
    if (isNews) tabs.announce(flight)
    if (waitedFor && (seen.kind !== 'held' || seen.by.id !== waitedFor.id)) watch.forget(waitedFor)
    if (seen.kind === 'held') {
      waiting ??= contend('claim_wait', seen.by)
      waitedFor = seen.by
      await watch.pause(seen.by, notice)
      continue
    }
    const contention = waiting ?? (seen.kind === 'adopt' ? contend('rotated_elsewhere') : null)
    contention?.(resolutions[seen.kind])
    if (seen.kind === 'taken') {
      if (seen.orphan) contend('claim_orphaned', seen.orphan)('retried')
      telemetry.point('authflight.record.claim', {
        'authflight.claim.state': 'made',
        'authflight.flight.id': claim.flight,
      })
    }
    return seen
  }
}
