import { type Realm, systemRealm } from '@authflight/client/realm'
import {
  type Claimed,
  type ClaimRequest,
  failuresCountFor,
  type Kept,
  type LocalEngine,
  type Place,
  rememberFor,
  type Stored,
} from './engine.ts'

/** What is known of one token. Times are monotonic milliseconds. */
interface Standing {
  readonly session: string
  /** Who has, or has left, the right to present. */
  claim: { readonly holder: string; readonly note: Uint8Array; readonly until: number; readonly lost: boolean } | null
  /** Everybody who ever took the right. */
  readonly holders: Set<string>
  takes: number
  outcome: {
    readonly sealed: Uint8Array
    readonly success: boolean
    readonly at: number
    readonly until: number
    /** How long it stays at most once somebody awaited has found it. */
    readonly ttl: number
  } | null
  readonly waiting: Set<() => void>
  forget: () => void
}

/**
 * An engine in this process's memory: the default. Coordinators that are given the same object coordinate with each other. Its timers
 * keep no process alive.
 */
export function memoryEngine({ clock }: Pick<Realm, 'clock'> = systemRealm): LocalEngine {
  const standings = new Map<string, Standing>()
  /** Sessions that were ended, and the way to forget each. */
  const tombstones = new Map<string, () => void>()

  const keyOf = ({ session, token }: Place): string => `${session} ${token}`

  function change(key: string, standing: Standing): void {
    standing.forget()
    const { claim, outcome } = standing
    const remembered = Math.max(
      claim ? claim.until + rememberFor : 0,
      outcome ? outcome.until + (outcome.success ? 0 : failuresCountFor) : 0,
    )
    standing.forget = clock.after(remembered - clock.monotonic(), () => standings.delete(key), 'background')
    wake(standing)
  }

  function wake({ waiting }: Standing): void {
    for (const go of waiting) go()
  }

  function read({ outcome }: Standing): Kept | null {
    const now = clock.monotonic()
    return outcome && now < outcome.until ? { sealed: outcome.sealed, age: now - outcome.at } : null
  }

  /** The outcome that `read` has found. Its time begins where somebody waits to be given it. */
  function give(key: string, standing: Standing, kept: Kept, awaited: boolean): Kept {
    const until = clock.monotonic() + (standing.outcome?.ttl ?? 0)
    if (awaited && standing.outcome && until < standing.outcome.until) {
      standing.outcome = { ...standing.outcome, until }
      change(key, standing)
    }
    return kept
  }

  function claim(place: Place, { holder, lease, note, again, miss, awaited }: ClaimRequest): Claimed {
    if (tombstones.has(place.session)) return { kind: 'ended' }
    const key = keyOf(place)
    const now = clock.monotonic()
    const standing = standings.get(key)
    const outcome = standing && read(standing)
    if (outcome && outcome.sealed !== miss) return { kind: 'outcome', outcome: give(key, standing, outcome, awaited) }
    const other = standing?.claim && standing.claim.holder !== holder ? standing.claim : null
    if (other && !other.lost && now < other.until) {
      return { kind: 'held', holder: other.holder, note: other.note, left: other.until - now }
    }
    if (other && !again) return { kind: 'abandoned' }
    const taken = standing ?? create(place.session)
    standings.set(key, taken)
    taken.claim = { holder, note, until: now + lease, lost: false }
    taken.outcome = null
    taken.takes += taken.holders.has(holder) ? 0 : 1
    taken.holders.add(holder)
    change(key, taken)
    return { kind: 'taken', orphan: other !== null, takes: taken.takes }
  }

  function store(
    place: Place,
    awaited: boolean,
    may: (standing: Standing) => boolean,
    put: (standing: Standing) => void,
  ): Stored {
    const key = keyOf(place)
    const standing = standings.get(key)
    if (tombstones.has(place.session)) return { kind: 'ended' }
    if (!standing || !may(standing)) {
      const kept = standing && read(standing)
      return { kind: 'superseded', outcome: kept ? give(key, standing, kept, awaited) : null }
    }
    put(standing)
    change(key, standing)
    return { kind: 'stored' }
  }

  function wait(place: Place, holder: string, ms: number): Promise<void> {
    const standing = standings.get(keyOf(place))
    const isHeld = standing?.claim?.holder === holder && !standing.claim.lost && !tombstones.has(place.session)
    if (!isHeld) return Promise.resolve()
    return new Promise((resolve) => {
      const go = (): void => {
        cancel()
        standing.waiting.delete(go)
        resolve()
      }
      const cancel = clock.after(ms, go)
      standing.waiting.add(go)
    })
  }

  function end(session: string, ttl: number): void {
    tombstones.get(session)?.()
    tombstones.set(
      session,
      clock.after(ttl, () => tombstones.delete(session), 'background'),
    )
    for (const [key, standing] of standings) {
      if (standing.session !== session) continue
      standing.forget()
      standings.delete(key)
      wake(standing)
    }
  }

  function reset(): void {
    for (const standing of standings.values()) {
      standing.forget()
      wake(standing)
    }
    for (const forget of tombstones.values()) forget()
    standings.clear()
    tombstones.clear()
  }

  const pepper = crypto.getRandomValues(new Uint8Array(32))
  const engine = {
    scope: 'realm' as const,
    // Neither of these shows it: a log that names the engine must not. It is still there for who wraps an engine in another object.
    get pepper() {
      return pepper
    },
    toJSON: () => ({ scope: 'realm' }),
    get size() {
      return standings.size + tombstones.size
    },
    reset,
    claim: async (place, request) => claim(place, request),
    publish: async (place, holder, sealed, { ttl, awaited }) =>
      store(
        place,
        awaited,
        (standing) => standing.holders.has(holder) && !(standing.outcome?.success && read(standing)),
        (standing) => {
          const at = clock.monotonic()
          standing.claim = null
          standing.outcome = { sealed, success: true, at, until: at + (awaited ? ttl : rememberFor), ttl }
        },
      ),
    fail: async (place, holder, sealed, { ttl, lost, awaited }) =>
      store(
        place,
        awaited,
        ({ claim: held }) => held?.holder === holder,
        (standing) => {
          const at = clock.monotonic()
          standing.claim = lost && standing.claim ? { ...standing.claim, lost } : null
          standing.outcome = { sealed, success: false, at, until: at + ttl, ttl }
        },
      ),
    wait,
    end: async (session, ttl) => end(session, ttl),
  } satisfies LocalEngine & { readonly toJSON: () => unknown }
  return engine
}

const create = (session: string): Standing => ({
  session,
  claim: null,
  holders: new Set(),
  takes: 0,
  outcome: null,
  waiting: new Set(),
  forget: () => {},
})
