import type { RecordLink, TokenSet } from '@authflight/client'
import { mayPresentAgain } from '@authflight/client/presentation'
import type { ContentionKind, ContentionResolution, Operation } from '@authflight/client/telemetry'
import type { Claimed, Kept } from './engine.ts'
import type { Takeoff } from './flight.ts'
import type { Locker } from './keyring.ts'
import { aged, failure, type Letter, type Outcome, readLetter } from './outcome.ts'
import { leaseOf, type Parts } from './parts.ts'

/** How a flight came by its outcome: by presenting, by waiting for who presents, or long after that one had done. */
export type Via = 'presented' | 'waited' | 'late'

export interface Landed {
  readonly outcome: Outcome
  readonly via: Via
  /** New tokens of which the engine does not know: it has forgotten the old one meanwhile, and only who waits here is given them. */
  readonly forgotten?: TokenSet
}

/** What asking for the right to present came to. */
export type Right =
  /** `until`: monotonic, when its lease ends. `takes`: how often it was taken, this time included. `isAlone`: no engine knows of it. */
  | {
      readonly kind: 'granted'
      readonly orphan: boolean
      readonly takes: number
      readonly until: number
      readonly isAlone: boolean
    }
  | ({ readonly kind: 'landed' } & Landed)

/** What the holders of a token may know while one of them presents it. */
interface Note {
  readonly link: RecordLink
}

/**
 * Asks for the right to present a token, waiting while another party has it.
 *
 * ```
 *  process A   claim: taken ──── present ──── publish ─ wakes
 *  process B       claim: held, wait ·················· claim again: the outcome
 *  process C                                     claim: the outcome (late, within its time)
 * ```
 */
export async function takeRight(
  { engine, telemetry, realm: { clock }, profile, requestLimit }: Parts,
  { place, seal, open }: Locker,
  flight: Operation,
  asked: Pick<Takeoff, 'nothingToLose' | 'isAwaited'> & {
    readonly holder: string
    /** It was an orphan already when this holder took it before. */
    readonly isOrphan: boolean
  },
): Promise<Right> {
  const lease = leaseOf({ requestLimit })
  // Where nobody waits for it, a session would be staked for nobody.
  const mayAgain = (): boolean => mayPresentAgain(profile) || (asked.nothingToLose && asked.isAwaited())
  const note = await seal(JSON.stringify({ link: flight.link } satisfies Note))
  const giveUpAt = clock.monotonic() + 2 * lease
  const contend = (kind: ContentionKind, holder: RecordLink | null): Operation =>
    telemetry.open('authflight.contention', {
      parent: flight,
      links: holder ? [holder] : [],
      attributes: { 'authflight.contention.kind': kind, 'authflight.contention.scope': engine.scope },
    })

  let { isOrphan } = asked
  let waiting: Operation | null = null
  let miss: Uint8Array | null = null
  const resolve = (resolution: ContentionResolution): void =>
    waiting?.end({ 'authflight.contention.resolution': resolution })

  async function adopt(outcome: Kept): Promise<Right | null> {
    const letter = await openLetter(open, outcome)
    if (!letter) return null
    const via = waiting ? 'waited' : 'late'
    waiting ??= contend('rotated_elsewhere', letter.link)
    resolve('adopted')
    return { kind: 'landed', outcome: letter.outcome, via }
  }

  for (;;) {
    const askedAt = clock.monotonic()
    const again = mayAgain()
    let claimed: Claimed
    try {
      claimed = await engine.claim(place, {
        holder: asked.holder,
        lease,
        note,
        again,
        miss,
        awaited: asked.isAwaited(),
      })
    } catch {
      resolve('gave_up')
      if (!mayPresentAgain(profile)) return { kind: 'landed', outcome: engineAway(), via: 'waited' }
      return { kind: 'granted', orphan: isOrphan, takes: 1, until: askedAt + lease, isAlone: true }
    }
    switch (claimed.kind) {
      case 'taken':
        isOrphan ||= claimed.orphan
        if (!isOrphan || mayAgain()) {
          resolve('acquired')
          if (isOrphan && !asked.isOrphan) {
            contend('claim_orphaned', null).end({ 'authflight.contention.resolution': 'retried' })
          }
          return { kind: 'granted', orphan: isOrphan, takes: claimed.takes, until: askedAt + lease, isAlone: false }
        }
        // All have gone while it was asked for: it is left as it was found. A note is no outcome to whoever finds it there.
        await engine.fail(place, asked.holder, note, { ttl: 1, lost: true, awaited: false }).catch(() => {})
        if (mayAgain()) continue
        break
      case 'outcome': {
        const adopted = await adopt(claimed.outcome)
        if (adopted) return adopted
        miss = claimed.outcome.sealed
        continue
      }
      case 'ended':
        resolve('signed_out')
        return { kind: 'landed', outcome: { kind: 'discarded' }, via: 'waited' }
      case 'abandoned':
        // Somebody has come while it was asked.
        if (!again && mayAgain()) continue
        break
      case 'held': {
        waiting ??= contend('claim_wait', readNote(await open(claimed.note)))
        if (clock.monotonic() >= giveUpAt) {
          resolve('gave_up')
          return { kind: 'landed', outcome: stillHeld(), via: 'waited' }
        }
        // An engine that cannot be waited with is asked again, and says so itself.
        await engine.wait(place, claimed.holder, claimed.left).catch(() => {})
        continue
      }
    }
    resolve('gave_up')
    return { kind: 'landed', outcome: unknownOutcome(), via: 'waited' }
  }
}

/** Null: a miss. So is an access token that has died meanwhile where the server kept the refresh token: presenting it brings a living one. */
export async function openLetter(open: Locker['open'], { sealed, age }: Kept): Promise<Letter | null> {
  const letter = readLetter(await open(sealed))
  if (!letter) return null
  const outcome = aged(letter.outcome, age)
  return outcome.kind === 'renewed' && outcome.tokens.expiresIn === 0 ? null : { ...letter, outcome }
}

const readNote = (text: string | null): RecordLink | null => (text === null ? null : (JSON.parse(text) as Note).link)

const engineAway = () =>
  failure(
    'storage_error',
    'storage_error',
    'The store that server processes share cannot be reached, and presenting the token without it could end the session. Answer 503 and let the caller try again.',
    1_000,
    503,
  )

const unknownOutcome = () =>
  failure(
    'refresh_unknown_outcome',
    '_OTHER',
    'An earlier refresh of this session got no answer, and asking again could end the session. Use the access token as long as it lives.',
    1_000,
  )

const stillHeld = () =>
  failure('timeout', 'timeout', 'Other holders of this token kept presenting it and none left an outcome.', 1_000)
