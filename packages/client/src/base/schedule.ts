/** The arithmetic of time around a token. Pure: everything in milliseconds, `now` and dates as epoch milliseconds. */

/** A token as far as time is concerned. Both null: unknown, good until a 401. */
export interface Lifespan {
  /** Epoch milliseconds on this device's clock. */
  readonly expiresAt: number | null
  /** Milliseconds from receipt to expiry. */
  readonly lifetime: number | null
}

/** How long before its death a token is no longer handed out: a tenth of its life, 10 s at most. */
export const margin = (lifetime: number): number => Math.min(lifetime / 10, 10_000)

/** How long before its death the timer renews a token nobody waits for: a fifth of its life, one minute at most. */
export const timerMargin = (lifetime: number): number => Math.min(lifetime / 5, 60_000)

/** Good enough to hand out without a refresh. */
export const isFresh = ({ expiresAt, lifetime }: Lifespan, now: number): boolean =>
  expiresAt === null || now < expiresAt - margin(lifetime ?? 0)

/** The server would still take it. */
export const isAlive = ({ expiresAt }: Pick<Lifespan, 'expiresAt'>, now: number): boolean =>
  expiresAt === null || now < expiresAt

/**
 * So new that another one would be refused as well: for a tenth of its life, one minute at most. Where a clock was set back, a token of the
 * future is not new.
 */
export const isNew = (
  { lifetime, receivedAt }: Pick<Lifespan, 'lifetime'> & { readonly receivedAt: number },
  now: number,
): boolean => Math.abs(now - receivedAt) < Math.min((lifetime ?? Infinity) / 10, 60_000)

/** Milliseconds until the timer renews it; `jitter` (0 to 1) spreads tabs over half the margin. Null: never. */
export function timerDelay({ expiresAt, lifetime }: Lifespan, now: number, jitter: number): number | null {
  if (expiresAt === null) return null
  const early = timerMargin(lifetime ?? 0)
  return Math.max(expiresAt - early + (jitter * early) / 2 - now, 0)
}

/** No pause after a failure is longer, milliseconds. */
export const longestPause = 60_000

/**
 * The pause after failure number `failures` (1, 2, …): doubling from one second to one minute with jitter (0 to 1), or what
 * the server asked for, between 1 and 60 seconds.
 */
export function backoff(failures: number, retryAfter: number | null, jitter: number): number {
  // A provider of the app's own may bring what is no number.
  if (Number.isFinite(retryAfter)) return Math.min(Math.max(retryAfter as number, 1_000), longestPause)
  const longest = Math.min(1_000 * 2 ** (failures - 1), longestPause)
  return longest / 2 + (jitter * longest) / 2
}

/** `Retry-After` (RFC 9110, 10.2.3) in milliseconds: seconds, or a date; null where it is absent or unreadable. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null
  const inSeconds = Number(header)
  if (Number.isFinite(inSeconds)) return Math.max(inSeconds, 0) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(date - now, 0)
}
