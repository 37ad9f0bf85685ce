/** Where what belongs to one token stands. Both names are opaque: neither a token nor a session can be told from them. */
export interface Place {
  /** The same for all tokens of one session, so that a cluster keeps them together (as its hash tag). */
  readonly session: string
  readonly token: string
}

/** An outcome that somebody published: sealed, readable only by holders of the token. */
export interface Kept {
  readonly sealed: Uint8Array
  /** Milliseconds since it was published, by the engine's clock. */
  readonly age: number
}

/** Asking for the right to present a token. */
export interface ClaimRequest {
  /** Random: whoever holds the right is known by it. Asking again with it prolongs the right. */
  readonly holder: string
  /** Milliseconds from now for which the right is asked. */
  readonly lease: number
  /** Sealed. What those may know who wait for this holder. */
  readonly note: Uint8Array
  /** Also a right that was left without an outcome may be taken: the token is then perhaps presented again. */
  readonly again: boolean
  /** An outcome found before that does not open: it counts as none. */
  readonly miss: Uint8Array | null
  /** Somebody waits to be given an outcome that is found: only then its time begins. */
  readonly awaited: boolean
}

export type Claimed =
  /**
   * The right is the asker's. `orphan`: somebody had it before and left no outcome, so the token was perhaps presented.
   * `takes`: how often it was taken, this time included.
   */
  | { readonly kind: 'taken'; readonly orphan: boolean; readonly takes: number }
  /** Somebody has it, for `left` more milliseconds. */
  | { readonly kind: 'held'; readonly holder: string; readonly note: Uint8Array; readonly left: number }
  /** Somebody had it and left no outcome, and the asker did not ask to present `again`. */
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'outcome'; readonly outcome: Kept }
  /** The session was ended. */
  | { readonly kind: 'ended' }

export type Stored =
  | { readonly kind: 'stored' }
  /** The session was ended: nothing was stored, and nobody is to be given what was to be. */
  | { readonly kind: 'ended' }
  /** The right had gone. `outcome`: what is published in its place; null where there is nothing. */
  | { readonly kind: 'superseded'; readonly outcome: Kept | null }

/**
 * Keeps who presents a token, and what came of it. Each method is one atomic step, with the session's tombstone read in the same
 * step. Names and values mean nothing to an engine. A method rejects where the engine cannot be reached; it never hangs.
 */
interface EnginePort {
  /** Takes the right to present, or says why not. One that rejects leaves no right taken: it is given back as soon as that can be. */
  claim(place: Place, request: ClaimRequest): Promise<Claimed>
  /**
   * Publishes a success and gives the right back. It stays for `ttl` milliseconds. Where nobody awaits it, it stays for `rememberFor`, and
   * `ttl` begins when a claim or a store that is awaited finds it. The first success stays; a failure is replaced by it. Only who has or
   * had the right may publish.
   */
  publish(
    place: Place,
    holder: string,
    sealed: Uint8Array,
    how: { readonly ttl: number; readonly awaited: boolean },
  ): Promise<Stored>
  /**
   * Publishes a failure for `ttl` milliseconds. `lost`: the token was perhaps consumed, so the right is not given back, and after `ttl`
   * it counts as abandoned. Only who has the right may.
   */
  fail(
    place: Place,
    holder: string,
    sealed: Uint8Array,
    how: { readonly ttl: number; readonly lost: boolean; readonly awaited: boolean },
  ): Promise<Stored>
  /** Until this holder has stored an outcome, lost the right, or its session was ended; at most `ms` milliseconds. May end early. */
  wait(place: Place, holder: string, ms: number): Promise<void>
  /** Plants the tombstone of a session, for `ttl` milliseconds. */
  end(session: string, ttl: number): Promise<void>
}

/** An engine inside one process. It brings the pepper, since nobody else reads what it keeps. */
export interface LocalEngine extends EnginePort {
  readonly scope: 'realm'
  readonly pepper: Uint8Array
  /** Forgets everything. Who holds a right then can store nothing any more. */
  reset(): void
  /** What it remembers: rights, outcomes and tombstones. */
  readonly size: number
}

/** An engine that processes share: on one host, or in a cluster. */
export interface SharedEngine extends EnginePort {
  readonly scope: 'host' | 'cluster'
}

export type Engine = LocalEngine | SharedEngine

/**
 * Milliseconds after its lease for which a right without an outcome is remembered: about as long as access tokens live, because only
 * while one lives is it better not to present again. As long a success waits that nobody was given: without it the session is lost.
 */
export const rememberFor = 3_600_000

/** Milliseconds for which it is remembered that a token could not be refreshed, so that the pauses grow. */
export const failuresCountFor = 60_000
